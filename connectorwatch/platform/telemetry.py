"""Set OpenTelemetry's SDK up where the standard variables (OTEL_*) ask for it; nothing of it is loaded otherwise.

What is sent goes to an OTLP endpoint over HTTP, in the background. Waiting for it is bounded: a collector that does
not answer costs a scan `PATIENCE` seconds at its end, and never its result.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import structlog

from common.errors import SettingsError
from common.extras import extra
from common.version import VERSION
from connectorwatch.platform.redaction import hide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.trace import TracerProvider

log = structlog.get_logger(__name__)

PATIENCE = 5.0
"""Seconds that the end of a scan waits for the collector at most."""
TIMEOUT = 3.0
"""Seconds for one transmission, its tries included, where OTEL_EXPORTER_OTLP_TIMEOUT is not set."""
PROTOCOL = "http/protobuf"
_OTLP = "OTEL_EXPORTER_OTLP_"


@dataclass(frozen=True)
class Sending:
    """The providers that send; None for a signal that is not configured."""

    traces: TracerProvider | None = None
    metrics: MeterProvider | None = None

    def flush(self) -> None:
        """Send what is there, for `PATIENCE` seconds at most; what is left then is sent later."""
        _within(PATIENCE, [part.force_flush for part in (self.traces, self.metrics) if part is not None])

    def close(self) -> None:
        """Send what is there and stop, for `PATIENCE` seconds at most; what is left then is lost."""
        if self.traces is not None or self.metrics is not None:
            from common.telemetry import use

            use(None, None)
            _within(PATIENCE, [part.shutdown for part in (self.traces, self.metrics) if part is not None])


def set_up(environment: Mapping[str, str]) -> Sending:
    """Begin to measure and send what the standard variables ask for; by themselves they ask for nothing.

    Args:
        environment: This process's own; the SDK reads the details (headers, certificates, intervals) from there itself.

    Raises:
        SettingsError: A variable has a value that the SDK does not take.
        MissingExtraError: Its SDK is not installed.
    """
    traces, metrics = _is_wanted("TRACES", environment), _is_wanted("METRICS", environment)
    if not (traces or metrics):
        return Sending()
    _hide_secrets(environment)
    _listen()
    # Loaded here: it takes a third of a second.
    from common.telemetry import use

    with extra("otel", "Telemetry, which a variable OTEL_* asks for,"):
        from connectorwatch.platform.telemetry_sdk import meter_provider, resource_of, tracer_provider

    resource = resource_of(environment, VERSION, str(uuid.uuid4()))
    try:
        sending = Sending(
            tracer_provider(resource, _timeout("TRACES", environment), environment) if traces else None,
            meter_provider(resource, _timeout("METRICS", environment), environment) if metrics else None,
        )
    except (ValueError, RuntimeError, ImportError) as error:
        why = str(error).rstrip(".")
        raise SettingsError(f"A setting of OpenTelemetry (OTEL_*) has a bad value: {why}. Correct it.") from None
    use(sending.traces, sending.metrics)
    return sending


@contextmanager
def sending(environment: Mapping[str, str]) -> Iterator[Sending]:
    """Measure and send while a command runs; see `set_up`."""
    telemetry = set_up(environment)
    try:
        yield telemetry
    finally:
        telemetry.close()


def _is_wanted(signal: str, environment: Mapping[str, str]) -> bool:
    """Return whether a signal is to be sent: it has an endpoint, is not switched off, and its protocol is ours."""
    endpoint = environment.get(f"{_OTLP}{signal}_ENDPOINT") or environment.get(f"{_OTLP}ENDPOINT")
    disabled = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    exporter = environment.get(f"OTEL_{signal}_EXPORTER", "otlp").strip().lower() or "otlp"
    if not endpoint or disabled or exporter == "none":
        return False
    protocol = environment.get(f"{_OTLP}{signal}_PROTOCOL") or environment.get(f"{_OTLP}PROTOCOL") or PROTOCOL
    if exporter == "otlp" and protocol == PROTOCOL:
        return True
    # Not an error: on a Functions app the same variables are the host's, which knows more ways than we do.
    log.warning("telemetry is not sent", signal=signal.lower(), exporter=exporter, protocol=protocol, known=PROTOCOL)
    return False


def _timeout(signal: str, environment: Mapping[str, str]) -> float | None:
    """Return the seconds for one transmission of a signal; None where the environment sets them."""
    configured = environment.get(f"{_OTLP}{signal}_TIMEOUT") or environment.get(f"{_OTLP}TIMEOUT")
    return None if configured else TIMEOUT


def _hide_secrets(environment: Mapping[str, str]) -> None:
    """Keep the collector's keys out of the log: those in headers, and those in addresses.

    Raises:
        SettingsError: An address is none.
    """
    for part in ("", "TRACES_", "METRICS_"):
        for header in environment.get(f"{_OTLP}{part}HEADERS", "").split(","):
            # Whole, too: of one that is written wrongly the SDK's warning repeats all.
            value = re.split("[=:]", header, maxsplit=1)[-1].strip()
            hide(header.strip(), value, unquote(value))
        _hide_in_address(f"{_OTLP}{part}ENDPOINT", environment)


def _hide_in_address(name: str, environment: Mapping[str, str]) -> None:
    """Hide an address's login, query and fragment, and refuse what is none.

    Raises:
        SettingsError: It cannot be taken apart.
    """
    value = environment.get(name, "")
    # By hand: the SDK's messages repeat also what a parser takes for a path.
    login = re.split(r"[/\\]+", value.rpartition("@")[0], maxsplit=1)[-1]
    for secret in (login, login.partition(":")[2], *re.split("[?#]", value)[1:]):
        hide(secret, unquote(secret))
    try:
        urlsplit(value)
    except ValueError:
        hide(value)
        raise SettingsError(
            f"{name} is no address: correct it (http://collector:4318 is one). Its value is not shown here, since it "
            "may hold a password."
        ) from None


class _Once(logging.Handler):
    """Logs the first problem of each part of the SDK, so that an unreachable collector is logged once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._logged: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        if record.name not in self._logged:
            self._logged.add(record.name)
            log.warning("telemetry could not be sent", why=record.getMessage())


def _listen() -> None:
    library = logging.getLogger("opentelemetry")
    library.handlers = [handler for handler in library.handlers if not isinstance(handler, _Once)] + [_Once()]
    library.propagate = False


def _within(seconds: float, steps: list[Callable[[], object]]) -> None:
    """Take steps side by side, and stop waiting for them when the time is over."""
    # Daemons: the SDK's own waits are longer than ours, and not all of them can be shortened.
    threads = [threading.Thread(target=step, daemon=True, name="telemetry") for step in steps]
    end = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        log.warning("telemetry was not sent in time", seconds=seconds)
