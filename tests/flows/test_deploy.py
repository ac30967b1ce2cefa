import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy
import yaml
from prefect.cli.deploy import _models
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.schedules import CronSchedule
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.utilities.callables import parameter_schema
from pydantic import BaseModel

from campaign.fleet_errors import ServerError
from campaign.ledger import Ledger
from campaign.report import BatchReport, RowState
from flows import deploy as deploying
from flows.decided import go_on
from flows.deploy import (
    AS_IT_WAS,
    FILE,
    HEARTBEAT,
    MOST_RUNS,
    POOLS,
    RUNS_AGAIN,
    TAG,
    Done,
    automations,
    deploy,
)
from tasks.errands import Deployment

WRITTEN: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
DEPLOYMENTS: list[dict[str, Any]] = WRITTEN["deployments"]


def flow_of(deployment: dict[str, Any]) -> Flow[Any, Any]:
    return load_flow_from_entrypoint(deployment["entrypoint"])


def names() -> set[str]:
    return {f"{flow_of(one).name}/{one['name']}" for one in DEPLOYMENTS}


def unknown_keys(given: Any, model: type[BaseModel], where: str) -> Iterator[str]:
    """Keys that Prefect's own model would pass over without a word."""
    known = {field.alias or name for name, field in model.model_fields.items()} | set(model.model_fields)
    yield from (f"{where}.{key}" for key in given if key not in known)


def test_every_key_is_one_that_prefect_reads() -> None:
    wrong = [*unknown_keys(set(WRITTEN) - {"definitions"}, _models.PrefectYamlModel, "")]
    for one in DEPLOYMENTS:
        wrong += unknown_keys(one, _models.DeploymentConfig, one["entrypoint"])
        wrong += unknown_keys(one["work_pool"], _models.WorkPoolConfig, "work_pool")
        for schedule in one.get("schedules", ()):
            wrong += unknown_keys(schedule, _models.RawScheduleConfig, "schedule")
        if "concurrency_limit" in one:
            wrong += unknown_keys(one["concurrency_limit"], _models.ConcurrencyLimitSpec, "concurrency")
    assert wrong == []
    _models.PrefectYamlModel.model_validate(WRITTEN)


def test_a_misspelt_key_would_be_found() -> None:
    wrong = {**DEPLOYMENTS[0], "work_pol": {}}
    assert list(unknown_keys(wrong, _models.DeploymentConfig, "x")) == ["x.work_pol"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda one: f"{one['entrypoint']}-{one['name']}")
def test_a_deployment_loads_its_flow_and_its_parameters_are_the_flows(deployment: dict[str, Any]) -> None:
    flow = flow_of(deployment)
    properties = parameter_schema(flow.fn).properties
    given = [deployment.get("parameters", {})] + [
        {**deployment.get("parameters", {}), **schedule.get("parameters", {})}
        for schedule in deployment.get("schedules", ())
    ]
    for parameters in given:
        assert set(parameters) <= set(properties)
    for parameters in given[1:]:
        flow.validate_parameters(parameters)
    assert all(one.get("description") for one in properties.values()), "a parameter says nothing of itself"
    assert deployment["description"]
    assert TAG in deployment["tags"]


@pytest.mark.parametrize(
    "schedule",
    [schedule for one in DEPLOYMENTS for schedule in one.get("schedules", ())],
    ids=lambda schedule: schedule["slug"],
)
def test_a_schedule_has_a_zone_a_name_and_says_whether_it_is_on(schedule: dict[str, Any]) -> None:
    ZoneInfo(schedule["timezone"])
    CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    assert isinstance(schedule["active"], bool)


def test_pools_and_queues_that_deployments_name_are_made() -> None:
    made = {pool.name: {*pool.queues, "default"} for pool in POOLS}
    for one in DEPLOYMENTS:
        assert one["work_pool"]["work_queue_name"] in made[one["work_pool"]["name"]]


def test_what_a_batch_sends_out_is_deployed() -> None:
    assert {name.value for name in Deployment} <= names()


def test_every_flow_run_gives_a_sign_of_life_several_times_before_its_silence_counts() -> None:
    silence = automations()[0].trigger.within.total_seconds()
    for one in DEPLOYMENTS:
        heartbeat = int(one["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"])
        assert heartbeat == HEARTBEAT.total_seconds()
        assert silence >= 3 * heartbeat


def test_only_batches_run_again_after_a_crash() -> None:
    again = {one["entrypoint"] for one in DEPLOYMENTS if RUNS_AGAIN in one["tags"]}
    assert again == {"flows.batch.make"}


def changes(done: list[Done]) -> dict[str, str]:
    return {one.what: one.change for one in done if not one.change.startswith(AS_IT_WAS)}


