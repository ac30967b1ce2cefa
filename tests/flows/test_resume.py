"""A batch whose process is gone, and two processes that want the same one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from campaign.database import open_engine, transaction
from campaign.lease import DatabaseClock, LeaseRow
from campaign.ledger import Batch, BatchState, Ledger, ReleaseState
from campaign.report import RowState
from flows.batch import resume
from tests.flows.fleet import PATIENCE, LocalFleet

pytestmark = pytest.mark.slow

ROW = "编号,文案,产品,品牌,语言,时长,画幅,音乐\nleaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none\n"


@pytest.fixture
def ledger(machine: LocalFleet) -> Iterator[Ledger]:
    opened = Ledger(machine.ledger)
    yield opened
    opened.close()


@pytest.fixture
def hold(machine: LocalFleet) -> Callable[[float], None]:
    """Let a process of another machine hold the campaign for so many seconds more."""

    def change(seconds: float) -> None:
        held = {"machine": "studio-2/boot/1", "expires": DatabaseClock() + seconds}
        with transaction(open_engine(machine.ledger)) as session:
            session.execute(update(LeaseRow).values(**held))

    return change


def ends(batches: list[Batch]) -> list[BatchState]:
    return [batch.state for batch in batches]


@pytest.mark.usefixtures("on_the_machine")
def test_a_killed_batch_is_gone_on_with_without_its_sheet_once_nobody_else_holds_it(
    campaign: Path,
    machine: LocalFleet,
    ledger: Ledger,
    hold: Callable[[float], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    campaign.write_text(ROW, encoding="utf-8")
    assert resume() == []
    door = machine.start_door("make", str(campaign))
    machine.wait_until(lambda: machine.has("take"), door)
    door.kill()
    door.wait()
    campaign.unlink()

    hold(3600)
    assert resume() == []
    assert "batch 1 is left: tea is being made by" in caplog.text
    assert "on studio-2" in caplog.text
    assert ends(ledger.batches()) == [BatchState.RUNNING]

    hold(-1)
    (told,) = resume()
    (row,) = told.report.rows
    assert row.state is RowState.DONE, row.reason
    assert row.spots[0].reused["take"] >= 1
    assert "storyboard" not in row.spots[0].made
    assert ends(ledger.batches()) == [BatchState.FINISHED]
    assert [release.state for release in ledger.releases()] == [ReleaseState.CONFIRMED]
    assert resume() == []


def test_of_two_who_start_one_sheet_at_once_one_works_and_the_other_is_told_who(
    campaign: Path, machine: LocalFleet, ledger: Ledger
) -> None:
    campaign.write_text(ROW, encoding="utf-8")
    doors = [machine.start_door("make", str(campaign)) for _ in range(2)]
    assert sorted(door.wait(PATIENCE) for door in doors) == [0, 1], machine.words("door")
    told = [line for line in machine.words("door").splitlines() if line.startswith("reelsheet: ")]
    (works,) = [door.pid for door in doors if door.returncode == 0]
    assert len(told) == 1
    assert told[0].startswith("reelsheet: tea is being made by ")
    assert f"(process {works}) since " in told[0]
    assert ends(ledger.batches()) == [BatchState.FINISHED]
    assert [release.state for release in ledger.releases()] == [ReleaseState.CONFIRMED]
