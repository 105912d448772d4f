"""Structured logs: one JSON object a line, with the scan's and the tenant's id in each, and no secrets in any."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from connectorwatch.platform.redaction import redact_event, redact_records

if TYPE_CHECKING:
    from structlog.typing import Processor


def set_up_logs(level: str) -> None:
    """Write log lines of at least `level` (`debug`, `info`, `warning`, `error`) to stderr."""
    # azure-identity warns of each credential that did not answer; our own error says it once, in a sentence.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    redact_records()
    structlog.configure(
        processors=_processors(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        # Looked up with each logger: whoever calls the command line from Python may have put another stream there.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def set_up_service_logs() -> None:
    """Hand log lines to Python's own logging, which the Functions host collects with the invocation they belong to."""
    redact_records()
    for talkative in ("azure", "httpx", "httpcore", "aiohttp"):
        logging.getLogger(talkative).setLevel(logging.WARNING)  # a line for each request would be most of the bill
    structlog.configure(
        processors=_processors(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_event,
        structlog.processors.JSONRenderer(ensure_ascii=True),
    ]
