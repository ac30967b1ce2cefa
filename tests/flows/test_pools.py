import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from campaign.ledger import BatchState, Ledger, ReleaseState
from campaign.report import BatchReport, RowState
from campaign.store import Store
from model.wan.tiny import save_tiny_checkpoint
from tests.flows.fleet import LocalFleet

pytestmark = pytest.mark.slow

PATIENCE = 900
"""Seconds, on a busy machine."""
HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端\n"
ROWS = """\
leaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,animatic
cup,Slow mornings.,Morning mug,harbor_ceramics,en,6,1:1,none,animatic
film,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,wan
law,国家级工艺，最佳的春茶。,春茶,qinghe_tea,中文,6,9:16,none,animatic
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[LocalFleet]:
    checkpoint = save_tiny_checkpoint(tmp_path / "weights", "t2v-a14b")
    wan = {
        "checkpoint": str(checkpoint),
        "device": "cpu",
        "precision": "fp32",
        "steps": 2,
        "sizes": {"9:16": [32, 48]},
    }
    fleet = LocalFleet(tmp_path / "fleet", {"REELSHEET_BACKENDS": json.dumps({"wan": wan})})
    yield fleet
    fleet.close()


def engine_of(worker: "subprocess.Popen[bytes]") -> psutil.Process:
    """The process that does the worker's first run, as soon as there is one."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if children := psutil.Process(worker.pid).children():
            return children[0]
        time.sleep(0.05)
    raise AssertionError("no run came to the worker")


def test_two_workers_make_a_batch_although_an_engine_and_the_door_are_killed(
    campaign: Path, fleet: LocalFleet
) -> None:
    campaign.write_text(HEAD + ROWS, encoding="utf-8")
    fleet.start_server()
    fleet.deploy()
    workers = [fleet.start_worker(pool) for pool in ("cpu", "gpu")]
    killed = fleet.start_door("make", str(campaign))
    engine_of(workers[0]).kill()
    killed.kill()
    killed.wait()
    door = fleet.start_door("make", str(campaign))
    assert door.wait(timeout=PATIENCE) == 1, fleet.words("door")
    report = BatchReport.read(fleet.folder / "out" / "tea" / "report.json")
    reasons = {row.id: row.reason for row in report.rows}
    assert {row.id: row.state for row in report.rows} == {
        "leaf": RowState.DONE,
        "cup": RowState.DONE,
        "film": RowState.DONE,
        "law": RowState.REFUSED,
    }, reasons
    assert list(Store(fleet.folder / "home" / "store").damaged()) == []
    ledger = Ledger(f"sqlite:///{fleet.folder / 'home' / 'ledger.db'}")
    assert [batch.state for batch in ledger.batches()] == [BatchState.FINISHED]
    releases = ledger.releases()
    ledger.close()
    assert sorted((r.place, r.state) for r in releases) == [
        (place, ReleaseState.CONFIRMED) for place in ("cup-1_1x1", "film-1_9x16", "leaf-1_9x16")
    ]
    assert "attempt 2" in (fleet.folder / "home" / "reelsheet.log").read_text(encoding="utf-8")
    assert all(worker.poll() is None for worker in workers)
