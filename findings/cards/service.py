"""The card for faults of the service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.cards.announcement import LIMIT
from findings.cards.items import SERVICE
from findings.cards.layout import Group, Part, fit
from findings.cards.pieces import bold, calling, columns, envelope, heading, line, quiet, run, severity_run, weight
from findings.cards.rows import LABEL
from findings.cards.safe_text import NAME, STEP, name_of, plural
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from findings.cards.announcement import Card, Notification, RouteFilter
    from findings.cards.pieces import Piece
    from findings.document import FindingsDocument, SectionInfo
    from findings.state.announcements import FindingChange

PERMISSION = "SVC004"
"""What a lost permission is filtered by in `RouteFilter.rules`, though no rule reports it: the tenant's scan does."""
MOST = 24
_WORDS = {
    "SVC001": ("Scan failed", "Read why, mend it, and ask for a scan."),
    "SVC002": ("Not scanned", "See whether scan requests wait and whether the schedule runs."),
    "SVC003": ("Notification not delivered", "Look at the route's flow and its owner, then send a test card."),
    "SVC005": ("Report not written", "Update connectorwatch, then rebuild the tenant."),
}


def service_card(notifications: Sequence[Notification], route_filter: RouteFilter) -> Card | None:
    """Return one card of scans that failed or did not happen, permissions lost and routes that fail; else None.

    Args:
        notifications: Those of the service and of tenants; of the latter, only lost permissions are shown.
        route_filter: The route's filter.
    """
    last = {
        (notification.tenant.id, change.key): (notification, change)
        for notification, change in _changes(notifications, route_filter)
    }
    bad = [_row(notification, change) for notification, change in last.values() if change.change != "resolved"]
    good = [_over(notification, change) for notification, change in last.values() if change.change == "resolved"]
    lost = list(_lost(notifications, route_filter))
    if not (bad or good or lost):
        return None
    trouble = len(bad) + len(lost)
    top = [heading(f"The service: {plural(trouble, 'problem')}" if trouble else "The service: all well again")]
    called, entities = calling(route_filter.mentions if trouble else ())
    frame = envelope([*top, *called], entities=entities)
    parts = [Part(_title(title), rows, "row", "rows", MOST) for title, rows in _titled(bad, lost, good) if rows]
    shown = fit([Group([], parts)], LIMIT - weight(frame.envelope), "tenant")
    return envelope([*top, *called, *shown.body], entities=entities, left_out=shown.left_out)


def _titled(bad: list[Piece], lost: list[Piece], good: list[Piece]) -> tuple[tuple[str, list[Piece]], ...]:
    return ("What is wrong", bad), ("Permissions lost", lost), ("What is well again", good)


def _title(text: str) -> Piece:
    return line(bold(text), spacing="Medium")


def _changes(
    notifications: Sequence[Notification], route_filter: RouteFilter
) -> Iterator[tuple[Notification, FindingChange]]:
    for notification in sorted(notifications, key=lambda notification: (notification.entry.at, notification.entry.id)):
        for change in notification.entry.changes:
            if change.rule.startswith(SERVICE) and route_filter.wants(change.rule, change.severity):
                yield notification, change


def _row(notification: Notification, change: FindingChange) -> Piece:
    title, step = _WORDS.get(change.rule, (change.rule, ""))
    record = notification.findings.get(change.key)
    rows = [line(bold(_subject(notification, change), NAME), quiet(f"  {change.rule} · {title}"))]
    if record is not None and record.message:
        rows.append(line(run(record.message), spacing="None"))
    if step:
        rows.append(line(quiet("First step: "), run(step, STEP), spacing="None"))
    return columns((LABEL, [line(severity_run(change.severity))]), ("stretch", rows), spacing="Small")


def _over(notification: Notification, change: FindingChange) -> Piece:
    title, _ = _WORDS.get(change.rule, (change.rule, ""))
    return line(bold(_subject(notification, change), NAME), quiet(f"  {change.rule} · {title}: over"), spacing="Small")


def _subject(notification: Notification, change: FindingChange) -> str:
    record = notification.findings.get(change.key)
    return name_of(record.subject.name, record.subject.id) if record else change.key.partition("/")[2]


def _lost(notifications: Sequence[Notification], route_filter: RouteFilter) -> Iterator[Piece]:
    """Yield a row for each list that Graph refuses to a tenant whose rules could still look at the scan before."""
    if not route_filter.wants(PERMISSION, Severity.HIGH):
        return
    by_tenant: dict[str, Iterator[Piece]] = {}
    for notification in sorted(notifications, key=lambda notification: (notification.entry.at, notification.entry.id)):
        blind = {missing.rule for missing in notification.entry.not_assessed if not missing.rule.startswith(SERVICE)}
        if blind and not notification.entry.first and notification.document is not None:
            by_tenant[notification.tenant.id] = _refused(notification, _denied(notification.document, blind))
    for rows in by_tenant.values():
        yield from rows


def _denied(document: FindingsDocument, blind: Collection[str]) -> list[SectionInfo]:
    """Return the lists that were refused and that some rules newly miss; all that were, where these do not say."""
    denied = [section for section in document.sections if section.status == "denied"]
    missed = {
        verdict.evidence.get("section")
        for verdict in document.verdicts
        if verdict.rule in blind and verdict.outcome is Outcome.NOT_ASSESSED
    }
    return [section for section in denied if section.name in missed] or denied


def _refused(notification: Notification, sections: Iterable[SectionInfo]) -> Iterator[Piece]:
    for section in sections:
        words = section.name.replace("_", " ")
        needs = [run(f" It needs {section.permission}.")] if section.permission else []
        name = name_of(notification.tenant.name, notification.tenant.id)
        yield line(bold(name, NAME), run(f": Graph refuses the list of {words}."), *needs, spacing="Small")
