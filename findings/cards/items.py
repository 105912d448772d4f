"""What a tenant's announcements come to: each finding once, as what became of it in the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from common.text import plain, words
from findings.cards.safe_text import name_of
from findings.document import VerdictEntry
from findings.state.endings import BY_TIME, ending_words
from findings.state.one_update import named, together
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from findings.cards.announcement import Notification, RouteFilter
    from findings.document import Change, GoneEntry, Lifecycle, MovedFact
    from findings.state.announcements import FindingChange
    from policies.vocabulary import Subject

SERVICE = "SVC"
"""How the ids of findings about the service itself begin."""

_SEVERITIES = {severity.value: severity for severity in Severity}


class Kind(StrEnum):
    """What became of a finding; the first four are bad news, worst first."""

    NEW = "New"
    REOPENED = "Came back"
    WORSE = "Got worse"
    CHANGED = "Changed"
    EASED = "Eased"
    WAIVED = "Waived"
    RESOLVED = "Resolved"


BAD = (Kind.NEW, Kind.REOPENED, Kind.WORSE)
GOOD = (Kind.RESOLVED, Kind.EASED, Kind.WAIVED)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One finding that moved, in words; `note` says how it moved, `step` what to do first.

    `change` is the word of its report: new, reopened, changed or resolved.
    """

    key: str
    kind: Kind
    severity: Severity
    rule: str
    subject: str
    message: str
    note: str = ""
    step: str = ""
    by_policy: bool = False
    change: Change = "new"

    @property
    def order(self) -> tuple[int, int, str, str]:
        """What sorts the worst first."""
        return self.severity.rank, list(Kind).index(self.kind), self.rule, self.subject


def items_of(notifications: Sequence[Notification], route_filter: RouteFilter) -> tuple[Item, ...]:
    """Return the findings that moved, worst first; service findings are left to the card of the service.

    Args:
        notifications: The announcements of one tenant, oldest first. What is new and then changes is new still.
        route_filter: The route's filter.
    """
    last: dict[str, Item] = {}
    for notification in notifications:
        for item in _items(notification):
            before = last.get(item.key)
            still = before is not None and before.kind in BAD and item.kind in (Kind.CHANGED, Kind.WORSE)
            last[item.key] = replace(item, kind=before.kind, change=before.change) if before and still else item
    return tuple(sorted((item for item in last.values() if route_filter.wants(item.rule, item.severity)), key=_order))


