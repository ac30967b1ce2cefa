import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prefect.client.orchestration import get_client
from prefect.client.schemas.sorting import LogSort
from prefect.settings import PREFECT_API_URL

from campaign.events import CapReached, Event, Planned, Settled, SpotDone, Staged, Step, Worked, announce
from campaign.money import Money
from campaign.report import RowState
from flows.telemetry import PORTS, Telemetry, telling

ROOT = Path(__file__).parent.parent.parent
IDS = {"batch": "3", "campaign": "tea", "digest": "d" * 64}
COST, NOTHING = Money(Decimal("0.55"), "USD"), Money(Decimal(0), "USD")
EVENTS: tuple[Event, ...] = (
    Planned(spots=3, rows=2),
    Worked(step=Step.SHOOT, spot_id="a-1", what="a-1-s1", reused=False),
    Worked(step=Step.SHOOT, spot_id="a-1", what="a-1-s2", reused=True),
    Staged(stage="shoot", chunk=1, spots=2, began=1_000.0, seconds=2.5),
    Settled(vendor="runway", model="gen4.5", shot="a-1-s1", outcome="succeeded", cost=COST),
    Settled(vendor="runway", model="gen4.5", shot="b-1-s1", outcome="refused", cost=NOTHING),
    CapReached(spot_id="b-1", reason="full"),
    SpotDone(spot_id="a-1", row_id="a", state=RowState.DONE),
    SpotDone(spot_id="b-1", row_id="b", state=RowState.REFUSED, reason="law"),
)


def measured(reader: InMemoryMetricReader) -> dict[tuple[str, str], float]:
    """Every measure, by name and the values of its labels."""
    data = reader.get_metrics_data()
    assert data
    return {
        (metric.name, " ".join(str(value) for value in (point.attributes or {}).values())): getattr(
            point, "value", getattr(point, "sum", None)
        )
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    }


def test_what_is_announced_is_measured_and_traced() -> None:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    telemetry = Telemetry("batch", IDS, [spans], [reader])
    for event in EVENTS:
        telemetry.hear(event)
    found = measured(reader)
    age = found.pop(("reelsheet.queue.age", ""))
    assert age > 0
    assert found == {
        ("reelsheet.spots", "done"): 1,
        ("reelsheet.spots", "refused"): 1,
        ("reelsheet.work", "shoot False"): 1,
        ("reelsheet.work", "shoot True"): 1,
        ("reelsheet.stage.duration", "shoot"): 2.5,
        ("reelsheet.attempts", "runway gen4.5 succeeded"): 1,
        ("reelsheet.attempts", "runway gen4.5 refused"): 1,
        ("reelsheet.cost", "runway gen4.5 USD"): 0.55,
        ("reelsheet.refusals", "policy"): 1,
        ("reelsheet.refusals", "runway"): 1,
        ("reelsheet.caps", ""): 1,
    }
    telemetry.hear(Worked(step=Step.EXPAND, spot_id="c-1", what="c-1", reused=False))
    assert measured(reader)["reelsheet.queue.age", ""] == 0
    telemetry.close(ValueError("no"))
    stage, whole = spans.get_finished_spans()
    assert (stage.name, whole.name) == ("shoot", "batch")
    assert stage.parent
    assert stage.parent.span_id == whole.context.span_id
    assert (stage.start_time, stage.end_time) == (1_000_000_000_000, 1_002_500_000_000)
    assert dict(stage.attributes or {}) == {"chunk": 1, "spots": 2}
    assert dict(whole.attributes or {}) == IDS
    assert whole.status.status_code is StatusCode.ERROR


def test_every_process_that_works_on_a_batch_writes_into_its_one_trace() -> None:
    traces = []
    for work, ids in (("batch", IDS), ("shoot", IDS), ("batch", {**IDS, "batch": "4"})):
        spans = InMemorySpanExporter()
        Telemetry(work, ids, [spans], []).close(None)
        traces.append(spans.get_finished_spans()[0].context.trace_id)
    assert traces[0] == traces[1] != traces[2]


