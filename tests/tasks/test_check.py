import hashlib
from dataclasses import replace
from pathlib import Path

from campaign.brand_kit import read_kit
from campaign.brief import Brief, Language
from campaign.frames import Aspect
from campaign.ladder import Rung, Step
from campaign.store import Artefact
from tasks.check import check, final_material
from tasks.setup import Setup
from tasks.spot import Chunk, Spot
from tasks.workshop import Workshop

ROOT = Path(__file__).parents[2]


def rendition(folder: Path, name: str) -> Artefact:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "video.mp4").write_text(name, encoding="utf-8")
    seen = {"visible": [0.0, 2.0], "visible_problem": "", "ink_height": 0.07, "aigc": []}
    seen |= {"c2pa": None, "c2pa_problems": [], "c2pa_source": ""}
    facts = {"captions": [], "seen": seen, "sha256": hashlib.sha256(name.encode()).hexdigest()}
    return Artefact(kind="rendition", key=name, folder=folder / name, facts=facts)


def test_the_order_in_which_renditions_were_finished_is_not_part_of_what_is_judged(tmp_path: Path) -> None:
    brief = Brief(
        id="tea", row=2, copy="春茶", brand="qinghe_tea", language=Language.ZH, seed=1, aspects=tuple(Aspect)
    )
    made = {aspect: rendition(tmp_path, aspect.name) for aspect in Aspect}
    kit = read_kit(ROOT / "brand_kits" / "qinghe_tea")
    first, second = (
        Spot(brief=brief, variant=1, kit=kit, size=360, fps=24, renditions=dict(order))
        for order in (made.items(), reversed(made.items()))
    )
    assert final_material(first) == final_material(second)
    named = [f"the {aspect} video" for aspect in Aspect]
    assert [video.where for video in final_material(first).videos] == named
    assert [labels.where for labels in final_material(first).labels] == named


def test_a_draft_in_one_aspect_is_left_alone_where_a_store_is_shared(tmp_path: Path) -> None:
    ladder = tuple(Step(rung=rung, backends=("animatic",)) for rung in (Rung.DRAFT, Rung.FINAL))
    brief = Brief(
        id="tea",
        row=2,
        copy="春茶",
        brand="qinghe_tea",
        language=Language.ZH,
        seed=1,
        aspects=(Aspect.TALL, Aspect.WIDE),
        ladder=ladder,
    )
    kit = read_kit(ROOT / "brand_kits" / "qinghe_tea")
    draft = Spot(brief=brief, variant=1, kit=kit, size=360, fps=24).on(Rung.DRAFT)
    draft = replace(draft, renditions={Aspect.TALL: rendition(tmp_path, "draft")})
    setup = Setup(
        store=tmp_path / "one",
        store_url=f"file://{tmp_path / 'mounted'}",
        ledger=f"sqlite:///{tmp_path / 'ledger.db'}",
        out=tmp_path / "out",
        kit_folders=(),
        workers=1,
        chunk=1,
    )
    workshop = Workshop(setup, "tea", "starter")
    assert check.fn(Chunk(1, (draft,)), workshop).spots == (draft,)
    workshop.close()
