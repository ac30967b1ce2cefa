import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

import tasks.plan
from campaign.events import Event, Planned, SpotDone, listening
from campaign.plan import Plan
from campaign.report import RowState
from tasks.expand import expand_spot
from tasks.plan import plan
from tasks.read import read, spots_of
from tasks.screen import screen_spot
from tasks.setup import Setup
from tasks.workshop import Workshop

KITS = Path(__file__).parent.parent.parent / "brand_kits"
SHEET = """\
编号,文案,产品,品牌,语言,变体,时长,画幅,标题
leaf,山里的晨雾，是春天的第一口。慢下来，喝一杯。,春茶,qinghe_tea,中文,3,12,"9:16，1:1",
cup,Slow mornings start with a warm cup.,Morning mug,harbor_ceramics,en,2,,16:9,Slow mornings
law,国家级工艺，最佳的春茶。,春茶,qinghe_tea,中文,1,8,9:16,
long,这一句话只有几秒。,春茶,qinghe_tea,中文,1,9 小时,9:16,
brand,山里的晨雾。,春茶,qinghe_te,中文,1,6,9:16,
"""

MakeSetup = Callable[[int], Setup]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "tea.csv"
    path.write_text(SHEET, encoding="utf-8")
    return path


@pytest.fixture
def setup(tmp_path: Path) -> MakeSetup:
    def build(workers: int) -> Setup:
        return Setup(
            store=tmp_path / "store",
            ledger=f"sqlite:///{tmp_path / 'ledger.db'}",
            out=tmp_path / "out",
            kit_folders=(KITS,),
            workers=workers,
            chunk=12,
        )

    return build


def states(foreseen: Plan) -> dict[str, RowState]:
    return {row.id: row.state for row in foreseen.rows}


def test_refused_and_bad_rows_are_foreseen_beside_the_good_ones(sheet: Path, setup: MakeSetup) -> None:
    foreseen = plan(sheet, setup(1))
    assert states(foreseen) == {
        "leaf": RowState.DONE,
        "cup": RowState.DONE,
        "law": RowState.REFUSED,
        "long": RowState.PROBLEM,
        "brand": RowState.PROBLEM,
    }
    spots = {row.id: row.spots for row in foreseen.rows}
    assert [spot.spot_id for spot in spots["leaf"]] == ["leaf-1", "leaf-2", "leaf-3"]
    assert [finding.text for finding in spots["law"][0].findings][:1] == ["国家级"]
    assert spots["law"][0].new == {}
    assert spots["brand"] == []
    assert "qinghe_tea" in " ".join(foreseen.rows[4].problems)
    assert foreseen.totals["renditions"] == 3 * 2 + 2
    assert foreseen.totals["new"]["storyboard"] == 5
    assert foreseen.totals["new"]["verdict"] == 10


def test_copy_that_no_voice_can_say_in_time_is_out_and_copy_that_may_not_fit_is_told(
    tmp_path: Path, setup: MakeSetup
) -> None:
    sheet, words = tmp_path / "mug.csv", "Slow mornings start with a warm cup and a good book."
    rows = "".join(f"s{seconds},{words},harbor_ceramics,en,{seconds},none\n" for seconds in (4, 6, 12))
    sheet.write_text(f"id,copy,brand,language,duration,music\n{rows}", encoding="utf-8")
    foreseen = plan(sheet, setup(1))
    assert states(foreseen) == {"s4": RowState.FAILED, "s6": RowState.DONE, "s12": RowState.DONE}
    never, tight, easy = foreseen.spots
    assert re.search(
        r"copy takes 7\.\d s to show and speak, but the duration is 4 s\..* ask for 8 s", never.reason
    )
    assert never.new == {}
    assert [words[:27] for words in tight.advice] == ["The copy takes about 7.3 s "]
    assert not easy.advice


def test_a_plan_makes_nothing(sheet: Path, setup: MakeSetup) -> None:
    plan(sheet, setup(1))
    assert {path.name for path in sheet.parent.iterdir()} <= {"tea.csv", "ledger.db"}