@pytest.mark.slow
def test_a_second_time_changes_nothing_and_leaves_what_an_operator_has_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = list(deploy(tmp_path))
    assert {f"deployment {name}" for name in names()} <= set(changes(first))
    assert {f"work pool {pool.name}" for pool in POOLS} <= set(changes(first))
    assert len([one for one in first if one.what.startswith("automation") and one.change == "created"]) == 2

    with get_client(sync_client=True) as client:
        resume = client.read_deployment_by_name("resume/cpu")
        assert resume.pull_steps
        assert str(tmp_path) in json.dumps(resume.pull_steps)
        schedule = resume.schedules[0]
        assert schedule.active
        client.update_deployment_schedule(resume.id, schedule.id, active=False)
        queue = client.read_work_queue_by_name("batches", work_pool_name="cpu")
        client.update_work_queue(queue.id, concurrency_limit=5)
    assert changes(list(deploy(tmp_path))) == {}
    with get_client(sync_client=True) as client:
        assert not client.read_deployment_by_name("resume/cpu").schedules[0].active
        assert client.read_work_queue_by_name("batches", work_pool_name="cpu").concurrency_limit == 5
        assert len(client.read_automations()) == 2

    longer = automations()[0].model_copy(deep=True)
    longer.trigger.within = timedelta(minutes=9)
    monkeypatch.setattr(deploying, "automations", lambda: (longer,))
    fewer = tmp_path / "prefect.yaml"
    written = {**WRITTEN, "deployments": [{**DEPLOYMENTS[0], "description": "Another."}]}
    fewer.write_text(yaml.safe_dump(written), encoding="utf-8")
    third = changes(list(deploy(tmp_path, fewer)))
    assert third.pop(f"deployment {flow_of(DEPLOYMENTS[0]).name}/cpu") == "changed"
    assert third.pop(f"automation {longer.name!r}") == "changed"
    assert all("prefect deployment delete" in change for change in third.values())
    assert set(third) == {f"deployment {name}" for name in names()} - {"deployment plan/cpu"}


@pytest.mark.slow
def test_the_last_decisions_about_a_batch_made_at_once_send_the_next_run_once(
    tmp_path: Path, report: BatchReport
) -> None:
    list(deploy(tmp_path))
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    batch = ledger.begin_batch(report.campaign, Path("/inbox/tea.csv"), "d" * 64)
    row = report.rows[0]
    spots = [
        replace(row.spots[0], spot_id=f"tea01-{n}", state=RowState.REVIEW, decision="review", verdict=f"v{n}")
        for n in (1, 2, 3)
    ]
    asked = replace(report, rows=[replace(row, state=RowState.REVIEW, spots=spots)])
    ledger.decide("v1", "approve", "editor", "fine")
    assert "2 more wait" in go_on(asked, ledger)
    ledger.close()
    decided = threading.Barrier(2)

    def decide(verdict: str) -> str:
        mine = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
        mine.decide(verdict, "refuse", "editor", "no")
        decided.wait()
        said = go_on(asked, mine)
        mine.close()
        return said

    with ThreadPoolExecutor() as editors:
        said = list(editors.map(decide, ("v2", "v3")))
    assert said == ["All is decided: the fleet goes on with /inbox/tea.csv."] * 2
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[TAG])))
    mine = [run for run in runs if run.idempotency_key == f"decided-{batch}"]
    assert [run.parameters for run in mine] == [{"sheet": "/inbox/tea.csv"}]


@pytest.mark.slow
def test_a_deployment_that_prefect_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    wrong = tmp_path / "prefect.yaml"
    schedule = {"slug": "x", "cron": "61 * * * *", "timezone": "Etc/UTC", "active": True}
    written = {**WRITTEN, "deployments": [{**DEPLOYMENTS[0], "schedules": [schedule]}]}
    wrong.write_text(yaml.safe_dump(written), encoding="utf-8")
    with pytest.raises(ServerError, match="61"):
        list(deploy(tmp_path, wrong))


@contextmanager
def answering(version: str) -> Iterator[str]:
    """A server that says it is Prefect of that version."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(version).encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    thread.join()
    server.server_close()


def refusal(url: str | None, root: Path) -> str:
    with (
        temporary_settings({PREFECT_API_URL: url, PREFECT_CLIENT_MAX_RETRIES: 0}),
        pytest.raises(ServerError) as caught,
    ):
        list(deploy(root))
    return str(caught.value)


def test_no_server_a_silent_one_and_one_of_another_version_are_told_with_what_to_do(tmp_path: Path) -> None:
    assert "PREFECT_API_URL" in refusal(None, tmp_path)
    assert "prefect server start" in refusal("http://127.0.0.1:1/api", tmp_path)
    with answering("3.1.4") as url:
        said = refusal(url, tmp_path)
    assert "Prefect 3.1.4" in said
    assert "constraints.txt" in said


def test_sqlalchemy_is_one_with_which_prefects_scheduler_makes_runs() -> None:
    # With 2.1 every round of the scheduler of Prefect 3.8.8 fails (docs/decisions/0001).
    assert sqlalchemy.__version__.startswith("2.0.")


def test_a_crashed_batch_runs_a_bounded_number_of_times() -> None:
    again = automations()[1]
    assert again.trigger.match.root["prefect.run-count"] == [str(n) for n in range(1, MOST_RUNS)]
