"""OpenTelemetry's SDK as it is set up here. Loaded only where something is sent; see telemetry.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

if TYPE_CHECKING:
    from collections.abc import Mapping


def resource_of(environment: Mapping[str, str], version: str, instance: str) -> Resource:
    """Return the resource that sends. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override the attributes set here.

    Args:
        environment: This process's own.
        version: Ours.
        instance: An id of this process: counters of two processes must not be taken for one.
    """
    attributes = {"service.name": "connectorwatch", "service.version": version, "service.instance.id": instance}
    if site := environment.get("WEBSITE_SITE_NAME"):
        attributes |= {"cloud.provider": "azure", "cloud.platform": "azure.functions", "faas.name": site}
    return Resource(attributes).merge(_set_by_hand())


def _set_by_hand() -> Resource:
    """Return what the environment says of the resource, and the SDK of itself."""
    detected = Resource.create()
    attributes = {
        key: value
        for key, value in detected.attributes.items()
        if not (key == "service.name" and str(value).startswith("unknown_service"))
    }
    return Resource(attributes)


def tracer_provider(resource: Resource, timeout: float | None, environment: Mapping[str, str]) -> TracerProvider:
    """Return what sends spans, in the background; `timeout` in seconds, None for the environment's."""
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=timeout, session=_session(environment))))
    return provider


def meter_provider(resource: Resource, timeout: float | None, environment: Mapping[str, str]) -> MeterProvider:
    """Return what sends metrics, in the background; `timeout` in seconds, None for the environment's.

    Raises:
        ValueError: The interval that the environment sets is none.
    """
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=timeout, session=_session(environment)))
    return MeterProvider(metric_readers=[reader], resource=resource, shutdown_on_exit=False)


def _session(environment: Mapping[str, str]) -> requests.Session | None:
    """Return what makes the requests: an answer that points elsewhere is an error in it.

    The exporters go nowhere else, which keeps their headers where they belong, and take such an answer for a success.
    None where a provider of credentials is named, which has a session of its own.
    """
    if any(name.endswith("_CREDENTIAL_PROVIDER") and environment[name] for name in environment):
        return None
    session = requests.Session()
    session.hooks["response"].append(_no_redirect)
    return session


def _no_redirect(response: requests.Response, **_: object) -> None:
    if 300 <= response.status_code < 400:  # noqa: PLR2004 - HTTP's redirects
        raise requests.HTTPError(
            f"the receiver answered {response.status_code} and points elsewhere: name its own address"
        )
