"""Post to a webhook: the pace, the retries, and what each answer means."""

from __future__ import annotations

import json
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from common import http_client
from common.errors import DeliveryError, UndeliverableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

APART = 0.26
"""Seconds between two requests: Teams refuses more than four a second (Microsoft Learn, "Incoming webhooks", 2026)."""
TRIES, PATIENCE, FIRST_WAIT = 3, 20.0, 1.0
"""How often a request is made at most, seconds after which no further one is begun, seconds before the second one."""
LONGEST_SILENCE = 24 * 3600.0
"""Seconds of a `Retry-After` that are believed."""
TIMEOUT, CONNECT_TIMEOUT = 15.0, 5.0
"""Seconds to wait for an answer's next bytes, and for a connection."""
ANSWER_TIME, ANSWER_SIZE = 20.0, 4096
"""Seconds and bytes of an answer that are read at most."""
_PASSING = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,79}", re.ASCII)
_FAILURE = re.compile(rb"\b(failed|failure|error)\b", re.IGNORECASE)
_ADVICE = {
    401: "its signature is wrong or was renewed: copy the Workflow's address again",
    403: "it lets nobody in from here: look at who may trigger the Workflow",
    404: "it is gone: make a new one and set its address",
    410: "it is gone: make a new one and set its address",
    413: "it takes no message of this size",
}


@dataclass(eq=False)
class Pace:
    """Keeps requests apart, whoever makes them in this process; also the first one from those before this process."""

    apart: float = APART
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Begin as if a request had just been made."""
        self._last = self.clock()

    def wait(self) -> None:
        """Block until the next request may be sent."""
        with self._lock:
            left = self._last + self.apart - self.clock()
            if left > 0:
                self.pause(left)
            self._last = self.clock()


OWN_PACE = Pace()
"""The pace of this process, over all routes."""


@dataclass(frozen=True)
class Poster:
    """Posts to one address.

    Attributes:
        url: The address, a secret.
        pace: Keeps requests apart.
        pause: Waits for some seconds.
        timeout: Seconds to wait for an answer's next bytes.
    """

    url: http_client.URL = field(repr=False)
    pace: Pace = OWN_PACE
    pause: Callable[[float], None] = time.sleep
    timeout: float = TIMEOUT

    def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Post a body, and return the status of an answer that says it was taken. Takes less than a minute.

        Raises:
            UndeliverableError: It was refused for good.
            DeliveryError: It was not taken this time; it is to be tried again later.
        """
        began, attempt = time.monotonic(), 0
        timeout = http_client.Timeout(self.timeout, connect=min(self.timeout, CONNECT_TIMEOUT))
        with http_client.Client(timeout=timeout, follow_redirects=False) as client:
            while True:
                try:
                    return self._once(client, body, headers)
                except DeliveryError as error:
                    wait = max(error.wait, FIRST_WAIT * 2**attempt)
                    attempt += 1
                    late = time.monotonic() - began + wait > PATIENCE
                    if isinstance(error, UndeliverableError) or attempt == TRIES or late:
                        raise
                self.pause(wait)

    def _once(self, client: http_client.Client, body: bytes, headers: Mapping[str, str]) -> int:
        self.pace.wait()
        try:
            with client.stream("POST", self.url, content=body, headers=dict(headers)) as answer:
                return _meaning(answer, _read(answer))
        except http_client.TimeoutException:
            raise DeliveryError("there was no answer in time") from None
        except (http_client.HTTPError, http_client.InvalidURL, OSError, UnicodeError) as error:
            # The name only: some of these hold the address.
            raise DeliveryError(f"the connection failed ({type(error).__name__})") from None


def _read(answer: http_client.Response) -> bytes:
    """Return the first bytes of an answer."""
    until, content = time.monotonic() + ANSWER_TIME, b""
    for part in answer.iter_bytes(ANSWER_SIZE):
        content += part
        if len(content) >= ANSWER_SIZE:
            break
        if time.monotonic() > until:
            raise DeliveryError("the answer did not end in time")
    return content[:ANSWER_SIZE]


def _meaning(answer: http_client.Response, body: bytes) -> int:
    """Return the status of an answer that means success, or raise what it means."""
    status, code = answer.status_code, _code(body)
    reply = f"{status}{f' {code}' if code else ''}"
    if status in _PASSING or status >= _SERVER_ERROR:
        raise DeliveryError(f"it answered {reply}", _silence(answer.headers.get("Retry-After")))
    if answer.is_redirect:
        raise UndeliverableError(f"it answered {reply}, which leads elsewhere and is not followed: correct the address")
    if not answer.is_success:
        raise UndeliverableError(f"it answered {reply}: {_ADVICE.get(status, 'it does not take what is posted')}")
    if _reports_failure(body):
        raise UndeliverableError(f"it answered {reply}, and its words say that it failed")
    return status


def _reports_failure(body: bytes) -> bool:
    """Return whether the body of a 2xx reports a failure, as the connectors of Office 365 did (msteams-docs 1810)."""
    with suppress(ValueError, RecursionError):
        answer = json.loads(body)
        if isinstance(answer, dict):
            status = str(answer.get("status", "")).lower()
            return bool(answer.get("error")) or status in {"failed", "failure", "error"}
    return _FAILURE.search(body) is not None


def _code(body: bytes) -> str:
    """Return the error code in a body, if it looks like one; nothing else of an answer is ever shown."""
    with suppress(ValueError, RecursionError):
        answer = json.loads(body)
        error = answer.get("error") if isinstance(answer, dict) else None
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, str) and _CODE.fullmatch(code):
            return code
    return ""


def _silence(header: str | None) -> float:
    """Parse `Retry-After` into seconds; 0 if absent or invalid."""
    if header is None:
        return 0
    with suppress(ValueError):
        seconds = float(header)
        return min(seconds, LONGEST_SILENCE) if seconds > 0 else 0
    with suppress(ValueError, TypeError, OverflowError):
        moment = parsedate_to_datetime(header)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max((moment - datetime.now(UTC)).total_seconds(), 0), LONGEST_SILENCE)
    return 0
