import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.ledger import Ledger, ReleaseState
from campaign.report import BatchReport, RowState
from model.wan.tiny import save_tiny_checkpoint
from tests.flows.fleet import LocalFleet

pytestmark = pytest.mark.slow

HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端\n"
ROWS = """\
leaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,animatic
cup,Slow mornings.,Morning mug,harbor_ceramics,en,4,1:1,none,animatic
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


def test_two_workers_make_a_batch_that_a_door_shares_out(campaign: Path, fleet: LocalFleet) -> None:
    campaign.write_text(HEAD + ROWS, encoding="utf-8")
    fleet.start_server()
    fleet.deploy()
    workers = [fleet.start_worker(pool) for pool in ("cpu", "gpu")]
    door = fleet.start_door("make", str(campaign))
    assert door.wait(timeout=400) == 1, fleet.words("door")
    report = BatchReport.read(fleet.folder / "out" / "tea" / "report.json")
    assert {row.id: (row.state, row.reason[:0]) for row in report.rows} == {
        "leaf": (RowState.DONE, ""),
        "cup": (RowState.DONE, ""),
        "film": (RowState.DONE, ""),
        "law": (RowState.REFUSED, ""),
    }
    releases = Ledger(f"sqlite:///{fleet.folder / 'home' / 'ledger.db'}").releases()
    assert {(r.place, r.state) for r in releases} == {
        (place, ReleaseState.CONFIRMED) for place in ("leaf-1_9x16", "cup-1_1x1", "film-1_9x16")
    }
    assert all(worker.poll() is None for worker in workers)
