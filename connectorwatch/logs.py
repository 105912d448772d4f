"""Structured logs on stderr: one JSON object a line, with the scan's and the tenant's id in each."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logs(level: str) -> None:
    """Write log lines of at least `level` (`debug`, `info`, `warning`, `error`) to stderr."""
    # azure-identity warns of each credential that did not answer; our own error says it once, in a sentence.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        # Looked up with each logger: whoever calls the command line from Python may have put another stream there.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
