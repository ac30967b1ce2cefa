"""Traces and metrics of what flows do, for OpenTelemetry and Prometheus. Imported only when asked for.

A batch and all that workers do for it are one trace. What is measured stands in `_Meters`.
"""

import errno
import hashlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, StatusCode, set_span_in_context

from campaign.errors import SettingsError
from campaign.events import CapReached, Event, Planned, Settled, SpotDone, Staged, Worked, listening
from campaign.report import RowState

SERVICE = "reelsheet"
PORTS = 16
"""Ports that flows of one machine may take, from the one that is set."""
SECONDS = (0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600)
"""Bounds of the histogram of stages: from a chunk that is found to a wave on a GPU."""


class Telemetry:
    """Turns events into spans and measures. One is opened for each piece of work of a flow."""

    def __init__(
        self,
        work: str,
        ids: Mapping[str, str],
        spans: Sequence[SpanExporter],
        readers: Sequence[MetricReader],
    ) -> None:
        resource = Resource.create({"service.name": SERVICE})
        self._traces = TracerProvider(resource=resource, id_generator=_OneTrace(ids))
        for exporter in spans:
            self._traces.add_span_processor(BatchSpanProcessor(exporter))
        self._metrics = MeterProvider(readers, resource=resource)
        self._meters = _Meters(self._metrics.get_meter(SERVICE))
        self._tracer = self._traces.get_tracer(SERVICE)
        self._whole: Span = self._tracer.start_span(work, attributes=ids)

    def hear(self, event: Event) -> None:
        """Count it; a stage is a span, too."""
        self._meters.take(event)
        if isinstance(event, Staged):
            began = int(event.began * 1e9)
            attributes = {"chunk": event.chunk, "spots": event.spots}
            parent = set_span_in_context(self._whole)
            span = self._tracer.start_span(event.stage, parent, attributes=attributes, start_time=began)
            span.end(began + int(event.seconds * 1e9))
        elif isinstance(event, SpotDone):
            said = {"spot": event.spot_id, "state": event.state.value, "reason": event.reason}
            self._whole.add_event("spot", said)

    def close(self, error: BaseException | None) -> None:
        """Send what is not sent yet."""
        if error:
            self._whole.record_exception(error)
            self._whole.set_status(StatusCode.ERROR)
        self._whole.end()
        self._traces.shutdown()
        self._metrics.shutdown()


class _Meters:
    def __init__(self, meter: Meter) -> None:
        self._spots = meter.create_counter(
            "reelsheet.spots", description="Spots that came to their end, by state"
        )
        self._work = meter.create_counter(
            "reelsheet.work", description="Things made, or found made, by step of the line"
        )
        self._stages = meter.create_histogram(
            "reelsheet.stage.duration",
            unit="s",
            description="How long a chunk of spots took at a stage of the line",
            explicit_bucket_boundaries_advisory=SECONDS,
        )
        self._attempts = meter.create_counter(
            "reelsheet.attempts", description="Paid attempts that came to their end, by vendor and outcome"
        )
        self._cost = meter.create_counter(
            "reelsheet.cost", description="What paid attempts cost, in the currency that they were paid in"
        )
        self._refusals = meter.create_counter(
            "reelsheet.refusals", description="Spots that the policy, and takes that a vendor refused"
        )
        self._caps = meter.create_counter("reelsheet.caps", description="Paid attempts that a cap stopped")
        meter.create_observable_gauge(
            "reelsheet.queue.age",
            [self._queue_age],
            unit="s",
            description="How long the spots wait for which nothing was done yet; 0 when none does",
        )
        self._lock = threading.Lock()
        self._waiting = 0
        self._since = time.monotonic()
        self._begun: set[str] = set()

    def take(self, event: Event) -> None:
        match event:
            case Planned():
                with self._lock:
                    self._waiting, self._since = event.spots, time.monotonic()
            case Worked():
                self._begin(event.spot_id)
                self._work.add(1, {"step": event.step.name.lower(), "reused": event.reused})
            case Staged():
                self._stages.record(event.seconds, {"stage": event.stage})
            case SpotDone():
                self._begin(event.spot_id)
                self._spots.add(1, {"state": event.state.value})
                if event.state is RowState.REFUSED:
                    self._refusals.add(1, {"by": "policy"})
            case Settled():
                paid = {"vendor": event.vendor, "model": event.model}
                self._attempts.add(1, {**paid, "outcome": event.outcome})
                self._cost.add(float(event.cost.amount), {**paid, "currency": event.cost.currency})
                if event.outcome == "refused":
                    self._refusals.add(1, {"by": event.vendor})
            case CapReached():
                self._caps.add(1)

    def _begin(self, spot: str) -> None:
        with self._lock:
            self._begun.add(spot)

    def _queue_age(self, _: CallbackOptions) -> Iterator[Observation]:
        with self._lock:
            waits = self._waiting > len(self._begun)
            yield Observation(time.monotonic() - self._since if waits else 0.0)


class _OneTrace(RandomIdGenerator):
    """Gives every process that works on a batch the same trace."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._batch = " ".join((SERVICE, *ids.values()))

    def generate_trace_id(self) -> int:
        return int.from_bytes(hashlib.sha256(self._batch.encode()).digest()[:16])


@contextmanager
def telling(work: str, ids: Mapping[str, str], endpoint: str, port: int) -> Iterator[None]:
    """Tell of what is done inside the block: to the collector, to Prometheus, or to both.

    Raises:
        SettingsError: no port is free for Prometheus.
    """
    spans: list[SpanExporter] = []
    readers: list[MetricReader] = []
    server: Any = None
    if endpoint:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        spans.append(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces"))
        readers.append(
            PeriodicExportingMetricReader(OTLPMetricExporter(f"{endpoint.rstrip('/')}/v1/metrics"))
        )
    if port:
        server, reader = _served(port)
        readers.append(reader)
    telemetry = Telemetry(work, ids, spans, readers)
    error: BaseException | None = None
    try:
        with listening(telemetry.hear):
            yield
    except BaseException as caught:
        error = caught
        raise
    finally:
        telemetry.close(error)
        if server:
            server.shutdown()
            server.server_close()


def _served(port: int) -> tuple[Any, MetricReader]:
    """An HTTP server for Prometheus on the first free port, and what it serves."""
    from opentelemetry.exporter.prometheus import PrometheusMetricReader  # noqa: PLC0415
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415

    registry = CollectorRegistry()
    reader = PrometheusMetricReader(registry=registry, scope_info_enabled=False)
    for candidate in range(port, port + PORTS):
        try:
            server, _ = start_http_server(candidate, registry=registry)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return server, reader
    raise SettingsError(
        "metrics_port",
        f"ports {port} to {port + PORTS - 1} are all taken.",
        "Set another, or 0 to serve no metrics.",
    )
