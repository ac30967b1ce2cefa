from collections.abc import Callable
from pathlib import Path

import pytest

from campaign import database
from campaign.ledger import Ledger
from campaign.report import BatchReport, RowState
from campaign.schedule import Schedule
from tasks.setup import Setup
from tests.flows.running import make, release_due

pytestmark = pytest.mark.slow

MakeSetup = Callable[[], Setup]
ROWS = """\
编号,文案,产品,品牌,语言,时长,画幅,音乐,发布时间
now,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,
later,山谷的清晨。,春茶,qinghe_tea,中文,6,9:16,none,2041-03-01 20:00
"""
A_CENTURY_ON = "((julianday('now') - 2440587.5) * 86400.0 + 3.2e9)"


def released(setup: Setup) -> list[str]:
    ledger = Ledger(setup.ledger)
    found = [release.place for release in ledger.releases()]
    ledger.close()
    return found


def a_century_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the database's clock forward. Engines remember statements as they were written before."""
    monkeypatch.setattr("campaign.lease.SQLITE_CLOCK", A_CENTURY_ON)
    database._engine.cache_clear()


def states(setup: Setup) -> dict[str, RowState]:
    report = BatchReport.read(setup.out / "tea" / "report.json")
    return {row.id: row.state for row in report.rows}


def test_a_spot_is_shown_until_its_moment_and_then_goes_out_once(
    campaign: Path, setup: MakeSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign.write_text(ROWS, encoding="utf-8")
    local = setup()
    report = make(campaign, local)
    assert states(local) == {"now": RowState.DONE, "later": RowState.SCHEDULED}
    assert "goes out at 2041-03-01 20:00" in report.rows[1].reason
    assert released(local) == ["now-1_9x16"]
    (shown,) = report.rows[1].spots[0].renditions
    assert (local.out / "tea" / shown.file).is_file()
    assert release_due(local) == []

    a_century_on(monkeypatch)
    campaign.unlink()
    assert release_due(local) == ["later-1"]
    assert released(local) == ["now-1_9x16", "later-1_9x16"]
    assert states(local) == {"now": RowState.DONE, "later": RowState.DONE}
    assert (local.out / "tea" / "later-1" / "later-1_9x16.mp4").is_file()
    assert not (local.out / "tea" / shown.file).exists()
    assert release_due(local) == []
    database._engine.cache_clear()


def test_a_later_batch_and_a_person_have_the_last_word_about_what_waits(
    campaign: Path, setup: MakeSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubtful = ROWS.replace("山谷的清晨。", "获奖工艺，手工炒制。")
    campaign.write_text(doubtful, encoding="utf-8")
    local = setup()
    waits = make(campaign, local).rows[1].spots[0]
    assert waits.state is RowState.REVIEW
    ledger = Ledger(local.ledger)
    ledger.decide(waits.verdict, "approve", "editor", "the certificate is on file")
    make(campaign, local)
    assert states(local)["later"] is RowState.SCHEDULED
    ledger.decide(waits.verdict, "refuse", "editor", "the prize was withdrawn")
    ledger.close()
    with monkeypatch.context() as later:
        a_century_on(later)
        assert release_due(local) == []
    database._engine.cache_clear()
    assert states(local)["later"] is RowState.REFUSED
    schedule = Schedule(local.ledger)
    assert schedule.waiting() == []
    campaign.write_text(ROWS, encoding="utf-8")
    make(campaign, local)
    assert [one.spot for one in schedule.waiting()] == ["later-1"]
    campaign.write_text(ROWS.replace("later,", "other,"), encoding="utf-8")
    make(campaign, local)
    assert [one.spot for one in schedule.waiting()] == ["other-1"]
    schedule.close()
