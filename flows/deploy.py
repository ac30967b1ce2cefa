"""What a Prefect server has to know of us: pools, deployments, and the automations that mend crashes.

Bringing it there again changes nothing but what has changed here, and leaves alone what an operator has set
on the server: the kind and limits of a pool, and whether a schedule is on.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import prefect
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings

from campaign.fleet_errors import ServerError

FILE = Path(__file__).parent.parent / "prefect.yaml"
ROOT = "REELSHEET_ROOT"
"""Variable that prefect.yaml reads: the folder that flows run in."""
RUNS_AGAIN = "goes-on-after-a-crash"
"""Tag of deployments whose crashed runs are started again."""
MOST_RUNS = 3
"""Of one flow run, with those after a crash."""
HEARTBEAT = timedelta(seconds=30)
"""The shortest that Prefect allows; prefect.yaml sets it for every deployment."""
SILENCE = 6 * HEARTBEAT
"""Below three heartbeats Prefect was seen to take living runs for dead; a crowded machine is late."""
TAG = "reelsheet"
AS_IT_WAS = "as it was"
TELLING = (
    "entrypoint",
    "description",
    "tags",
    "parameters",
    "parameter_openapi_schema",
    "pull_steps",
    "work_pool_name",
    "work_queue_name",
    "job_variables",
)
"""Of a deployment, what somebody would call a change."""
AT_WORK = "prefect.flow-run.heartbeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One thing on the server, and what became of it."""

    what: str
    change: str
    """``created``, ``changed``, ``as it was``, or in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A work pool and its queues."""

    name: str
    about: str
    queues: Mapping[str, int | None]
    """Most flow runs of each at once; None is as many as its workers take."""


POOLS = (
    Pool(
        name="cpu",
        about="Batches and the finishing of spots.",
        queues={"chunks": None, "batches": 2},
    ),
    Pool(name="gpu", about="Waves of takes. One worker for each GPU, with --limit 1.", queues={}),
)


def automations() -> tuple[AutomationCore, ...]:
    """What the server does by itself: call a silent run crashed, and start a crashed batch again."""
    ends = {f"prefect.flow-run.{name}" for name in ("Completed", "Failed", "Cancelled", "Crashed")}
    lost = AutomationCore(
        name="reelsheet: a run that is silent has crashed",
        description="Its machine or its process is gone; nothing else in Prefect would notice.",
        tags=["reelsheet"],
        trigger=EventTrigger(
            after={AT_WORK},
            expect={AT_WORK, *ends},
            match={"prefect.resource.id": "prefect.flow-run.*"},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[_to(StateType.CRASHED, "No heartbeat: its machine is gone.")],
    )
    again = AutomationCore(
        name="reelsheet: a crashed batch is started again",
        description=f"At most {MOST_RUNS} runs in all. What is made is in the store; it goes on from there.",
        tags=["reelsheet"],
        trigger=EventTrigger(
            expect={"prefect.flow-run.Crashed"},
            match={
                "prefect.resource.id": "prefect.flow-run.*",
                "prefect.run-count": [str(count) for count in range(1, MOST_RUNS)],
            },
            match_related={
                "prefect.resource.id": f"prefect.tag.{RUNS_AGAIN}",
                "prefect.resource.role": "tag",
            },
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[_to(StateType.SCHEDULED, "Started again after a crash.")],
    )
    return lost, again


def deploy(root: Path, file: Path = FILE) -> Iterator[Done]:
    """Bring everything to the server that Prefect's settings name; yields each thing as it is done.

    Args:
        root: Folder that flows run in, the same on every worker.
        file: The deployments.

    Raises:
        ServerError: there is no server, it is of another version, or it refuses a deployment.
    """
    with _server() as client:
        for pool in POOLS:
            yield from _bring_pool(client, pool)
        yield from _bring_deployments(client, root, file)
        for automation in automations():
            yield _bring_automation(client, automation)


def _to(state: StateType, message: str) -> ChangeFlowRunState:
    return ChangeFlowRunState(name=None, state=state, message=message, force=False)


@contextmanager
def _server() -> Iterator[SyncPrefectClient]:
    """A client of the server that is set, which answers and speaks our version."""
    url = get_current_settings().api.url
    if not url:
        raise ServerError(
            "(none)",
            "PREFECT_API_URL is not set, and the server that starts by itself ends with its flow.",
            "Start one (prefect server start) and set it, like PREFECT_API_URL=http://127.0.0.1:4200/api.",
        )
    try:
        with get_client(sync_client=True) as client:
            theirs = client.api_version()
            if theirs.split(".")[:2] != prefect.__version__.split(".")[:2]:
                raise ServerError(
                    url,
                    f"it is Prefect {theirs}, but this is Prefect {prefect.__version__}.",
                    "Run both from the same image or the same constraints.txt.",
                )
            yield client
    except (httpx.HTTPError, ValueError) as error:
        raise ServerError(
            url,
            f"it does not answer as it should ({error}).",
            "Start it (prefect server start) or correct PREFECT_API_URL; then run this again.",
        ) from error


def _bring_pool(client: SyncPrefectClient, pool: Pool) -> Iterator[Done]:
    try:
        there = client.read_work_pool(pool.name)
        yield Done(what=f"work pool {pool.name}", change=f"as it was, of type {there.type}")
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=pool.name, type="process", description=pool.about))
        yield Done(what=f"work pool {pool.name}", change="created, of type process")
    for queue, limit in pool.queues.items():
        what = f"queue {queue} of {pool.name}"
        try:
            client.read_work_queue_by_name(queue, work_pool_name=pool.name)
            yield Done(what=what, change=AS_IT_WAS)
        except ObjectNotFound:
            client.create_work_queue(queue, concurrency_limit=limit, work_pool_name=pool.name)
            most = f", {limit} at once" if limit else ""
            yield Done(what=what, change=f"created{most}")


