"""Traces and metrics through OpenTelemetry's API alone: nothing is kept or sent unless somebody sets up its SDK.

Names and units follow OpenTelemetry's semantic conventions ("HTTP metrics", stable since 1.23; "General naming",
2026-10). Attributes of metrics are words of ours or numbers, never a tenant's ids or texts; spans hold ids besides.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from opentelemetry import metrics, trace
from opentelemetry.metrics import Counter
from opentelemetry.trace import StatusCode

from common import http_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from opentelemetry.metrics import Histogram, Meter, MeterProvider
    from opentelemetry.trace import Span, Tracer, TracerProvider

SCOPE = "connectorwatch"
"""The instrumentation scope of all spans and metrics."""
ERROR_TYPE: Final = "error.type"

Attributes = dict[str, str | int | bool]


@dataclass(frozen=True)
class Metric:
    """One metric: its name, unit (UCUM), what it measures, and which attributes it may have.

    `boundaries` are a histogram's; a metric without any is a counter.
    """

    name: str
    unit: str
    description: str
    attributes: tuple[str, ...]
    boundaries: tuple[float, ...] = ()


REQUEST_DURATION = Metric(
    "http.client.request.duration",
    "s",
    "Duration of HTTP client requests.",
    ("http.request.method", "server.address", "server.port", "http.response.status_code", ERROR_TYPE),
    # The boundaries that the conventions advise, and two more: Graph takes its time.
    (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60),
)
THROTTLED = Metric(
    "connectorwatch.graph.throttled",
    "{refusal}",
    "Requests, and members of batches, that Graph refused because of its limits.",
    ("connectorwatch.graph.service",),
)
SCAN_DURATION = Metric(
    "connectorwatch.scan.duration",
    "s",
    "How long scans took, from the first request to the last report.",
    ("connectorwatch.scan.result", ERROR_TYPE),
    (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800),
)
SCANS = Metric(
    "connectorwatch.scans",
    "{scan}",
    "Scans that ended, by how they ended.",
    ("connectorwatch.scan.result", ERROR_TYPE),
)
VERDICTS = Metric(
    "connectorwatch.verdicts", "{verdict}", "Verdicts that scans gave, by outcome.", ("connectorwatch.verdict.outcome",)
)
CHANGES = Metric(
    "connectorwatch.finding.changes",
    "{finding}",
    "Findings that scans moved, by how they moved.",
    ("connectorwatch.finding.change",),
)
DELIVERIES = Metric(
    "connectorwatch.deliveries",
    "{delivery}",
    "Announcements handed to channels, by how that ended.",
    ("connectorwatch.delivery.channel", "connectorwatch.delivery.result"),
)
METRICS = (REQUEST_DURATION, THROTTLED, SCAN_DURATION, SCANS, VERDICTS, CHANGES, DELIVERIES)


class _Signals:
    """The tracer and the instruments in use. Until an SDK is set up they are the API's own, which do nothing."""

    def __init__(self) -> None:
        self.tracer: Tracer = trace.get_tracer(SCOPE)
        self.instruments = _instruments(metrics.get_meter(SCOPE))


def _instruments(meter: Meter) -> Mapping[str, Counter | Histogram]:
    return {
        metric.name: meter.create_histogram(
            metric.name, metric.unit, metric.description, explicit_bucket_boundaries_advisory=metric.boundaries
        )
        if metric.boundaries
        else meter.create_counter(metric.name, metric.unit, metric.description)
        for metric in METRICS
    }


_signals = _Signals()


def use(tracers: TracerProvider | None, meters: MeterProvider | None) -> None:
    """Measure with these providers from now on, None for the process's own (as the API knows them).

    They are ours alone and not the process's, so that what libraries trace, addresses with their queries among it, is
    never sent with ours.
    """
    _signals.tracer = trace.get_tracer(SCOPE) if tracers is None else tracers.get_tracer(SCOPE)
    _signals.instruments = _instruments(metrics.get_meter(SCOPE) if meters is None else meters.get_meter(SCOPE))


def measure(metric: Metric, value: float, attributes: Attributes) -> None:
    """Add to a counter, or record a value of a histogram."""
    instrument = _signals.instruments[metric.name]
    if isinstance(instrument, Counter):
        instrument.add(value, attributes)
    else:
        instrument.record(value, attributes)


@contextmanager
def span(name: str, attributes: Attributes | None = None) -> Iterator[Span]:
    """Trace what happens inside as one span; a failure is told by its class alone, since its text may hold names.

    May decorate a function. Not one that is `async`: the span would end before the function begins.
    """
    span = _signals.tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    )
    with span as current, _Failures(current):
        yield current


class _Failures:
    """Marks a span as failed when an error passes."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Mark the span, and let the error pass."""
        if exc_type is not None:
            self._span.set_attribute(ERROR_TYPE, exc_type.__name__)
            self._span.set_status(StatusCode.ERROR)


def request_measured(root: str, method: str, seconds: float, *, status: int | None = None, error: str = "") -> None:
    """Record one HTTP request to a Graph root.

    Args:
        root: The root; of the address no more is told.
        method: GET or POST.
        seconds: How long it took until the whole answer was there.
        status: The answer's status; None without an answer.
        error: What went wrong without an answer, as a short word.
    """
    attributes: Attributes = {"http.request.method": method, **_server(root)}
    if status is not None:
        attributes["http.response.status_code"] = status
        error = str(status) if status >= 400 else ""  # noqa: PLR2004 - where HTTP's errors begin
    if error:
        attributes[ERROR_TYPE] = error
    measure(REQUEST_DURATION, seconds, attributes)


@cache
def _server(root: str) -> Attributes:
    url = http_client.URL(root)
    return {"server.address": url.host, "server.port": url.port or (443 if url.scheme == "https" else 80)}
