"""The whole line on S3 and PostgreSQL, as several machines see it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from campaign.errors import StoreError
from campaign.ledger import Ledger, ReleaseState
from campaign.report import BatchReport, RowState
from campaign.store import Store
from flows.line import STAGES
from tasks.plan import plan
from tasks.setup import Setup
from tests.flows.running import make

pytestmark = pytest.mark.slow


def made(report: BatchReport) -> Counter[str]:
    return sum((Counter(spot.made) for row in report.rows for spot in row.spots), Counter())


def test_what_one_machine_made_another_foresees_and_delivers_without_making_anything(
    campaign: Path, setup: Callable[[], Setup], tmp_path: Path, bucket: Any, postgres: str, collector: Any
) -> None:
    shared = {"store_url": bucket.url, "store_options": bucket.options, "ledger": postgres}

    def machine(name: str) -> Setup:
        own = {"store": tmp_path / name / "store", "out": tmp_path / name / "out", **shared}
        return Setup.model_validate({**dict(setup()), **own})

    url, sent = collector
    first = make(campaign, machine("one").model_copy(update={"telemetry": url}))
    assert [row.state for row in first.rows] == [RowState.DONE, RowState.DONE]
    assert made(first)["rendition"] == 2
    traces = ExportTraceServiceRequest.FromString(b"".join(sent["/v1/traces"]))
    spans = [span for r in traces.resource_spans for s in r.scope_spans for span in s.spans]
    assert {span.name for span in spans} == {"batch", *(stage.__name__ for stage in STAGES)}
    assert len({span.trace_id for span in spans}) == 1

    foreseen = plan(campaign, machine("two"))
    assert foreseen.totals["new"] == {}
    assert not list((tmp_path / "two" / "store").glob("take/*"))

    second = make(campaign, machine("three"))
    assert made(second) == Counter()
    assert [row.state for row in second.rows] == [RowState.DONE, RowState.DONE]
    assert list(Store(tmp_path / "three" / "store").damaged()) == []
    ledger = Ledger(postgres)
    assert [release.state for release in ledger.releases()] == [ReleaseState.CONFIRMED] * 2
    ledger.close()


def test_a_bucket_that_refuses_is_said_before_anything_is_made(
    campaign: Path, setup: Callable[[], Setup], bucket: Any
) -> None:
    denied = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    bucket.faults.append(lambda _: ("403 Forbidden", denied))
    refused = {"store_url": bucket.url, "store_options": bucket.options}
    with pytest.raises(StoreError, match=r"was refused.*Access Denied.*renew them"):
        make(campaign, Setup.model_validate({**dict(setup()), **refused}))
    assert not list(setup().store.glob("storyboard"))