def test_several_processes_foresee_what_one_does(
    sheet: Path, setup: MakeSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = plan(sheet, setup(1))
    monkeypatch.setattr(tasks.plan, "ALONE", 0)
    monkeypatch.setattr(tasks.plan, "SHARED", 2)
    assert {**asdict(plan(sheet, setup(2))), "workers": 1} == asdict(alone)


def test_what_was_expanded_and_screened_is_found_again(sheet: Path, setup: MakeSetup) -> None:
    fresh = plan(sheet, setup(1))
    campaign = read(sheet, (KITS,))
    workshop = Workshop(setup(1), campaign.name, campaign.settings.policy)
    for spot in spots_of(campaign, (KITS,))[0]:
        screen_spot(expand_spot(spot, workshop), workshop)
    workshop.close()
    again = plan(sheet, setup(1))
    assert again.totals["reused"] == {"storyboard": 5, "verdict": 10}
    assert {"storyboard", "verdict"}.isdisjoint(again.totals["new"])
    assert again.totals["seconds"] == fresh.totals["seconds"]
    found = {spot.spot_id: spot.findings for spot in again.spots}
    assert found == {spot.spot_id: spot.findings for spot in fresh.spots}


def test_what_a_backend_refuses_is_refused_by_the_plan(tmp_path: Path, setup: MakeSetup) -> None:
    sheet = tmp_path / "tea.csv"
    sheet.write_text(
        "编号,文案,品牌,画幅,阶段,后端,精修\n"
        'draft,山里的晨雾。,qinghe_tea,9:16,"draft, final",animatic,0.6\n'
        "shape,山里的晨雾。,qinghe_tea,4:5,,runway,\n",
        encoding="utf-8",
    )
    reasons = {row.id: row.spots[0].reason for row in plan(sheet, setup(1)).rows}
    assert "Take refine out" in reasons["draft"]
    assert "4:5" in reasons["shape"]


def test_a_store_full_of_other_things_changes_nothing(sheet: Path, setup: MakeSetup) -> None:
    fresh = plan(sheet, setup(1))
    for kind in ("storyboard", "verdict", "voice", "take", "sound", "end card", "rendition"):
        (setup(1).store / kind / "ab" / "ab12").mkdir(parents=True)
    assert plan(sheet, setup(1)) == fresh


def test_every_spot_is_announced_once_and_in_order(sheet: Path, setup: MakeSetup) -> None:
    heard: list[Event] = []
    with listening(heard.append):
        plan(sheet, setup(1))
    assert heard[0] == Planned(spots=6, rows=5)
    done = [event for event in heard if isinstance(event, SpotDone)]
    assert [event.spot_id for event in done] == ["leaf-1", "leaf-2", "leaf-3", "cup-1", "cup-2", "law-1"]
    assert [event.spot_id for event in done if event.failed] == ["law-1"]


def test_the_plan_is_written_as_json_with_a_line_for_each_row(sheet: Path, setup: MakeSetup) -> None:
    foreseen, file = plan(sheet, setup(1)), io.StringIO()
    foreseen.write_json(file)
    written = json.loads(file.getvalue())
    assert written == {**asdict(foreseen), "totals": foreseen.totals}
    lines = [line for line in file.getvalue().splitlines() if line.startswith("  {")]
    assert [json.loads(line.rstrip(","))["id"] for line in lines] == ["leaf", "cup", "law", "long", "brand"]


def test_rows_of_one_product_are_counted_once(tmp_path: Path, setup: MakeSetup) -> None:
    (tmp_path / "tea.yaml").write_text("brand: qinghe_tea\ngroup_by: 编号\n", encoding="utf-8")
    rows = [
        "编号,文案,时长,备注",
        "leaf,山里的晨雾，是春天的第一口。,12,",
        "leaf,,,又一张图",
        "long,晨雾。,很久,",
        "long,,,",
    ]
    (tmp_path / "tea.csv").write_text("\n".join(rows), encoding="utf-8")
    foreseen = plan(tmp_path / "tea.csv", setup(1))
    assert [(row.state, len(row.spots), row.reason) for row in foreseen.rows] == [
        (RowState.DONE, 1, ""),
        (RowState.DONE, 0, "One product with row 2."),
        (RowState.PROBLEM, 0, ""),
        (RowState.PROBLEM, 0, "One product with row 4."),
    ]
    assert (foreseen.totals["rows_going"], foreseen.totals["spots"]) == (2, 1)
