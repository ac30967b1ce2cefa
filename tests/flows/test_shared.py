"""The whole line on S3 and PostgreSQL, as several machines see it."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy import NullPool, create_engine, text

from campaign.errors import StoreError
from campaign.fleet_errors import BusyError
from campaign.ledger import BatchState, Ledger, ReleaseState
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


def test_a_database_that_is_cut_off_again_and_again_loses_and_doubles_nothing(
    campaign: Path, setup: Callable[[], Setup], postgres: str
) -> None:
    shaken = Setup.model_validate({**dict(setup()), "ledger": postgres})
    over, cuts = Event(), 0

    def cut() -> None:
        nonlocal cuts
        admin = create_engine(postgres, poolclass=NullPool)
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        while not over.wait(0.4):
            with admin.connect() as connection:
                ended = text(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}")
                cuts += connection.scalar(ended) or 0

    thread = Thread(target=cut)
    thread.start()
    try:
        for _ in range(20):
            with suppress(StoreError, BusyError):
                report = make(campaign, shaken)
                if {row.state for row in report.rows} == {RowState.DONE}:
                    break
    finally:
        over.set()
        thread.join()
    assert cuts
    report = make(campaign, shaken)
    assert [row.state for row in report.rows] == [RowState.DONE, RowState.DONE]
    assert made(report) == Counter()
    ledger = Ledger(postgres)
    assert sorted((one.place, one.state) for one in ledger.releases()) == [
        ("cup-1_1x1", ReleaseState.CONFIRMED),
        ("leaf-1_9x16", ReleaseState.CONFIRMED),
    ]
    assert {batch.state for batch in ledger.batches()} == {BatchState.FINISHED}
    ledger.close()
