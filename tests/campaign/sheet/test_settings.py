from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.brief import Language, Severity
from campaign.frames import Aspect
from campaign.ladder import Rung
from campaign.sheet.campaign import Campaign
from campaign.sheet.settings import Budget, CampaignSettings

Read = Callable[[Path | str], Campaign]
ROWS = [["编号", "文案"], ["t1", "春天的茶。"]]


def test_a_worksheet_sets_what_rows_leave_open(read: Read, xlsx: Callable[..., Path]) -> None:
    settings = [
        ["setting", "value"],
        ["brand", "leaf"],
        ["政策", "cn"],
        ["Backend", "wan"],
        ["画幅", "16:9，1:1"],
        ["duration", "20秒"],
        ["语言", "中文"],
        ["配音", "无"],
        ["music", "steam"],
        ["variants", 2],
        ["size", "1080p"],
        ["fps", 25],
        ["rungs", "final, animatic"],
        ["预算", "￥1,200 "],
        ["publish window", "2026-03-01..2026-03-15 09:00-22:00"],
        ["account", "main"],
        ["time zone", "asia/shanghai"],
    ]
    campaign = read(xlsx(campaign=settings, rows=ROWS))
    assert campaign.problems == ()
    found = campaign.settings
    assert (found.policy, found.size, found.fps) == ("cn", 1080, 25)
    assert found.rungs == (Rung.ANIMATIC, Rung.FINAL)
    assert found.budget == Budget(amount=1200, currency="CNY")
    assert str(found.publish_window) == "2026-03-01 to 2026-03-15 09:00-22:00"
    brief = campaign.briefs[0]
    assert (brief.brand, brief.backend, brief.aspects) == ("leaf", "wan", (Aspect.WIDE, Aspect.SQUARE))
    assert (brief.duration, brief.language, brief.voice, brief.music) == (20, Language.ZH, "none", "steam")
    assert (brief.variants, brief.account) == (2, "main")
    assert campaign.sources["t1"]["brand"] == "campaign!B2"


def test_a_row_overrides_the_settings(read: Read, xlsx: Callable[..., Path]) -> None:
    rows = [["编号", "文案", "品牌"], ["t1", "春天的茶。", "harbor"], ["t2", "来了。", None]]
    campaign = read(xlsx(rows=rows, campaign=[["brand", "leaf"]]))
    assert [brief.brand for brief in campaign.briefs] == ["harbor", "leaf"]
    assert [campaign.sources[i]["brand"] for i in ("t1", "t2")] == ["C2", "campaign!B1"]


@pytest.mark.parametrize("name", ["campaign.yaml", "sheet.yaml"])
def test_a_yaml_file_beside_the_sheet_sets_the_same(read: Read, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(
        "brand: leaf\naspects: [9:16, 1:1]\nvoice: no\nbudget: 20 USD\nduration: 0:15\n"
    )
    campaign = read("编号,文案\nt1,春天的茶。\n")
    brief = campaign.briefs[0]
    # YAML itself would make the numbers 556 and 61 of these shapes.
    assert (brief.aspects, brief.voice, brief.duration) == ((Aspect.TALL, Aspect.SQUARE), "none", 15.0)
    assert campaign.sources["t1"]["aspects"] == f"{name} line 2"


def test_a_bad_setting_is_said_at_its_line_and_puts_out_the_rows_that_rely_on_it(
    read: Read, tmp_path: Path
) -> None:
    (tmp_path / "campaign.yaml").write_text("duration: 20\nbrand: laef\n")
    campaign = read("编号,文案,品牌\nt1,春天的茶。,\nt2,来了。,leaf\n")
    assert [brief.id for brief in campaign.briefs] == ["t2"]
    first, second = campaign.errors[:2]
    assert str(first).startswith("campaign.yaml line 2: 'laef' There is no brand kit")
    assert second.row == 2
    assert "cannot be used: brand (campaign.yaml line 2)" in second.expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("brnd: leaf", "Did you mean brand?"),
        ("policy: stater", "Did you mean starter?"),
        ("budget: a lot", "500 CNY"),
        ("size: 4k", "720, 1080"),
        ("fps: 60", "24, 25, 30"),
        ("rungs: drafft", "Did you mean draft?"),
        ("publish window: evenings", "09:00-22:00"),
        ("publish window: 25:00-26:00", "09:00-22:00"),
        ("time zone: Mars/Base", "Asia/Shanghai"),
        ("columns: {Body: cpoy}", "Did you mean copy?"),
        ("policy: cn\npolicy: starter", "set twice"),
        ("- a\n- b", "key and value"),
        ("a: [", "not YAML"),
        ("\tbrand: x", "not YAML"),
    ],
)
def test_each_wrong_setting_names_the_remedy_and_stops_every_row(
    read: Read, tmp_path: Path, line: str, words: str
) -> None:
    (tmp_path / "campaign.yaml").write_text(line)
    campaign = read("编号,文案,品牌\nt1,春天的茶。,leaf\n")
    assert campaign.briefs == ()
    first = campaign.errors[0]
    assert first.cell.startswith("line")
    assert words in f"{first.expected} {first.remedy}"
    assert any(problem.row == 2 for problem in campaign.errors)


