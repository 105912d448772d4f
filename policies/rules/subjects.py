"""Subjects of rules: groups and connectors, listed in one place for all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

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

T = TypeVar("T", "Application", "Connector", "ConnectorGroup")


def group_subject(group: ConnectorGroup) -> Subject:
    """Return a connector group as a subject."""
    return Subject(type="group", id=group.id, name=group.name or group.id)


def connector_subject(connector: Connector) -> Subject:
    """Return a connector as a subject, named by its machine."""
    return Subject(type="connector", id=connector.id, name=connector.machine_name or connector.id)


def groups(evidence: Evidence) -> Iterator[tuple[Subject, ConnectorGroup | UnreadableRecord]]:
    """List all connector groups, each once, also those whose records could not be read."""
    listed = evidence.snapshot.groups
    for group in _once(listed.readable):
        yield group_subject(group), group
    yield from _unreadable("group", listed)


def connectors(evidence: Evidence) -> Iterator[tuple[Subject, Connector | UnreadableRecord]]:
    """List all connectors, each once, also those whose records could not be read.

    Raises:
        NotReadError: After the last one, if some records may be agents of another kind or have no readable id.
    """
    seen = evidence.snapshot
    for connector in _once(seen.connectors.readable):
        if connector.id not in seen.uncertain:
            yield connector_subject(connector), connector
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


def members(evidence: Evidence, group: ConnectorGroup) -> tuple[Connector, ...]:
    """Return a group's connectors, each once. Raises NotReadError where they were not read."""
    return _once(evidence.snapshot.members(group.id))


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


def _once(records: Iterable[T]) -> tuple[T, ...]:
    """Return records without repetitions, so that each subject is judged and counted once."""
    return tuple({record.id: record for record in records}.values())
