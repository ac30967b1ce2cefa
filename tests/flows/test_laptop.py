"""One machine with nothing started by hand: every door starts a Prefect server of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from campaign.ledger import BatchState, Ledger, ReleaseState
from reelsheet.orphans import SERVER
from tests.flows.fleet import PATIENCE, LocalFleet

pytestmark = pytest.mark.slow

ROW = "编号,文案,产品,品牌,语言,时长,画幅,音乐\nleaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none\n"


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[LocalFleet]:
    laptop = LocalFleet(tmp_path / "laptop", {"REELSHEET_DISPATCH": "here"})
    del laptop.environment["PREFECT_API_URL"]
    yield laptop
    laptop.close()


def embedded(door: "subprocess.Popen[bytes]") -> psutil.Process:
    """The server that the door has started."""
    return next(one for one in psutil.Process(door.pid).children(recursive=True) if SERVER in one.cmdline())


def test_whatever_of_a_laptop_is_killed_the_next_run_clears_up_and_goes_on(
    campaign: Path, laptop: LocalFleet
) -> None:
    campaign.write_text(ROW, encoding="utf-8")
    door = laptop.start_door("make", str(campaign))
    laptop.wait_until(lambda: laptop.has("storyboard"), door)
    orphan = embedded(door)
    door.kill()
    door.wait()
    assert orphan.is_running()

    door = laptop.start_door("make", str(campaign))
    laptop.wait_until(lambda: laptop.has("take"), door)
    assert not orphan.is_running()
    embedded(door).kill()
    assert door.wait(PATIENCE) == 1
    said = laptop.words("door").splitlines()[-1]
    assert said.startswith("reelsheet: Prefect server (the one that make had started): it was lost while")
    assert said.endswith("Run the same command again: what is made is kept, and what is out stays out.")

    shutil.rmtree(laptop.folder / "prefect")
    door = laptop.start_door("make", str(campaign))
    assert door.wait(PATIENCE) == 0, laptop.words("door")
    ledger = Ledger(laptop.ledger)
    assert {batch.state for batch in ledger.batches()} == {BatchState.FINISHED}
    assert [release.state for release in ledger.releases()] == [ReleaseState.CONFIRMED]
    ledger.close()
