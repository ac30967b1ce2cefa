"""Errands to the work pools of a Prefect server, and their ends."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from time import monotonic, sleep
from typing import Any, Self
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL
from prefect.states import Crashed

from campaign.events import Waited, announce
from campaign.fleet_errors import ServerError
from campaign.lease import Leases
from tasks.errands import Deployment, Errand

PAGE = 200
"""Flow runs that the server gives at a time."""
POLLED_EVERY = 2.0
"""Seconds."""
PATIENCE = 60.0
"""Seconds after which a person is told why nothing begins."""
SILENT = "Its worker is not heard of any more."
WAITING = (StateType.SCHEDULED, StateType.PENDING)

log = logging.getLogger(__name__)


class Fleet:
    """Errands of one batch under way."""

    def __init__(self, batch: int, ledger: str) -> None:
        self._batch = batch
        self._leases = Leases(ledger)
        self._tag = f"batch-{batch}"
        self._open: dict[UUID, Errand] = {}
        self._since: dict[UUID, float] = {}
        self._told: dict[str, float] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._client: SyncPrefectClient = self._stack.enter_context(get_client(sync_client=True))
        runs = self._pages(FlowRunFilter(tags=FlowRunFilterTags(all_=[self._tag])))
        self._known = {run.idempotency_key: run for run in runs}
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._leases.close()

    def send(self, errand: Errand) -> None:
        """Have it done; what a former run of the batch sent and is under way still is waited for instead.

        Raises:
            ServerError: the server does not know the deployment.
        """
        while (run := self._known.get(self._key(errand))) and _is_over(run):
            errand = replace(errand, number=errand.number + 1)
        run = run or self._submitted(errand)
        self._known[self._key(errand)] = run
        self._open[run.id], self._since[run.id] = errand, monotonic()

    def ended(self) -> Iterator[list[tuple[Errand, str]]]:
        """What is over, whenever something is, each with its last state in words; until none is under way."""
        while self._open:
            over: list[tuple[UUID, FlowRun | None]] = []
            try:
                runs = self._look()
                over = [(key, runs.get(key)) for key in self._open if key not in runs or _is_over(runs[key])]
                if not over:
                    self._look_for_workers(runs)
                    self._end_silent(runs)
            except httpx.HTTPError as error:
                self._tell_away(error)
            if over:
                yield [self._over(*one) for one in over]
            else:
                sleep(POLLED_EVERY)

    def _over(self, key: UUID, run: FlowRun | None) -> tuple[Errand, str]:
        errand = self._open.pop(key)
        self._leases.forget(self._lease(errand))
        if run:
            self._known[self._key(errand)] = run
        return errand, _words(run)

    def _key(self, errand: Errand) -> str:
        return f"{self._batch}-{errand.name}-a{errand.number}"

    def _lease(self, errand: Errand) -> str:
        return f"errand {self._key(errand)}"

    def _submitted(self, errand: Errand) -> FlowRun:
        parameters = {"batch": self._batch, "spots": list(errand.spots), "errand": self._lease(errand)}
        words = f"batch {self._batch}, {errand.name}, attempt {errand.number}"
        while True:
            try:
                run = _sent(
                    errand.deployment, parameters, self._key(errand), flow_run_name=words, tags=[self._tag]
                )
            except httpx.HTTPError as error:
                if isinstance(error, httpx.HTTPStatusError) and not error.response.is_server_error:
                    raise
                self._tell_away(error)
                sleep(POLLED_EVERY)
            else:
                log.info("%s sent: %d spots, attempt %d", errand.name, len(errand.spots), errand.number)
                return run

    def _look(self) -> dict[UUID, FlowRun]:
        keys = list(self._open)
        parts = [keys[start : start + PAGE] for start in range(0, len(keys), PAGE)]
        filters = [FlowRunFilter(id=FlowRunFilterId(any_=part)) for part in parts]
        return {run.id: run for one in filters for run in self._pages(one)}

    def _pages(self, wanted: FlowRunFilter) -> Iterator[FlowRun]:
        offset = 0
        while page := self._client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=offset):
            yield from page
            offset += len(page)
            if len(page) < PAGE:
                return

    def _look_for_workers(self, runs: dict[UUID, FlowRun]) -> None:
        """Say it when a pool has work and nobody who does it."""
        late = monotonic() - PATIENCE
        waiting = {
            run.work_pool_name: run
            for run in runs.values()
            if run.state and run.state.type in WAITING and self._since[run.id] < late
        }
        for pool, run in waiting.items():
            if pool is None or self._told.get(pool, 0.0) > late:
                continue
            workers = self._client.read_workers_for_work_pool(pool)
            if not any(worker.status == "ONLINE" for worker in workers):
                words = (
                    f"Work pool {pool} has no worker, so {run.name} waits. On a machine that shall do it, "
                    f"run: prefect worker start --pool {pool} --limit 1"
                )
                self._tell(pool, words)

    def _end_silent(self, runs: Mapping[UUID, FlowRun]) -> None:
        """Call crashed what was begun and whose worker is gone; at the next look it is over.

        Of a lost machine the server would hear minutes later, if ever.
        """
        begun = {self._lease(self._open[key]): run for key, run in runs.items()}
        for lease in self._leases.silent(begun):
            log.warning("%s: its worker is not heard of any more", lease)
            self._client.set_flow_run_state(begun[lease].id, Crashed(message=SILENT), force=True)

    def _tell_away(self, error: Exception) -> None:
        self._tell("server", f"The Prefect server does not answer ({error}); the workers go on.")

    def _tell(self, about: str, words: str) -> None:
        if self._told.get(about, 0.0) <= monotonic() - PATIENCE:
            self._told[about] = monotonic()
            log.warning("%s", words)
            announce(Waited(words=words))


def send_batch(sheet: str, key: str) -> None:
    """Have a batch made on the pools; once for a ``key``.

    Raises:
        ServerError: the server does not know the deployment.
    """
    _sent(Deployment.MAKE, {"sheet": sheet}, key, as_subflow=False)


def _sent(deployment: Deployment, parameters: dict[str, Any], key: str, **how: Any) -> FlowRun:
    try:
        run = run_deployment(deployment.value, parameters=parameters, timeout=0, idempotency_key=key, **how)
    except ObjectNotFound as error:
        problem = f"it has no deployment {deployment.value}."
        raise ServerError(str(PREFECT_API_URL.value()), problem, "Run: reelsheet deploy") from error
    assert isinstance(run, FlowRun)  # Only in a coroutine would it be something else.
    return run


def _is_over(run: FlowRun) -> bool:
    return run.state is None or run.state.is_final()


def _words(run: FlowRun | None) -> str:
    if run is None:
        return "the server has forgotten it"
    assert run.state
    return f"{run.state.name}: {run.state.message}" if run.state.message else str(run.state.name)
