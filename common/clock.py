"""Time as an object: how long a scan may take, and how far this machine's clock is from Graph's."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from common.errors import FailedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

OUT_OF_TIME = "out_of_time"
"""The code of a list that was not read before the scan's deadline."""


@dataclass
class Clock:
    """Time as an object, so that a test of a minute's waiting takes no minute.

    Attributes:
        now: Seconds that only ever grow, from any beginning.
        sleep: Waits for so many of these seconds.
        wall: What this machine takes for the time: seconds since 1970, in UTC.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    wall: Callable[[], float] = time.time


class Deadline:
    """The moment at which a scan stops reading.

    Args:
        seconds: How long it may read from now on; infinite for no limit.
        clock: Where time comes from.
    """

    def __init__(self, seconds: float = math.inf, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._seconds = seconds
        self._end = self._clock.now() + seconds

    def check(self, wait: float = 0.0) -> None:
        """Raise FailedError where the deadline has passed, or would have after waiting for `wait` seconds."""
        if self._left <= wait:
            raise self._error(f"Graph asks for {wait:.0f} s more waiting, and " if wait else "")

    @asynccontextmanager
    async def bounding(self) -> AsyncIterator[None]:
        """Break off what is awaited inside when the deadline comes, whatever it waits for.

        Raises:
            FailedError: The deadline came.
        """
        self.check()
        limit = asyncio.timeout(None if math.isinf(self._left) else self._left)
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            raise self._error("") from None

    @property
    def _left(self) -> float:
        return self._end - self._clock.now()

    def _error(self, before: str) -> FailedError:
        return FailedError(
            f"out of time: {before}the scan may read for {self._seconds:.0f} s",
            code=OUT_OF_TIME,
            advice="Scan again; if it stays, allow more time with CONNECTORWATCH_SCAN_TIMEOUT_SECONDS or --timeout, or "
            "see what slows Graph down (docs/operations.md).",
        )


@dataclass
class ClockCheck:
    """Compares this machine's clock with the `Date` of Graph's answers (RFC 9110, section 6.6.1).

    Each answer says what Graph's clock showed at a moment of a clock here that only ever grows. So neither the length
    of the scan nor an adjustment of the machine's clock in the middle of it matters, and of all answers the one that
    agrees best is believed: a cache may answer with an old date.
    """

    clock: Clock
    _starts: set[int] = field(default_factory=set)

    def heard(self, date: datetime | None) -> None:
        """Take note of an answer's `Date`; None where it has none that can be read."""
        if date is not None:
            self._starts.add(round(date.timestamp() - self.clock.now()))

    def ahead(self) -> float | None:
        """Return by how many seconds this machine's clock is ahead of Graph's, negative where it is behind.

        None where no answer had a date.
        """
        start = self.clock.wall() - self.clock.now()
        return min((start - heard for heard in self._starts), key=abs, default=None)
