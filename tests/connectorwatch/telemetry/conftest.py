"""What all tests of this folder need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from common.telemetry import use
from connectorwatch.platform.logs import set_up_logs
from tests.connectorwatch.telemetry.ingestion import Ingestion, ingesting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.sdk.trace import ReadableSpan


@dataclass(frozen=True)
class Measured:
    """What was measured in this process."""

    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """All spans that have ended."""
        return self.exporter.get_finished_spans()

    def tree(self) -> set[tuple[str | None, str]]:
        """Return each span's name with its parent's."""
        names = {span.context.span_id: span.name for span in self.spans if span.context}
        return {(names.get(span.parent.span_id) if span.parent else None, span.name) for span in self.spans}

    def points(self) -> dict[str, dict[tuple[tuple[str, object], ...], float]]:
        """Return each metric's points by attributes: a counter's sum, a histogram's count."""
        data = self.reader.get_metrics_data()
        found: dict[str, dict[tuple[tuple[str, object], ...], float]] = {}
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    found[metric.name] = {
                        _key(point.attributes): point.value if isinstance(point, NumberDataPoint) else point.count
                        for point in metric.data.data_points
                    }
        return found


def _key(attributes: Mapping[str, object] | None) -> tuple[tuple[str, object], ...]:
    return tuple(sorted((attributes or {}).items()))


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Log as the command line does by itself: errors only."""
    set_up_logs("error")


@pytest.fixture
def measured() -> Iterator[Measured]:
    """Measure into memory for the time of one test."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
    use(tracers, meters)
    yield Measured(exporter, reader)
    use(None, None)
    tracers.shutdown()
    meters.shutdown()


@pytest.fixture
def service() -> Iterator[Ingestion]:
    """Run Azure Monitor's ingestion API for the time of one test."""
    with ingesting() as own:
        yield own
