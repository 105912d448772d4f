"""Extra summary columns for the weekly digest: trend and upcoming deadlines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from findings.state.one_update import together
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findings.document import FindingsDocument
    from findings.result_parts import TrendPoint
    from findings.state.document import State
    from findings.views.tables import Value

SOON = timedelta(days=14)
"""How long before its end a waiver counts as ending."""
WEEK = timedelta(days=7)
_NEARLY = timedelta(days=6)
"""A scan of a week ago may have been an hour later in the day than this one."""


def outlook(state: State, newest: FindingsDocument) -> dict[str, Value | datetime | None]:
    """Return what the digest needs of a tenant, by column; None for what is not known or does not exist.

    Args:
        state: What is remembered of the tenant; at least one scan was applied.
        newest: The result of the newest scan applied.
    """
    now = state.scans[-1].taken_at
    waivers, purges = dict(_waivers(newest, now)), sorted(_purges(newest))
    oldest = _oldest(state)
    return {
        "week_before": _week_before(newest, now),
        **oldest,
        "waivers_ending": len(waivers),
        "next_waiver_end": min(waivers.values(), default=None),
        "purges": len(purges),
        "next_purge": purges[0] if purges else None,
        "registrars_added": sum(
            registrar.appeared is not None and registrar.gone is None and now - registrar.appeared < WEEK
            for registrar in state.memory.registrars.values()
        ),
    }


def _oldest(state: State) -> dict[str, Value | datetime | None]:
    """Return the finding that is open for longest; of those that one update fixes the worst, and the others' rules."""
    failing = [
        finding for finding in state.findings.values() if finding.state == "open" and finding.outcome is Outcome.FAIL
    ]
    led = (
        (min(finding.first_seen for finding in (record, *others)), record, others)
        for record, others in together(failing, lambda record: record.subject.id)
    )
    first = min(led, key=lambda entry: (entry[0], entry[1].severity.rank, entry[1].key), default=None)
    if first is None:
        return {"oldest_open": None, "oldest_rule": None, "oldest_also": None, "oldest_subject": None}
    since, oldest, others = first
    return {
        "oldest_open": since,
        "oldest_rule": oldest.rule,
        "oldest_also": ", ".join(other.rule for other in others) or None,
        "oldest_subject": oldest.subject.name or oldest.subject.id,
    }


def _week_before(newest: FindingsDocument, now: datetime) -> str | None:
    """Return how much failed a week before by severity, worst first, such as `0,2,1,0,0`; None without a scan then."""
    before: list[TrendPoint] = [point for point in newest.trend if now - point.at >= _NEARLY]
    if not before:
        return None
    failing = max(before, key=lambda point: point.at).failing
    return ",".join(str(failing.get(severity, 0)) for severity in Severity)


def _waivers(newest: FindingsDocument, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield the waivers that end soon and cover something, by id, each with its last day."""
    for verdict in newest.verdicts:
        waiver = verdict.waiver
        if waiver is not None and waiver.until is not None and waiver.until - now.date() <= SOON:
            yield waiver.id, waiver.until.isoformat()


def _purges(newest: FindingsDocument) -> Iterator[str]:
    """Yield when each inactive connector is expected to be removed, from the evidence of CON001."""
    for verdict in newest.verdicts:
        expected = verdict.evidence.get("removal_expected")
        if verdict.rule == "CON001" and isinstance(expected, str):
            yield expected
