import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.events.schemas.automations import AutomationCore
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import select

from campaign.database import open_engine, transaction
from campaign.lease import LeaseRow
from campaign.ledger import BatchState, Ledger, ReleaseState
from campaign.report import BatchReport, RowState
from campaign.store import Store
from flows.deploy import automations
from model.wan.tiny import save_tiny_checkpoint
from tests.flows.fleet import PATIENCE, LocalFleet

pytestmark = pytest.mark.slow

HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端\n"
ROWS = """\
leaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,animatic
cup,Slow mornings.,Morning mug,harbor_ceramics,en,6,1:1,none,animatic
film,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,wan
law,国家级工艺，最佳的春茶。,春茶,qinghe_tea,中文,6,9:16,none,animatic
"""
LEAF = "leaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,animatic\n"
DEPLOY_SOON = """
from datetime import timedelta
from pathlib import Path
import yaml
from flows import deploy

deploy.SILENCE = timedelta(seconds=10)
written = yaml.safe_load(deploy.FILE.read_text(encoding="utf-8"))
written["deployments"] = [one for one in written["deployments"] if one["entrypoint"] == "flows.batch.make"]
file = Path("prefect.yaml")
file.write_text(yaml.safe_dump(written), encoding="utf-8")
assert list(deploy.deploy(Path.cwd(), file))
"""
"""As ``reelsheet deploy`` does, of batches alone, for a server that does not wait three minutes."""
FILM = "film,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,wan\n"


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


def engine_of(worker: "subprocess.Popen[bytes]", fleet: LocalFleet) -> psutil.Process:
    """The process that does the worker's first run, as soon as there is one."""
    return fleet.wait_until(lambda: psutil.Process(worker.pid).children(), worker)[0]


def errands_begun(fleet: LocalFleet) -> list[LeaseRow]:
    """What workers are at, as the ledger heard."""
    with transaction(open_engine(fleet.ledger)) as session:
        return list(session.scalars(select(LeaseRow).where(LeaseRow.campaign.startswith("errand "))))


def what_is_left(fleet: LocalFleet) -> tuple[dict[str, RowState], list[tuple[str, ReleaseState]]]:
    """State of each row and of each release; the store is whole and the only batch came to its end."""
    report = BatchReport.read(fleet.folder / "out" / "tea" / "report.json")
    assert list(Store(fleet.folder / "home" / "store").damaged()) == []
    ledger = Ledger(fleet.ledger)
    assert [batch.state for batch in ledger.batches()] == [BatchState.FINISHED]
    releases = sorted((release.place, release.state) for release in ledger.releases())
    ledger.close()
    return {row.id: row.state for row in report.rows}, releases


def test_two_workers_make_a_batch_although_an_engine_and_the_door_are_killed(
    campaign: Path, fleet: LocalFleet
) -> None:
    """Torch is where the GPU is alone."""
    campaign.write_text(HEAD + ROWS, encoding="utf-8")
    fleet.start_server()
    fleet.deploy()
    bare = fleet.without_torch()
    workers = [fleet.start_worker("cpu", bare), fleet.start_worker("gpu")]
    killed = fleet.start_door("make", str(campaign), settings=bare)
    engine_of(workers[0], fleet).kill()
    killed.kill()
    killed.wait()
    door = fleet.start_door("make", str(campaign), settings=bare)
    assert door.wait(timeout=PATIENCE) == 1, fleet.words("door")
    states, releases = what_is_left(fleet)
    done = dict.fromkeys(("leaf", "cup", "film"), RowState.DONE)
    assert states == {**done, "law": RowState.REFUSED}
    places = ("cup-1_1x1", "film-1_9x16", "leaf-1_9x16")
    assert releases == [(place, ReleaseState.CONFIRMED) for place in places]
    assert "attempt 2" in (fleet.folder / "home" / "reelsheet.log").read_text(encoding="utf-8")
    assert all(worker.poll() is None for worker in workers)


def test_a_batch_outlives_the_machine_that_makes_its_wave_and_the_server(
    campaign: Path, fleet: LocalFleet
) -> None:
    campaign.write_text(HEAD + FILM, encoding="utf-8")
    fleet.start_server()
    fleet.deploy()
    lost = fleet.start_worker("gpu")
    door = fleet.start_door("make", str(campaign))
    fleet.wait_until(lambda: errands_begun(fleet), door)
    fleet.lose(lost)
    fleet.end(fleet.server)
    fleet.start_server()
    workers = [fleet.start_worker(pool) for pool in ("gpu", "cpu")]
    assert door.wait(timeout=PATIENCE) == 0, fleet.words("door")
    assert what_is_left(fleet) == ({"film": RowState.DONE}, [("film-1_9x16", ReleaseState.CONFIRMED)])
    assert all(worker.poll() is None for worker in workers)
    with temporary_settings({PREFECT_API_URL: fleet.api}), get_client(sync_client=True) as server:
        runs = server.read_flow_runs()
    ends = sorted((run.idempotency_key[-2:], run.state_name) for run in runs if run.idempotency_key)
    assert ends == [("a1", "Completed"), ("a1", "Crashed"), ("a2", "Completed")]


def test_a_silent_batch_is_called_crashed_and_started_again_by_the_server(
    campaign: Path, fleet: LocalFleet
) -> None:
    campaign.write_text(HEAD + LEAF, encoding="utf-8")
    fleet.environment["REELSHEET_DISPATCH"] = "here"
    fleet.start_server()
    subprocess.run([sys.executable, "-c", DEPLOY_SOON], env=fleet.environment, cwd=fleet.folder, check=True)
    worker = fleet.start_worker("cpu")
    order = ("deployment", "run", "make/cpu", "--param", f"sheet={campaign}")
    assert fleet.start("run", "prefect", *order).wait(PATIENCE) == 0, fleet.words("run")
    fleet.wait_until(lambda: fleet.has("storyboard"), worker)
    fleet.lose(worker)
    worker = fleet.start_worker("cpu")
    with temporary_settings({PREFECT_API_URL: fleet.api}), get_client(sync_client=True) as server:

        def states() -> list[str]:
            (run,) = server.read_flow_runs()
            return [f"{one.type.value} {one.message or ''}" for one in server.read_flow_run_states(run.id)]

        fleet.wait_until(lambda: any(state.startswith("CRASHED") for state in states()), worker)
        (silence,) = server.read_automations_by_name(automations()[0].name)
        servers = {"id", "created", "updated", "owner_resource"}
        known = AutomationCore.model_validate(silence.model_dump(exclude=servers))
        # Its patience is shorter here than the time between two signs of life.
        server.update_automation(silence.id, known.model_copy(update={"enabled": False}))
        fleet.wait_until(lambda: states()[-1].startswith("COMPLETED"), worker)
        told = states()
    crashed = told.index("CRASHED No heartbeat: its machine is gone.")
    assert told[crashed + 1] == "SCHEDULED Started again after a crash."
    assert what_is_left(fleet) == ({"leaf": RowState.DONE}, [("leaf-1_9x16", ReleaseState.CONFIRMED)])
