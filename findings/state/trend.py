"""Scans in numbers, for charts over years: what one scan counts, and which scans are kept. Pure.

The newest points stay as they are, whatever lies between them; of the days before that one point a day stays, of the
weeks before that one a week, and after six years none. Six years of daily scans are some 430 points of half a kilobyte.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from common.errors import NotReadError
from findings.result_parts import TrendPoint
from findings.state.parts import StoredPoint
from policies.registration.holders import Completeness, registration
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence
    from policies.rule import Verdict

NEWEST = 30
"""How many points are kept however close they lie."""
DAILY = timedelta(days=90)
"""How far back from the newest point one point a day is kept."""
FORGET_AFTER = timedelta(days=6 * 366)
"""How far back from the newest point one point a week is kept."""
SHOWN = 150
"""How many points findings.json holds at most: the days, and about a year of weeks."""

_REDUNDANCY, _EXPECTED_VERSION = "GRP001", "VER003"
_JUDGED = (Outcome.PASS, Outcome.FAIL, Outcome.WAIVED)


def point(evidence: Evidence, verdicts: Sequence[Verdict]) -> StoredPoint:
    """Return a scan in numbers; what was not read counts as null, never as nought."""
    snapshot = evidence.snapshot
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    failing = Counter(verdict.severity for verdict in verdicts if verdict.outcome is Outcome.FAIL)
    redundant, groups_judged = _share(verdicts, _REDUNDANCY)
    current, connectors_judged = _share(verdicts, _EXPECTED_VERSION)
    return StoredPoint(
        scan=evidence.scan.id,
        at=snapshot.taken_at,
        complete=snapshot.complete,
        outcomes={outcome: outcomes[outcome] for outcome in Outcome},
        failing={severity: failing[severity] for severity in Severity},
        groups=_known(lambda: len(snapshot.groups.items)),
        connectors=_known(lambda: len(snapshot.connectors.items)),
        active=_known(lambda: sum(connector.is_active for connector in snapshot.connectors.items)),
        applications=_known(lambda: _applications(snapshot)),
        registrars=_known(lambda: _registrars(evidence)),
        groups_redundant=redundant,
        groups_judged=groups_judged,
        connectors_current=current,
        connectors_judged=connectors_judged,
    )


def _known(count: Callable[[], int]) -> int | None:
    try:
        return count()
    except NotReadError:
        return None


def _applications(snapshot: Snapshot) -> int:
    carried = (snapshot.applications(group.id) for group in snapshot.groups.items)
    return len({application.id for listed in carried for application in listed})


def _registrars(evidence: Evidence) -> int:
    evidence.need(Completeness.EVERYTHING)
    return sum(registration(holder, evidence.snapshot)[0] is True for holder in evidence.holders)


def _share(verdicts: Sequence[Verdict], rule: str) -> tuple[int | None, int | None]:
    """Return how many subjects passed a rule and how many it judged; null where it was off or could not list them."""
    of_rule = [verdict for verdict in verdicts if verdict.rule == rule]
    if not of_rule or any(verdict.speaks_for_rest for verdict in of_rule):
        return None, None
    judged = [verdict.outcome for verdict in of_rule if verdict.outcome in _JUDGED]
    if not judged and any(verdict.outcome is Outcome.NOT_ASSESSED for verdict in of_rule):
        return None, None
    return judged.count(Outcome.PASS), len(judged)


def with_point(points: Sequence[StoredPoint], newest: StoredPoint) -> tuple[StoredPoint, ...]:
    """Return the points with this scan's, thinned, oldest first."""
    ordered = sorted((*points, newest), key=_moment)
    end = ordered[-1].at
    kept: dict[tuple[object, ...], StoredPoint] = {}
    for earlier in ordered[:-NEWEST]:
        place = _place(earlier, end - earlier.at)
        if end - earlier.at <= FORGET_AFTER and (place not in kept or earlier.complete >= kept[place].complete):
            kept[place] = earlier
    return (*sorted(kept.values(), key=_moment), *ordered[-NEWEST:])


def _moment(trend_point: TrendPoint) -> tuple[object, ...]:
    return trend_point.at, trend_point.scan


def _place(trend_point: TrendPoint, age: timedelta) -> tuple[object, ...]:
    """Return the day or the week that a point stands for; of those in one place, the newest complete one stays."""
    return (trend_point.at.date(),) if age <= DAILY else trend_point.at.isocalendar()[:2]


def upto(points: Sequence[StoredPoint], newest: StoredPoint) -> tuple[TrendPoint, ...]:
    """Return what one scan's result shows: its own point and those before it, oldest first, at most `SHOWN`."""
    shown = (*(earlier for earlier in points if _moment(earlier) < _moment(newest)), newest)[-SHOWN:]
    return tuple(TrendPoint(**dict(shown_point)) for shown_point in shown)
