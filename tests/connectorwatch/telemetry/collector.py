"""An OTLP receiver on loopback: takes traces and metrics over HTTP, as a collector does, and keeps what it was sent."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.connectorwatch.telemetry.loopback import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
    from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """What was received.

    Attributes:
        root: Where it listens.
        bodies: All bodies, unpacked.
        headers: All headers, as text.
        spans: All spans.
        metrics: All metrics, by name; the newest counts, since they only grow.
        resources: The attributes of who sent.
    """

    root: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    metrics: dict[str, Metric] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        """Take in one request."""
        await asyncio.sleep(self.hang)
        body = await request.read()
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        self.bodies.append(body)
        self.headers.append(str(request.headers))
        if request.path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources = {each.key: each.value.string_value for each in resource.resource.attributes}
                for scope in resource.scope_spans:
                    self.spans += scope.spans
        else:
            for measured in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for part in measured.scope_metrics:
                    self.metrics |= {metric.name: metric for metric in part.metrics}
        return web.Response()


@contextmanager
def collecting(hang: float = 0.0) -> Iterator[Collector]:
    """Run a collector; with `hang` it answers each request after so many seconds."""
    own = Collector(hang=hang)
    with serving(own.handle) as own.root:
        yield own