def free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return int(server.server_port)


def scraped(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        return str(answer.read(), "utf-8")


def test_prometheus_finds_the_metrics_while_the_work_lasts_and_a_second_flow_on_the_next_port() -> None:
    port = free_port()
    with telling("batch", IDS, "", port):
        for event in EVENTS:
            announce(event)
        found = scraped(port)
        assert 'reelsheet_spots_total{state="done"} 1.0' in found
        assert 'reelsheet_stage_duration_seconds_sum{stage="shoot"} 2.5' in found
        assert 'reelsheet_cost_total{currency="USD",model="gen4.5",vendor="runway"} 0.55' in found
        assert "reelsheet_queue_age_seconds" in found
        with telling("shoot", IDS, "", port):
            announce(EVENTS[-1])
            others = [scraped(port + step) for step in range(1, PORTS) if _listens(port + step)]
            assert any('reelsheet_spots_total{state="refused"} 1.0' in other for other in others)
    assert not _listens(port)


def _listens(port: int) -> bool:
    try:
        scraped(port)
    except OSError:
        return False
    return True


def test_a_collector_gets_spans_and_metrics_before_the_work_is_left(collector: Any) -> None:
    url, sent = collector
    with telling("batch", IDS, url, 0):
        for event in EVENTS:
            announce(event)
    traces = ExportTraceServiceRequest.FromString(b"".join(sent["/v1/traces"]))
    spans = {span.name for r in traces.resource_spans for s in r.scope_spans for span in s.spans}
    assert spans == {"batch", "shoot"}
    metrics = ExportMetricsServiceRequest.FromString(sent["/v1/metrics"][-1])
    names = {metric.name for r in metrics.resource_metrics for s in r.scope_metrics for metric in s.metrics}
    assert {"reelsheet.spots", "reelsheet.stage.duration", "reelsheet.cost", "reelsheet.queue.age"} <= names


RUN = """
import logging, sys
from pathlib import Path
from reelsheet.environment import prepare_prefect
from tasks.setup import LogLines, Setup
home = Path(sys.argv[1])
prepare_prefect(home, home / "reelsheet.log", LogLines.JSON)
from prefect import flow
from campaign.log_lines import bound
from campaign.sheet.campaign import Campaign
from flows.seen import seen
places = {"store": home, "out": home, "ledger": "sqlite://", "kit_folders": ()}
setup = Setup(**places, workers=1, chunk=1, log_lines=LogLines.JSON)
campaign = Campaign.__new__(Campaign)

@flow
def work():
    with seen("batch", campaign, 3, setup), bound(spot="tea01-1"):
        logging.getLogger("media.encode").info("a word from the library")
work()
assert "flows.telemetry" not in sys.modules
"""


def test_a_line_of_a_library_reaches_the_run_page_and_the_file_with_its_ids(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_API_URL": PREFECT_API_URL.value() or ""}
    environment.pop("PREFECT_LOGGING_SETTINGS_PATH", None)
    subprocess.run([sys.executable, "-c", RUN, str(tmp_path)], check=True, env=environment, cwd=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "reelsheet.log").read_text("utf-8").splitlines()]
    (mine,) = (line for line in lines if line["logger"] == "media.encode")
    assert (mine["batch"], mine["spot"], mine["message"]) == ("3", "tea01-1", "a word from the library")

    async def of_the_library() -> list[str]:
        async with get_client() as client:
            latest = await client.read_logs(sort=LogSort.TIMESTAMP_DESC)
            return [line.message for line in latest if line.name == "media.encode"]

    for _ in range(60):
        if said := asyncio.run(of_the_library()):
            break
        time.sleep(0.5)
    assert said == ["a word from the library [batch 3, spot tea01-1]"]