def as_one(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return items for people to read: those of one kind that one update fixes are one, which names the others."""
    listed = tuple(items)
    led = (
        (item, named(other.rule for other in others))
        for kind in Kind
        for item, others in together((entry for entry in listed if entry.kind is kind), _subject_of)
    )
    return tuple(sorted((_with(item, names) for item, names in led), key=_order))


def _subject_of(item: Item) -> str:
    return item.key.partition("/")[2]


def _with(item: Item, names: str) -> Item:
    if not names:
        return item
    if item.kind is Kind.RESOLVED:
        return replace(item, note="; ".join(filter(None, (item.note, f"{names} ended with it"))))
    also = f"the same update also fixes {names}"
    return replace(item, message=f"{item.message}; {also}" if item.message else also)


def _order(item: Item) -> tuple[int, int, str, str]:
    return item.order


def _items(notification: Notification) -> Iterator[Item]:
    entries: dict[str, VerdictEntry | GoneEntry] = {}
    if notification.document is not None:
        entries.update((entry.key, entry) for entry in notification.document.gone)
        entries.update((entry.key, entry) for entry in notification.document.verdicts)
    for change in notification.entry.changes:
        if not change.rule.startswith(SERVICE):
            entry = entries.get(change.key)
            yield _remembered(notification, change) if entry is None else _item(change, entry)


def _item(change: FindingChange, entry: VerdictEntry | GoneEntry) -> Item:
    life = entry.lifecycle
    moved = {fact.what: fact for fact in life.moved} if life else {}
    waived = isinstance(entry, VerdictEntry) and entry.outcome is Outcome.WAIVED
    kind = _kind(change, moved, waived=waived)
    return Item(
        key=change.key,
        kind=kind,
        change=change.change,
        severity=change.severity,
        rule=change.rule,
        subject=name_of(entry.subject.name, entry.subject.id),
        message=entry.message,
        note=_note(kind, life, moved, entry.subject),
        step=_step(entry),
        by_policy=life is not None and life.cause == "policy" and life.ending != "not_asked",
    )


def _remembered(notification: Notification, change: FindingChange) -> Item:
    """Return what is known of a finding where its scan's result cannot be read any more."""
    record = notification.findings.get(change.key)
    return Item(
        key=change.key,
        change=change.change,
        kind=_kind(change, {}, waived=record is not None and record.outcome is Outcome.WAIVED),
        severity=change.severity,
        rule=change.rule,
        subject=name_of(record.subject.name, record.subject.id) if record else change.key.partition("/")[2],
        message=record.message if record else "",
    )


def _kind(change: FindingChange, moved: Mapping[str, MovedFact], *, waived: bool) -> Kind:
    if change.change == "resolved":
        return Kind.RESOLVED
    if waived:
        return Kind.WAIVED
    if change.change == "changed":
        return _changed(moved)
    return Kind.NEW if change.change == "new" else Kind.REOPENED


def _changed(moved: Mapping[str, MovedFact]) -> Kind:
    if "outcome" in moved:  # it is no longer waived, or it would not have come here
        return Kind.WORSE
    fact = moved.get("severity")
    before, after = (_SEVERITIES.get(str(value)) for value in ((fact.before, fact.after) if fact else (None, None)))
    if before is None or after is None or before is after:
        return Kind.CHANGED
    return Kind.WORSE if after.rank < before.rank else Kind.EASED


def _note(kind: Kind, lifecycle: Lifecycle | None, moved: Mapping[str, MovedFact], subject: Subject) -> str:
    if lifecycle is None:
        return ""
    if kind is Kind.RESOLVED:
        return ending_words(lifecycle, subject)
    by_time = BY_TIME if lifecycle.correction == "time" else ""
    return "; ".join(filter(None, (by_time, *(_fact(fact) for fact in moved.values()))))


def _fact(fact: MovedFact) -> str:
    return f"{words(fact.what.removeprefix('evidence.'))}: {plain(fact.before, {})} → {plain(fact.after, {})}"


def _step(entry: VerdictEntry | GoneEntry) -> str:
    if isinstance(entry, VerdictEntry):
        return next(iter(entry.steps or entry.remediation.steps), entry.remediation.summary)
    return entry.remedy


@dataclass(frozen=True)
class Unseen:
    """A rule that can no longer be assessed: for how many subjects, and why."""

    rule: str
    title: str
    subjects: int
    why: str


def unseen_of(notifications: Sequence[Notification], route_filter: RouteFilter) -> tuple[Unseen, ...]:
    """Return the rules newly not assessed, by id, each from the tenant's newest announcement."""
    last = {unseen.rule: unseen for notification in notifications for unseen in _unseen(notification)}
    return tuple(unseen for rule, unseen in sorted(last.items()) if route_filter.wants_rule(rule))


def _unseen(notification: Notification) -> Iterator[Unseen]:
    counts = _not_assessed(notification.document.verdicts) if notification.document is not None else {}
    for missing in notification.entry.not_assessed:
        if not missing.rule.startswith(SERVICE):
            entry = counts.get(missing.rule)
            title, why = (entry.title, entry.message) if entry else ("", "")
            yield Unseen(missing.rule, title, missing.subjects, why)


def _not_assessed(verdicts: Iterable[VerdictEntry]) -> dict[str, VerdictEntry]:
    first: dict[str, VerdictEntry] = {}
    for entry in verdicts:
        if entry.outcome is Outcome.NOT_ASSESSED:
            first.setdefault(entry.rule, entry)
    return first
