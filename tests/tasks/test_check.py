import hashlib
from pathlib import Path

from campaign.brand_kit import read_kit
from campaign.brief import Brief, Language
from campaign.frames import Aspect
from campaign.store import Artefact
from tasks.check import final_material
from tasks.spot import Spot

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
