"""Politeness towards Graph: how many requests at a time, and when a service has asked to be left alone.

Graph counts refused requests against the limit too, so whoever retries early waits longer. Limits and headers:
Graph "throttling" page (2026-05) and "throttling limits" (2026-09).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from common.clock import Clock, Deadline
from common.errors import ThrottledError
from inventory.request import GraphService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

NEAR_THE_LIMIT = 0.8
"""Graph sends x-ms-throttle-limit-percentage from 0.8 of the limit on."""
GIVEN_BACK = 0.25
"""How much of one place an unthrottled answer gives back, so that recovery takes some requests, not one."""
RATES = {GraphService.AUDIT: (5, 11.0)}
"""Requests and the seconds they are counted in, where the limit is so low that ordinary reading meets it.

Graph counts ten seconds for audit reads, and counts them where they arrive: the one more is for their different ways.
"""

TOO_MANY = 429
_LATER = "Scan again later, or spread scans out; other software may be using up the tenant's limit."
_UNAVAILABLE = "Scan again later; if it stays, look at Microsoft's service health."


@dataclass
class Patience:
    """How long one list may wait for Graph, and how often one request for it may be refused.

    Attributes:
        seconds: The most to wait because Graph asked for it.
        tries: The most attempts at one request.
        waited: Seconds waited so far.
        unavailable: Whether it last waited for a Graph that was unavailable, rather than for a limit.
    """

    seconds: float = 300.0
    tries: int = 8
    waited: float = 0.0
    unavailable: bool = False

    def gave_up(self, *statuses: int) -> ThrottledError:
        """Return the error that says that all tries were refused, the last of them with these statuses."""
        self.unavailable = TOO_MANY not in statuses
        what = "was unavailable" if self.unavailable else "refused"
        return self._error(f"Graph {what} {self.tries} times, with {self.waited:.0f} s of waiting in between")

    def check(self, wait: float) -> None:
        """Raise ThrottledError if waiting for another `wait` seconds would be longer than allowed."""
        if self.waited + wait > self.seconds:
            what = "was unavailable and asks" if self.unavailable else "asks"
            waits = f"{wait:.0f} s more waiting after {self.waited:.0f} s; {self.seconds:.0f} s are allowed"
            raise self._error(f"Graph {what} for {waits}")

    def _error(self, reason: str) -> ThrottledError:
        if self.unavailable:
            return ThrottledError(reason, code="unavailable", advice=_UNAVAILABLE)
        return ThrottledError(reason, code="throttled", advice=_LATER)


@dataclass
class Gate:
    """Lets requests pass, a few at a time, and none to a service that has asked for silence.

    Attributes:
        most: How many requests may be under way at once; halved when Graph refuses, given back slowly.
        clock: Where time comes from.
        deadline: When reading stops; nothing waits beyond it.
    """

    most: int = 6
    clock: Clock = field(default_factory=Clock)
    deadline: Deadline = field(default_factory=Deadline)

    def __post_init__(self) -> None:
        """Start with all places free."""
        self._places = float(self.most)
        self._under_way = 0
        self._left = asyncio.Event()
        self._silence: dict[GraphService, float] = defaultdict(float)
        self._unavailable: set[GraphService] = set()
        self._sent: dict[GraphService, deque[float]] = defaultdict(deque)

    @property
    def places(self) -> int:
        """How many requests may be under way now."""
        return int(self._places)

    def is_open(self, service: GraphService) -> bool:
        """Whether the service has not asked for silence."""
        return self._silence[service] <= self.clock.now()

    @asynccontextmanager
    async def passing(self, service: GraphService, patience: Patience) -> AsyncIterator[None]:
        """Wait for a place and for the service's silence to end, then hold the place.

        Raises:
            ThrottledError: The silence is longer than the patience left.
            FailedError: It ends after the deadline.
        """
        await self._enter(service, patience)
        try:
            yield
        finally:
            self._under_way -= 1
            self._left.set()

    async def _enter(self, service: GraphService, patience: Patience) -> None:
        """Take a place; all is looked at again after every wait, since a refusal may have come in meanwhile."""
        while True:
            while self._under_way >= self.places:
                self._left.clear()
                await self._left.wait()
            now = self.clock.now()
            wait = self._due(service, now) - now
            if wait <= 0:
                break
            patience.unavailable = service in self._unavailable and not self.is_open(service)
            patience.check(wait)
            self.deadline.check(wait)
            await self.clock.sleep(wait)
            patience.waited += self.clock.now() - now
        self._under_way += 1
        if service in RATES:
            self._sent[service].append(now)

    def _due(self, service: GraphService, now: float) -> float:
        """Return the moment from which the service may be asked again."""
        due = self._silence[service]
        if service in RATES:
            most, span = RATES[service]
            sent = self._sent[service]
            while sent and sent[0] <= now - span:
                sent.popleft()
            if len(sent) >= most:
                due = max(due, sent[-most] + span)
        return due

    def refused(self, service: GraphService, wait: float, statuses: Collection[int] = (TOO_MANY,)) -> None:
        """Take note of a refusal: nothing goes to the service for `wait` seconds, and half as much at a time.

        Refusals of what was on its way together are one refusal: only the first of them halves.
        """
        if self.is_open(service):
            self._halve()
        (self._unavailable.discard if TOO_MANY in statuses else self._unavailable.add)(service)
        self._silence[service] = max(self._silence[service], self.clock.now() + wait)

    def answered(self, used: float) -> None:
        """Take note of an answer and of the share of the limit that Graph says is used, 0 where it does not say."""
        if used >= NEAR_THE_LIMIT:
            self._halve()
        else:
            self._places = min(float(self.most), self._places + GIVEN_BACK)

    def _halve(self) -> None:
        self._places = max(1.0, self._places / 2)