def _bring_deployments(client: SyncPrefectClient, root: Path, file: Path) -> Iterator[Done]:
    before = _deployments(client)
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / file.name
        asked.write_text(_as_switched(file, before.values()), encoding="utf-8")
        command = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(asked)]
        settings = get_current_settings().to_environment_variables(exclude_unset=True)
        told = {**os.environ, **settings, ROOT: str(root)}
        run = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=FILE.parent,
            env=told,
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode:
        said = " ".join((run.stderr or run.stdout).split())[-500:]
        raise ServerError(str(client.api_url), f"prefect deploy failed: {said}", f"Correct {file}.")
    for name, now in _deployments(client).items():
        then = before.get(name)
        yield Done(what=f"deployment {name}", change=_change(name, then, now, file))


def _as_switched(file: Path, there: Iterable[DeploymentResponse]) -> str:
    """The file with every schedule that the server knows as on or off as it is there."""
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    switched = {(d.entrypoint, d.name, s.slug): s.active for d in there for s in d.schedules}
    for deployment in written["deployments"]:
        for schedule in deployment.get("schedules", ()):
            place = (deployment["entrypoint"], deployment["name"], schedule["slug"])
            schedule["active"] = switched.get(place, schedule["active"])
    return yaml.safe_dump(written, allow_unicode=True, sort_keys=False)


def _change(name: str, then: DeploymentResponse | None, now: DeploymentResponse, file: Path) -> str:
    if then is None:
        off = ", ".join(str(schedule.slug) for schedule in now.schedules if not schedule.active)
        return f"created, with its schedule off: {off}" if off else "created"
    if then.updated == now.updated:
        return f"not in {file.name} any more; remove it with: prefect deployment delete '{name}'"
    return AS_IT_WAS if _telling(then) == _telling(now) else "changed"


def _deployments(client: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """Ours on the server, by ``<flow>/<deployment>``."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found = client.read_deployments(deployment_filter=ours, limit=200)
    named = {f"{client.read_flow(one.flow_id).name}/{one.name}": one for one in found}
    return dict(sorted(named.items()))


def _telling(deployment: DeploymentResponse) -> dict[str, Any]:
    """Whether a schedule is on is left out: that is the operator's."""
    named = {name: getattr(deployment, name) for name in TELLING}
    limit = deployment.global_concurrency_limit
    schedules = sorted((str(s.slug), str(s.schedule), str(s.parameters)) for s in deployment.schedules)
    return {**named, "schedules": schedules, "limit": limit.limit if limit else None}


def _bring_automation(client: SyncPrefectClient, wanted: AutomationCore) -> Done:
    """Created, or set right where it differs; whether it is enabled is the operator's."""
    what = f"automation {wanted.name!r}"
    there = client.read_automations_by_name(wanted.name)
    if not there:
        client.create_automation(wanted)
        return Done(what=what, change="created")
    known = AutomationCore.model_validate(there[0].model_dump(exclude={"id", "created", "updated"}))
    kept = wanted.model_copy(update={"enabled": known.enabled})
    if _as_sent(known) == _as_sent(kept):
        return Done(what=what, change=AS_IT_WAS)
    client.update_automation(there[0].id, kept)
    return Done(what=what, change="changed")


def _as_sent(automation: AutomationCore) -> dict[str, Any]:
    """Without what the server adds. Sets stay sets: as lists, equal ones may have another order."""
    sent = automation.model_dump(exclude={"owner_resource"})
    sent["trigger"].pop("id", None)
    return sent