def test_an_empty_settings_file_sets_nothing(read: Read, tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text("# nothing yet\nbrand:\n")
    campaign = read("编号,文案,品牌\nt1,春天的茶。,leaf\n")
    assert campaign.settings == CampaignSettings()
    assert len(campaign.briefs) == 1


def test_a_worksheet_of_settings_comes_before_a_file(
    read: Read, xlsx: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "campaign.yaml").write_text("brand: harbor\n")
    campaign = read(xlsx(rows=ROWS, campaign=[["brand", "leaf"]]))
    assert campaign.briefs[0].brand == "leaf"
    assert [(p.sheet, p.severity) for p in campaign.problems] == [("campaign.yaml", Severity.NOTE)]


def test_rows_on_a_worksheet_called_campaign_are_rows(read: Read, xlsx: Callable[..., Path]) -> None:
    campaign = read(xlsx(campaign=[["编号", "文案", "品牌"], ["t1", "春天的茶。", "leaf"]]))
    assert [brief.id for brief in campaign.briefs] == ["t1"]


def test_a_moment_outside_the_publish_window_is_a_problem(read: Read, tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text(
        "publish window: 09:00-22:00\ntime zone: Asia/Shanghai\nbrand: leaf\n"
    )
    campaign = read(
        "编号,文案,发布时间\nt1,春天的茶。,2026-03-08 23:00\nt2,来了。,2026-03-08\n"
        "t3,喝吧。,2026-03-08 13:30Z\n"
    )
    assert [brief.id for brief in campaign.briefs] == ["t2", "t3"]
    assert "outside the campaign's publish window (09:00-22:00)" in campaign.errors[0].expected
    assert str(campaign.briefs[0].publish_at) == "2026-03-08 09:00:00+08:00"


def test_a_window_over_midnight_holds_both_evenings_and_nights(read: Read, tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text("publish window: 20:00-02:00\nbrand: leaf\n")
    campaign = read(
        "编号,文案,发布时间\nt1,春天的茶。,2026-03-08 23:00\nt2,来了。,2026-03-09 01:00\n"
        "t3,喝吧。,2026-03-09 03:00\n"
    )
    assert [brief.id for brief in campaign.briefs] == ["t1", "t2"]


def test_every_setting_is_in_the_guide() -> None:
    from campaign.sheet.guide import SETTINGS  # noqa: PLC0415  # Only this test needs it.

    assert set(SETTINGS) == set(CampaignSettings.model_fields)


def test_what_a_row_takes_from_elsewhere_is_told_with_value_and_source(
    read: Read, xlsx: Callable[..., Path]
) -> None:
    settings = [["brand", "leaf"], ["duration", 20], ["画幅", "16:9，1:1"], ["budget", "20 USD"]]
    campaign = read(xlsx(campaign=settings, rows=[["编号", "文案", "变体"], ["t1", "春天的茶。", 2]]))
    brief = campaign.briefs[0]
    assert campaign.taken(brief) == {
        "brand": "leaf (campaign!B1)",
        "duration": "20 (campaign!B2)",
        "aspects": "16:9, 1:1 (campaign!B3)",
        "backend": "animatic (default)",
        "language": "zh (found from the copy)",
        "seed": f"{brief.seed} (derived from the id)",
        "voice": "(brand kit)",
        "music": "(brand kit)",
    }
    assert campaign.settings_for_all() == {
        "policy": "starter (default)",
        "size": "720 (default)",
        "fps": "24 (default)",
        "budget": "20.00 USD (campaign!B4)",
    }


def test_a_broken_brand_is_not_called_a_missing_one_and_each_row_says_all_in_one_problem(
    read: Read, tmp_path: Path
) -> None:
    (tmp_path / "campaign.yaml").write_text("brand: laef\nfps: 60\n")
    campaign = read("编号,文案\nt1,春天的茶。\n")
    said = [p.expected for p in campaign.errors if p.row == 2]
    assert said == [
        "The campaign's settings cannot be used: brand (campaign.yaml line 1), fps (campaign.yaml line 2)."
    ]


def test_a_problem_of_a_whole_file_names_it_without_a_cell(read: Read, xlsx: Callable[..., Path]) -> None:
    rows = [["编号", "文案", "品牌"], ["t1", "春天的茶。", "leaf"]]
    (problem,) = read(xlsx(march=rows, april=rows)).problems
    assert str(problem).startswith("march: Only this worksheet is read")
