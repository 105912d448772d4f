"""The journal of requests, and of the waits that were announced to the caller."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulator.calls import Announcement, Call, Service

_KEPT = (
    "accept",
    "accept-encoding",
    "client-request-id",
    "consistencylevel",
    "prefer",
    "user-agent",
    "x-ms-throttle-priority",
)
# A request that was on its way when the Retry-After was sent is not early: the caller could not know yet,
# unless it comes on the very connection the Retry-After went out on.
_ON_ITS_WAY = 0.03
# Timers may end a little before their time.
_TIMER = 0.005


_Connection = tuple[str, int] | None


@dataclass(frozen=True)
class RequestRecord:
    """A request as it arrived, and the status it got; 0 when it got none."""

    method: str
    version: str
    path: str
    """The path after the version."""
    query: Mapping[str, str]
    status: int
    batched: bool
    """Whether it came as a member of a batch."""
    at: float
    """When it came, by the monotonic clock."""
    headers: Mapping[str, str]
    """Those worth asserting on, names in lower case."""
    authorized: bool
    """Whether it carried a token at all."""

    @classmethod
    def of(cls, call: Call, status: int, at: float) -> RequestRecord:
        """Note a call."""
        headers = {name: call.headers[name] for name in _KEPT if name in call.headers}
        authorized = call.token is not None
        return cls(call.method, call.version, call.path, call.query, status, call.batched, at, headers, authorized)


@dataclass(frozen=True)
class _Gate:
    since: float
    until: float
    announcement: Announcement
    connections: frozenset[_Connection]
    """The connections the announcement went out on."""


class Gates:
    """The waits announced to the caller, by service."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing announced; `now` is the clock that the moments of calls are given in."""
        self._now = now
        self._gates: dict[Service, _Gate] = {}

    def open(self, announcement: Announcement, connection: _Connection) -> None:
        """Start a wait at the moment its Retry-After is sent, or lengthen the one that runs."""
        now = self._now()
        until = now + math.ceil(announcement.seconds)
        if announcement.as_date:
            until = now + announcement.date - announcement.made
        gate = _Gate(now, until, announcement, frozenset({connection}))
        before = self._gates.get(announcement.service)
        if before is not None and before.until > now:
            gate = _Gate(before.since, max(until, before.until), announcement, gate.connections | before.connections)
        self._gates[announcement.service] = gate

    def closed(self, service: Service | None, at: float) -> Announcement | None:
        """Return the rest of a service's wait, or None."""
        gate = self._gates.get(service) if service is not None else None
        if gate is None or at >= gate.until - _TIMER:
            return None
        return replace(gate.announcement, seconds=gate.until - at, made=time.time())

    def is_early(self, call: Call, at: float) -> bool:
        """Return whether a call comes before the end of a wait that its caller could know of."""
        closed = self.closed(call.service, at)
        if closed is None:
            return False
        gate = self._gates[closed.service]
        return call.connection in gate.connections or at > gate.since + _ON_ITS_WAY
