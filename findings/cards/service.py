"""The card that tells what went wrong with the service itself."""

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
"""What a lost permission is filtered by in `RouteFilter.rules`, though no rule tells of it: the tenant's scan does."""
MOST = 24
_WORDS = {
    "SVC001": ("Scan failed", "Read why, mend it, and ask for a scan."),
    "SVC002": ("Not scanned", "See whether scan requests wait and whether the schedule runs."),
    "SVC003": ("Notification not delivered", "Look at the route's flow and its owner, then send a test card."),
}


def service_card(told: Sequence[Notification], wish: RouteFilter) -> Card | None:
    """Return one card of scans that failed or did not happen, permissions lost and routes that fail; else None.

    Args:
        told: Announcements of the service and of tenants; of the latter, only permissions that were lost are told.
        wish: What the route wants to hear.
    """
    last = {(one.tenant.id, change.key): (one, change) for one, change in _changes(told, wish)}
    bad = [_row(one, change) for one, change in last.values() if change.change != "resolved"]
    good = [_over(one, change) for one, change in last.values() if change.change == "resolved"]
    lost = list(_lost(told, wish))
    if not (bad or good or lost):
        return None
    trouble = len(bad) + len(lost)
    top = [heading(f"The service: {plural(trouble, 'problem')}" if trouble else "The service: all well again")]
    called, entities = calling(wish.mentions if trouble else ())
    frame = envelope([*top, *called], entities=entities)
    parts = [Part(_title(title), rows, "row", "rows", MOST) for title, rows in _titled(bad, lost, good) if rows]
    shown = fit([Group([], parts)], LIMIT - weight(frame.envelope), "tenant")
    return envelope([*top, *called, *shown.body], entities=entities, left_out=shown.left_out)


def _titled(bad: list[Piece], lost: list[Piece], good: list[Piece]) -> tuple[tuple[str, list[Piece]], ...]:
    return ("What is wrong", bad), ("Permissions lost", lost), ("What is well again", good)


def _title(text: str) -> Piece:
    return line(bold(text), spacing="Medium")


def _changes(told: Sequence[Notification], wish: RouteFilter) -> Iterator[tuple[Notification, FindingChange]]:
    for one in sorted(told, key=lambda one: (one.entry.at, one.entry.id)):
        for change in one.entry.changes:
            if change.rule.startswith(SERVICE) and wish.wants(change.rule, change.severity):
                yield one, change


def _row(one: Notification, change: FindingChange) -> Piece:
    title, step = _WORDS.get(change.rule, (change.rule, ""))
    found = one.findings.get(change.key)
    rows = [line(bold(_subject(one, change), NAME), quiet(f"  {change.rule} · {title}"))]
    if found is not None and found.message:
        rows.append(line(run(found.message), spacing="None"))
    if step:
        rows.append(line(quiet("First step: "), run(step, STEP), spacing="None"))
    return columns((LABEL, [line(severity_run(change.severity))]), ("stretch", rows), spacing="Small")


def _over(one: Notification, change: FindingChange) -> Piece:
    title, _ = _WORDS.get(change.rule, (change.rule, ""))
    return line(bold(_subject(one, change), NAME), quiet(f"  {change.rule} · {title}: over"), spacing="Small")


def _subject(one: Notification, change: FindingChange) -> str:
    found = one.findings.get(change.key)
    return name_of(found.subject.name, found.subject.id) if found else change.key.partition("/")[2]


def _lost(told: Sequence[Notification], wish: RouteFilter) -> Iterator[Piece]:
    """Yield a row for each list that Graph refuses to a tenant whose rules could still look at the scan before."""
    if not wish.wants(PERMISSION, Severity.HIGH):
        return
    found: dict[str, Iterator[Piece]] = {}
    for one in sorted(told, key=lambda one: (one.entry.at, one.entry.id)):
        blind = {missing.rule for missing in one.entry.not_assessed if not missing.rule.startswith(SERVICE)}
        if blind and not one.entry.first and one.document is not None:
            found[one.tenant.id] = _refused(one, _denied(one.document, blind))
    for rows in found.values():
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


def _refused(one: Notification, sections: Iterable[SectionInfo]) -> Iterator[Piece]:
    for section in sections:
        words = section.name.replace("_", " ")
        needs = [run(f" It needs {section.permission}.")] if section.permission else []
        name = name_of(one.tenant.name, one.tenant.id)
        yield line(bold(name, NAME), run(f": Graph refuses the list of {words}."), *needs, spacing="Small")
