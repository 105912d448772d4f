"""Status of each tenant on the overview pages: severity, what is unknown, and its place in the order.

A tenant is well only where its newest scan is recent, looked at everything and found nothing. Whatever else is silent
(never scanned, scanned too long ago, lists unread) is said in words and is never green.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from common.text import counted
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

AHEAD = timedelta(hours=1)
"""How far in the future a scan may seem to be, since no two clocks are the same; one further ahead says nothing."""
_WELL, _UNSURE = "nothing failing", "not fully known"


@dataclass(frozen=True)
class TenantLine:
    """One tenant in numbers, as its newest scan left it.

    Attributes:
        id: The tenant's id.
        name: What it calls itself; chosen by strangers.
        scan: The newest stored scan; None where none was made yet, and then nothing below is known.
        scanned_at: The moment that scan speaks for.
        complete: Whether every list was read.
        all_assessed: Whether every check could be made and every open finding was looked at.
        failing: How many verdicts fail, by severity.
        not_assessed: How many checks could not be made.
        trend: How many verdicts failed in each scan, oldest first; None where that scan could not tell.
    """

    id: str
    name: str
    scan: str | None = None
    scanned_at: datetime | None = None
    complete: bool = False
    all_assessed: bool = False
    failing: Mapping[Severity, int] = field(default_factory=dict)
    not_assessed: int = 0
    trend: tuple[int | None, ...] = ()

    @property
    def worst(self) -> Severity | None:
        """The worst severity that fails, or None where nothing is known to fail."""
        return next((severity for severity in Severity if self.failing.get(severity)), None)


@dataclass(frozen=True)
class TenantStatus:
    """One tenant's status: its row, the age of its scan, every gap in what is known, and whether it is in time."""

    line: TenantLine
    age: timedelta | None
    gaps: tuple[str, ...]
    late: bool = False

    @property
    def tone(self) -> str:
        """The worst severity, `unsure` where nothing worse than low fails and something is not known, else `good`."""
        worst = self.line.worst
        if worst and (worst.rank <= Severity.MEDIUM.rank or not self.gaps):
            return worst
        return "unsure" if self.gaps else "good"

    @property
    def state(self) -> str:
        """The status in words: the worst failing severity, or a phrase where no failure is known."""
        worst = self.line.worst
        if self.tone == "unsure":
            return _UNSURE if self.line.scan else "never scanned"
        return worst or _WELL

    @property
    def rank(self) -> int:
        """Its place in the list, 0 first: gaps come before low failures, tenants without failures come last."""
        tones = ("critical", "high", "medium", "unsure", "low", "info", "good")
        return tones.index(self.tone)


@dataclass(frozen=True)
class Fleet:
    """All tenants to show, at one moment.

    Attributes:
        lines: The tenants.
        now: The moment the page is made at.
        max_age: How old a newest scan may be before the tenant counts as not known.
        max_ages: The same for single tenants, by id; they go before.
    """

    lines: tuple[TenantLine, ...]
    now: datetime
    max_age: timedelta = timedelta(hours=50)
    max_ages: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def statuses(self) -> tuple[TenantStatus, ...]:
        """All tenants, the worst first, then by name."""
        statuses = (self.status_of(line) for line in self.lines)
        return tuple(sorted(statuses, key=lambda status: (status.rank, status.line.name.casefold(), status.line.id)))

    def status_of(self, line: TenantLine) -> TenantStatus:
        """Return one tenant's status at the moment of the page."""
        age = self.now - line.scanned_at if line.scanned_at else None
        late = age is not None and not -AHEAD <= age <= self.max_ages.get(line.id, self.max_age)
        return TenantStatus(line, age, tuple(_gaps(line, age, late=late)), late)

    @property
    def counts(self) -> tuple[tuple[str, str, int], ...]:
        """The number of tenants for each status, as (tone, words, number), worst first."""
        numbers = Counter((status.rank, status.tone, status.state) for status in self.statuses)
        return tuple((tone, state, number) for (_, tone, state), number in sorted(numbers.items()))


def ago(age: timedelta) -> str:
    """Return an age for people: minutes below two hours, hours below two days, else days."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 2 * 60:
        return counted(minutes, "minute")
    hours = minutes // 60
    return counted(hours, "hour") if hours < 2 * 24 else counted(hours // 24, "day")


def _gaps(line: TenantLine, age: timedelta | None, *, late: bool) -> list[str]:
    """Return every reason for which this tenant could be worse than it looks."""
    if line.scan is None or age is None:
        return ["No scan of it is stored."]
    old = "Its last scan is dated in the future." if age < timedelta() else f"Its last scan is {ago(age)} old."
    unread = [] if line.complete else ["Some lists could not be read."]
    unjudged = [f"{counted(line.not_assessed, 'check')} could not be made."] if line.not_assessed else []
    unseen = [] if line.all_assessed or unread or unjudged else ["Some open findings could not be looked at."]
    return [*([old] if late else []), *unread, *unjudged, *unseen]
