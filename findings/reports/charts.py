"""The figures behind the report's charts; templates draw them as SVG, in per cent of whatever width there is.

No plotting library: those looked at (pygal, leather; 2026-11-20) put style sheets, scripts, random ids or fixed colours
into each chart, where the page allows two hashes, has two palettes, and is the same bytes for the same scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from common.text import counted
from policies.releases.catalogue import parse_version
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from findings.document import FindingsDocument, VerdictEntry
    from findings.reports.inventory import VersionCounts
    from findings.result_parts import TrendPoint
    from policies.vocabulary import Subject

_INSET = 3.0
"""Per cent that a line keeps from its strip's edges, so that no stroke is cut."""


@dataclass(frozen=True)
class Dot:
    """One scan in a strip: its position from the left and the top in per cent, and whether every list was read."""

    x: float
    y: float
    whole: bool


@dataclass(frozen=True)
class Strip:
    """One figure plotted over the scans of the trend.

    `runs` are stretches of scans without a gap between them: a scan that could not tell the figure ends one.
    `now` and `before` are the newest and the oldest figure in words, `most` the figure at the top edge. `tone` is a
    severity or `good`.
    """

    label: str
    tone: str
    runs: tuple[tuple[Dot, ...], ...]
    most: str
    before: str
    now: str


@dataclass(frozen=True)
class Bar:
    """One version: its number of connectors, its bar's length in per cent, and how it compares with the expected one.

    `standing` is `expected`, `newer`, `older` or `unknown`; empty where nobody knows what is expected.
    """

    version: str
    number: int
    width: float
    standing: str


@dataclass(frozen=True)
class Age:
    """How long a connector has been inactive: first day known, day of its removal by Microsoft, per cent in between.

    Dates are None where the scans so far cannot tell; `share` is None then too. `left` is in words.
    """

    subject: Subject
    since: date | None
    removal: date | None
    share: float | None
    left: str


def strips(document: FindingsDocument) -> tuple[Strip, ...]:
    """Return failures by severity and shares in good order, over the scans of the trend; nothing for fewer than two."""
    points = sorted(document.trend, key=lambda point: _moment(point.at))
    if len(points) < 2:  # noqa: PLR2004 - one point is no line
        return ()
    ever = [severity for severity in Severity if any(point.failing.get(severity) for point in points)]
    failing = [_strip(f"{severity} findings", severity, points, _failing(severity)) for severity in ever]
    shares = (
        _strip("connectors on the expected version", "good", points, current_share, share=True),
        _strip("groups with enough active connectors", "good", points, redundant_share, share=True),
    )
    return (*failing, *(strip for strip in shares if strip.runs))


def current_share(point: TrendPoint) -> float | None:
    """Return which share of judged connectors runs the expected version, from 0 to 100; None where none was judged."""
    return _share(point.connectors_current, point.connectors_judged)


def redundant_share(point: TrendPoint) -> float | None:
    """Return the share of judged groups with enough active connectors, from 0 to 100; None where none was judged."""
    return _share(point.groups_redundant, point.groups_judged)


def bars(document: FindingsDocument, counts: VersionCounts | None) -> tuple[Bar, ...] | None:
    """Return the version distribution, newest first, or None where connectors were not read."""
    if counts is None:
        return None
    most = max((number for _, number in counts), default=1)
    expected = document.releases.newest_auto_upgrade
    return tuple(
        Bar(version, number, _round(100 * number / most), _standing(version, expected)) for version, number in counts
    )


def ages(document: FindingsDocument) -> tuple[Age, ...]:
    """Return the inactive connectors: the next to be removed at the top, those of unknown age at the end."""
    inactive = (
        _age(verdict, document.scan.started_at)
        for verdict in document.verdicts
        if verdict.rule == "CON001" and verdict.outcome in (Outcome.FAIL, Outcome.WAIVED)
    )
    return tuple(sorted(inactive, key=lambda age: (age.removal or date.max, age.since or date.max, age.subject.name)))


def _age(verdict: VerdictEntry, at: datetime) -> Age:
    since, removal = _day(verdict.evidence.get("inactive_since")), _day(verdict.evidence.get("removal_expected"))
    if since is None or removal is None or removal <= since:
        return Age(verdict.subject, since, removal, None, "")
    today = _moment(at).date()
    share = (today - since) / (removal - since)
    days = (removal - today).days
    left = f"{counted(days, 'day')} left" if days > 0 else "due"
    return Age(verdict.subject, since, removal, _round(100 * min(1.0, max(0.0, share))), left)


def _day(value: object) -> date | None:
    """Return the day of evidence such as `2026-11-15`; None where it is missing or says something else."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _failing(severity: Severity) -> Callable[[TrendPoint], float | None]:
    return lambda point: point.failing.get(severity, 0)


def _strip(
    label: str,
    tone: str,
    points: Sequence[TrendPoint],
    figure: Callable[[TrendPoint], float | None],
    *,
    share: bool = False,
) -> Strip:
    known = [value for point in points if (value := figure(point)) is not None]
    top = 100.0 if share else max([1.0, *known])
    unit = " %" if share else ""
    figures = [f"{value:.0f}{unit}" for value in known] or [""]
    last = figure(points[-1])
    return Strip(
        label=label,
        tone=tone,
        runs=tuple(
            tuple(_dot(point, points, value / top) for point, value in run if value is not None)
            for is_known, run in groupby(((point, figure(point)) for point in points), lambda pair: pair[1] is not None)
            if is_known
        ),
        most=f"{top:.0f}{unit}",
        before=figures[0],
        now="not read" if last is None else figures[-1],
    )


def _dot(point: TrendPoint, points: Sequence[TrendPoint], share: float) -> Dot:
    first, last = _moment(points[0].at), _moment(points[-1].at)
    length = (last - first).total_seconds()
    across = (_moment(point.at) - first).total_seconds() / length if length else 0.5
    return Dot(_placed(across), _placed(1 - share), point.complete)


def _placed(share: float) -> float:
    return _round(_INSET + (100 - 2 * _INSET) * share)


def _share(good: int | None, judged: int | None) -> float | None:
    return 100 * good / judged if good is not None and judged else None


def _standing(version: str, expected: str | None) -> str:
    """Return how a version stands to the expected one, in a word."""
    running, target = parse_version(version), parse_version(expected)
    if target is None:
        return ""
    if running is None:
        return "unknown"
    return "expected" if running == target else "newer" if running > target else "older"


def _round(number: float) -> float:
    return round(number, 1)


def _moment(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
