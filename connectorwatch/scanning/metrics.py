"""Metrics and span names for scans and deliveries; see docs/telemetry.md."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from common.telemetry import CHANGES, DELIVERIES, ERROR_TYPE, SCAN_DURATION, SCANS, VERDICTS, measure, span

if TYPE_CHECKING:
    from types import TracebackType

    from opentelemetry.trace import Span

    from common.telemetry import Attributes
    from findings.document import FindingsDocument

RESULT = "connectorwatch.scan.result"


class ScanWatch:
    """The span around one scan, and the metrics that are recorded when it ends.

    Args:
        tenant_id: Whose tenant; in the span only.
        scan_id: Which scan; in the span only.
        trigger: Why it is made; in the span only.
    """

    def __init__(self, tenant_id: str, scan_id: str, trigger: str) -> None:
        self._about: Attributes = {
            "connectorwatch.tenant.id": tenant_id,
            "connectorwatch.scan.id": scan_id,
            "connectorwatch.scan.trigger": trigger,
        }
        self._open = ExitStack()
        self._document: FindingsDocument | None = None
        self._span: Span | None = None
        self._began = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        self._began = time.perf_counter()
        self._span = self._open.enter_context(span("scan", self._about))
        return self

    def done(self, document: FindingsDocument) -> FindingsDocument:
        """Take note of the scan's result, and return it."""
        self._document = document
        return document

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Count, and let the error pass."""
        ended: Attributes = {RESULT: "failed"}
        if exc_type is not None:
            ended[ERROR_TYPE] = exc_type.__name__
        if self._document is not None:
            ended = {RESULT: "complete" if self._document.scan.complete else "incomplete"}
            _count(self._document)
        if self._span is not None:
            self._span.set_attributes(ended)
        measure(SCAN_DURATION, time.perf_counter() - self._began, ended)
        measure(SCANS, 1, ended)
        self._open.__exit__(exc_type, exc_value, traceback)


def _count(document: FindingsDocument) -> None:
    for outcome, number in document.summary.outcomes.items():
        if number:
            measure(VERDICTS, number, {"connectorwatch.verdict.outcome": outcome.value})
    for change, number in document.summary.changes:
        if number:
            measure(CHANGES, number, {"connectorwatch.finding.change": change})


def delivery_measured(kind: str, result: str, number: int = 1) -> None:
    """Count notifications that were handed to a channel; neither their content nor the route's name is measured.

    Args:
        kind: The kind of the channel.
        result: How that ended, as one word of a few.
        number: How many were handed over at once.
    """
    measure(DELIVERIES, number, {"connectorwatch.delivery.channel": kind, "connectorwatch.delivery.result": result})
