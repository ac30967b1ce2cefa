import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from campaign.ledger import Ledger, ReleaseState
from campaign.report import BatchReport, RowState
from finishing.inspect import inspect
from flows import batch
from flows.batch import LARGEST, chunk_size
from flows.line import STAGES, Stage
from tasks.plan import plan
from tasks.setup import Setup
from tasks.spot import Chunk
from tasks.workshop import Workshop
from tests.flows.running import make

pytestmark = pytest.mark.slow

MakeSetup = Callable[[], Setup]
ROWS_HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐\n"


def made(report: BatchReport) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in report.rows:
        for spot in row.spots:
            counts.update(spot.made)
    return counts


def states(report: BatchReport) -> dict[str, RowState]:
    return {row.id: row.state for row in report.rows}


def test_a_campaign_becomes_labelled_videos_once_and_only_what_changed_is_made_again(
    campaign: Path, setup: MakeSetup
) -> None:
    first = make(campaign, setup())
    assert states(first) == {"leaf": RowState.DONE, "cup": RowState.DONE}
    video = setup().out / "tea" / "leaf-1" / "leaf-1_9x16.mp4"
    seen = inspect(video)
    assert seen.findings == ()
    assert seen.media.video
    assert (seen.media.video.width, seen.media.video.height) == (360, 640)
    assert seen.media.video.num_frames == 6 * 24
    assert [cue.text for cue in seen.cues]
    releases = Ledger(setup().ledger).releases()
    assert {(r.place, r.state) for r in releases} == {
        ("leaf-1_9x16", ReleaseState.CONFIRMED),
        ("cup-1_1x1", ReleaseState.CONFIRMED),
    }

    assert made(make(campaign, setup())) == Counter()
    foreseen = plan(campaign, setup())
    assert foreseen.totals["new"] == {}
    assert foreseen.totals["renditions"] == 2

    logo = campaign.parent / "brand_kits" / "qinghe_tea" / "logo.png"
    Image.open(logo).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(logo)
    assert made(make(campaign, setup())) == Counter({"end card": 1, "rendition": 1, "verdict": 1})

    rows = campaign.read_text(encoding="utf-8")
    campaign.write_text(rows.replace("a warm cup", "a blue cup"), encoding="utf-8")
    again = make(campaign, setup())
    changed = {row.id: sum(sum(spot.made.values()) for spot in row.spots) for row in again.rows}
    assert changed["leaf"] == 0
    assert changed["cup"] > 0


def test_an_unchanged_batch_is_looked_through_up_to_the_first_chunk_that_lacks_something(
    campaign: Path, setup: MakeSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    line = batch.down_the_line

    def noted(chunk: Chunk, workshop: Workshop, stages: tuple[Stage, ...] = STAGES) -> Chunk:
        told.append(stages is STAGES)
        return line(chunk, workshop, stages)

    monkeypatch.setattr(batch, "down_the_line", noted)
    machine = setup().model_copy(update={"chunk": 1})

    def run() -> Counter[str]:
        told.clear()
        report = make(campaign, machine)
        assert states(report) == {"leaf": RowState.DONE, "cup": RowState.DONE}
        return made(report)

    run()
    assert told == [True, True]
    assert run() == Counter()
    assert told == [False, False]

    shutil.rmtree(machine.store / "rendition")
    assert run() == Counter({"rendition": 2})
    assert told == [False, True]

    rows = campaign.read_text(encoding="utf-8")
    campaign.write_text(rows.replace("a warm cup", "a blue cup"), encoding="utf-8")
    run()
    assert told == [True, True]


def test_bad_rows_are_told_and_good_rows_go_on(campaign: Path, setup: MakeSetup) -> None:
    bad = (
        "emoji,春天的第一口 \U0001fad6。,春茶,qinghe_tea,中文,6,9:16,none\n"
        "law,国家级工艺，最佳的春茶。,春茶,qinghe_tea,中文,8,9:16,none\n"
        "long,山里的晨雾，是春天的第一口，也是整个山谷醒来的声音，每一片叶子都知道。,春茶,qinghe_tea,中文,4,9:16,none\n"
        "brand,山里的晨雾。,春茶,qinghe_te,中文,6,9:16,none\n"
    )
    rows = campaign.read_text(encoding="utf-8")
    campaign.write_text(rows + bad, encoding="utf-8")
    report = make(campaign, setup())
    assert states(report) == {
        "leaf": RowState.DONE,
        "cup": RowState.DONE,
        "emoji": RowState.FAILED,
        "law": RowState.REFUSED,
        "long": RowState.FAILED,
        "brand": RowState.PROBLEM,
    }
    reasons = {row.id: " ".join([row.reason, *row.problems]) for row in report.rows}
    assert "U+1FAD6" in reasons["emoji"]
    assert "国家级" in reasons["law"]
    assert "Shorten it to about" in reasons["long"]
    assert "qinghe_tea" in reasons["brand"]
    page = (setup().out / "tea" / "report.html").read_text(encoding="utf-8")
    assert "U+1FAD6" in page
    assert (setup().out / "tea" / "tea.status.xlsx").is_file()


def test_a_doubt_waits_for_a_person_and_goes_on_after_the_decision(campaign: Path, setup: MakeSetup) -> None:
    doubtful = "doubt,获奖工艺，手工炒制。,春茶,qinghe_tea,中文,6,9:16,none\n"
    campaign.write_text(ROWS_HEAD + doubtful, encoding="utf-8")
    first = make(campaign, setup())
    assert states(first) == {"doubt": RowState.REVIEW}
    assert made(first)["take"] == 0
    (spot,) = first.rows[0].spots
    assert "获奖" in spot.reason
    Ledger(setup().ledger).decide(spot.verdict, "approve", "editor", "the certificate is on file")
    assert states(make(campaign, setup())) == {"doubt": RowState.DONE}
    Ledger(setup().ledger).decide(spot.verdict, "refuse", "editor", "the prize was withdrawn")
    refused = make(campaign, setup())
    assert states(refused) == {"doubt": RowState.REFUSED}
    assert "the prize was withdrawn" in refused.rows[0].reason


def test_a_large_batch_is_cut_into_few_chunks_and_a_small_one_as_the_settings_ask() -> None:
    assert [chunk_size(spots, 12) for spots in (5, 480, 1_000, 10_000)] == [12, 24, LARGEST, LARGEST]
    assert chunk_size(10_000, 100) == 100
