"""Subjects of rules: groups and connectors, listed in one place for all rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from common.errors import NotReadError
from policies.vocabulary import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inventory.models import Application, Connector, ConnectorGroup, Record
    from inventory.records import UnreadableRecord
    from inventory.snapshot import Section
    from policies.evidence import Evidence
    from policies.vocabulary import SubjectType

LEARN = "https://learn.microsoft.com/en-us/entra/global-secure-access/"

_NAMED = 3
"""How many applications a message names."""

UNSURE = "connectors could not be read, or do not say their machine, so that there may be more or fewer"

T = TypeVar("T", "Application", "Connector", "ConnectorGroup")


def groups(evidence: Evidence) -> Iterator[tuple[Subject, ConnectorGroup | UnreadableRecord]]:
    """List all connector groups, each once, also those whose records could not be read."""
    listed = evidence.snapshot.groups
    for group in _once(listed.readable):
        yield evidence.subject("group", group.id, group.name or group.id), group
    yield from _unreadable("group", listed)


def connectors(evidence: Evidence) -> Iterator[tuple[Subject, Connector | UnreadableRecord]]:
    """List all connectors, each once, also those whose records could not be read.

    Raises:
        NotReadError: After the last one, if some records may be agents of another kind or have no readable id.
    """
    seen = evidence.snapshot
    for connector in _once(seen.connectors.readable):
        if connector.id not in seen.uncertain:
            yield evidence.subject("connector", connector.id, connector.machine_name or connector.id), connector
    yield from _unreadable("connector", seen.connectors)
    if seen.uncertain:
        why = f"whether {len(seen.uncertain)} of them are agents of another kind is not known: {seen.others_unread}"
        raise NotReadError(seen.connectors.name, why)


def _unreadable(kind: SubjectType, section: Section[Record]) -> Iterator[tuple[Subject, UnreadableRecord]]:
    """List what is there and could not be read, by id; then say whether there is more that has not even an id."""
    for record in section.unreadable:
        if record.id is not None:
            yield Subject(type=kind, id=record.id, name=record.name or record.id), record
    if not section.all_named:
        raise NotReadError(section.name, section.reason or section.status)


def applications(evidence: Evidence, group: ConnectorGroup) -> tuple[Application, ...]:
    """Return the applications of a group, each once. Raises NotReadError where they were not read."""
    return _once(evidence.snapshot.applications(group.id))


def applications_text(carried: Iterable[Application]) -> str:
    """Return applications in words: the first three by name, and how many more."""
    names = sorted(application.display_name or application.id for application in _once(carried))
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def group_name(evidence: Evidence, group_id: str) -> str:
    """Return a connector group's name of today or the last one known; its id where it never had one that was read."""
    record = evidence.lives.groups.get(group_id)
    return record.name if record else group_id


@dataclass(frozen=True)
class Partly(Generic[T]):
    """What is known of a list.

    Attributes:
        records: Those that could be read, each once.
        more: How many further records there are that could not be.
        whole: Whether there is nothing else; False where the list was not read.
    """

    records: tuple[T, ...]
    more: int
    whole: bool

    @property
    def count(self) -> int:
        """The number of records, at least."""
        return len(self.records) + self.more

    @property
    def number(self) -> int | None:
        """The number of records; None where the list was not read."""
        return self.count if self.whole else None


def known_members(evidence: Evidence, group: ConnectorGroup) -> Partly[Connector]:
    """Return what is known of a group's connectors: a record that could not be read is a connector all the same.

    Raises:
        NotReadError: The list was not read.
    """
    section = evidence.snapshot.contents_of(group.id).members
    _ = section.readable
    return partly(section)


def known_applications(evidence: Evidence, group: ConnectorGroup) -> Partly[Application]:
    """Return what is known of a group's applications; nothing where the list was not read."""
    return partly(evidence.snapshot.contents_of(group.id).applications)


def partly(section: Section[T]) -> Partly[T]:
    """Return what is known of a list, whether it was read or not."""
    return Partly(_once(section.records), len(section.unreadable), whole=section.listed)


def _once(records: Iterable[T]) -> tuple[T, ...]:
    """Return records without repetitions, so that each subject is judged and counted once."""
    return tuple({record.id: record for record in records}.values())
