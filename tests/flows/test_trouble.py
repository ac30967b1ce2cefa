"""What happens to a batch when the machine, the store or another person is in its way."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Cancelled, Crashed
from sqlalchemy import update

from campaign.database import open_engine, transaction
from campaign.events import Event, Waited, listening
from campaign.fleet_errors import BusyError, LeaseLostError, ServerError
from campaign.lease import DatabaseClock, LeaseRow, Leases
from campaign.ledger import Ledger
from campaign.report import RowState
from tasks.dispatch import Fleet
from tasks.errands import Deployment, Errand
from tasks.setup import Setup
from tests.flows.running import make

MakeSetup = Callable[[], Setup]
REFUSED = (
    "编号,文案,产品,品牌,语言,时长,画幅,音乐\nlaw,国家级工艺，最佳的春茶。,春茶,qinghe_tea,中文,8,9:16,none\n"
)
"""A row that the policy stops before anything is made for it."""


@pytest.fixture
def lonely_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A deployment on a work pool without a worker."""
    monkeypatch.setattr("tasks.dispatch.PATIENCE", 0.0)
    monkeypatch.setattr("tasks.dispatch.POLLED_EVERY", 0.05)
    with get_client(sync_client=True) as client:
        with suppress(ObjectAlreadyExists):
            client.create_work_pool(WorkPoolCreate(name="lonely", type="process"))
        wave = RunnerDeployment.from_entrypoint("flows.generate.wave", name="cpu", work_pool_name="lonely")
        wave.apply()
        yield


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


def errand(name: str) -> Errand:
    return Errand(deployment=Deployment.CPU_WAVE, name=name, spots=("a-1",))


def end_runs(batch: int, crashed: bool) -> None:
    """End every run of the batch that is under way."""
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs():
            if f"batch-{batch}" in run.tags and run.state and not run.state.is_final():
                client.set_flow_run_state(run.id, Crashed() if crashed else Cancelled(), force=True)


def test_a_pool_without_a_worker_is_said_with_the_command_that_starts_one(
    lonely_pool: None, ledger: str
) -> None:
    said: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, Waited):
            said.append(event.words)
            end_runs(901, crashed=False)

    with listening(hear), Fleet(901, ledger) as fleet:
        fleet.send(errand("wave"))
        ((ended, state),) = [one for many in fleet.ended() for one in many]
    assert "Work pool lonely has no worker" in said[0]
    assert "prefect worker start --pool lonely --limit 1" in said[0]
    assert (ended.name, state) == ("wave", "Cancelled")


def test_what_a_former_run_sent_is_waited_for_and_what_is_over_is_sent_with_the_next_number(
    lonely_pool: None, ledger: str
) -> None:
    with Fleet(902, ledger) as first:
        first.send(errand("wave"))
    with Fleet(902, ledger) as second:
        second.send(errand("wave"))
        end_runs(902, crashed=True)
        ((ended, state),) = [one for many in second.ended() for one in many]
        assert (ended.number, ended.tries, state) == (1, 1, "Crashed")
        second.send(ended.again(ended.spots))
    with Fleet(902, ledger) as third:
        third.send(errand("wave"))
        end_runs(902, crashed=True)
        ((ended, _),) = [one for many in third.ended() for one in many]
    assert (ended.number, ended.tries) == (2, 1)
    with get_client(sync_client=True) as client:
        keys = [run.idempotency_key for run in client.read_flow_runs() if "batch-902" in run.tags]
    assert sorted(map(str, keys)) == ["902-wave-a1", "902-wave-a2"]


def test_a_worker_that_is_not_heard_of_any_more_is_not_waited_for(lonely_pool: None, ledger: str) -> None:
    leases = Leases(ledger)
    with Fleet(904, ledger) as fleet:
        fleet.send(errand("wave"))
        lease = leases.take("errand 904-wave-a1", "anna")
        change = update(LeaseRow).values(machine="studio-2/boot/1", expires=DatabaseClock() - 1)
        with transaction(open_engine(ledger)) as session:
            session.execute(change)
        ((ended, state),) = [one for many in fleet.ended() for one in many]
    assert (ended.name, state) == ("wave", "Crashed: Its worker is not heard of any more.")
    assert leases.of(lease.campaign) is None
    leases.close()


def test_a_server_without_our_deployments_is_said_with_what_makes_them(ledger: str) -> None:
    # Other tests may have brought it to the same server.
    with get_client(sync_client=True) as client, suppress(ObjectNotFound):
        client.delete_deployment(client.read_deployment_by_name(Deployment.FINISH.value).id)
    unknown = Errand(deployment=Deployment.FINISH, name="finish", spots=("a-1",))
    with (
        Fleet(903, ledger) as fleet,
        pytest.raises(ServerError, match=r"no deployment finish-spots/cpu\. Run: reelsheet"),
    ):
        fleet.send(unknown)


def test_a_full_disk_is_a_rows_result_and_the_next_run_goes_on(
    campaign: Path, setup: MakeSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign.write_text(REFUSED, encoding="utf-8")
    local = setup()

    def full(path: Path) -> None:
        if path.name == "storyboard.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr("campaign.store._sync", full)
        (row,) = make(campaign, local).rows
    assert row.state is RowState.FAILED
    assert "No space left on device" in row.reason
    assert "Free space" in row.reason
    (row,) = make(campaign, local).rows
    assert row.state is RowState.REFUSED


def test_the_second_of_two_operators_is_told_and_nothing_is_begun_twice(
    campaign: Path, setup: MakeSetup
) -> None:
    campaign.write_text(REFUSED, encoding="utf-8")
    local = setup()
    leases = Leases(local.ledger)
    held = leases.take("tea", "anna")
    with transaction(open_engine(local.ledger)) as session:
        session.execute(update(LeaseRow).values(machine="studio-2/boot/1"))
    with pytest.raises(BusyError, match="tea is being made by anna on studio-2"):
        make(campaign, local)
    ledger = Ledger(local.ledger)
    assert ledger.batches() == []
    ledger.lease = held
    batch = ledger.begin_batch("tea", campaign, "d" * 64)
    leases.give_back(held)
    make(campaign, local)
    with pytest.raises(LeaseLostError, match="taken over by somebody"):
        ledger.intend_release(batch, "k" * 64, "folder", "", "law-1_9x16")
    with pytest.raises(LeaseLostError):
        ledger.finish_batch(batch)
    assert ledger.releases() == []
    ledger.close()
    leases.close()
