"""Subjects of rules: groups and connectors, listed in one place for all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from common.errors import NotReadError
from policies.vocabulary import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inventory.models import Application, Connector, ConnectorGroup
    from policies.evidence import Evidence

LEARN = "https://learn.microsoft.com/en-us/entra/global-secure-access/"

T = TypeVar("T", "Application", "Connector", "ConnectorGroup")


def group_subject(group: ConnectorGroup) -> Subject:
    """Return a connector group as a subject."""
    return Subject(type="group", id=group.id, name=group.name or group.id)


def connector_subject(connector: Connector) -> Subject:
    """Return a connector as a subject, named by its machine."""
    return Subject(type="connector", id=connector.id, name=connector.machine_name or connector.id)


def groups(evidence: Evidence) -> Iterator[tuple[Subject, ConnectorGroup]]:
    """List all connector groups, each once."""
    for group in _once(evidence.snapshot.groups.items):
        yield group_subject(group), group


def connectors(evidence: Evidence) -> Iterator[tuple[Subject, Connector]]:
    """List all connectors, each once.

    Raises:
        NotReadError: After the last one, if some records may be agents of another kind.
    """
    seen = evidence.snapshot
    for connector in _once(seen.connectors.items):
        if connector.id not in seen.uncertain:
            yield connector_subject(connector), connector
    if seen.uncertain:
        why = f"whether {len(seen.uncertain)} of them are agents of another kind is not known: {seen.others_unread}"
        raise NotReadError(seen.connectors.name, why)


def members(evidence: Evidence, group: ConnectorGroup) -> tuple[Connector, ...]:
    """Return a group's connectors, each once. Raises NotReadError where they were not read."""
    return _once(evidence.snapshot.members(group.id))


def applications(evidence: Evidence, group: ConnectorGroup) -> tuple[Application, ...]:
    """Return the applications of a group, each once. Raises NotReadError where they were not read."""
    return _once(evidence.snapshot.applications(group.id))


def _once(records: Iterable[T]) -> tuple[T, ...]:
    """Return records without repetitions, so that each subject is judged and counted once."""
    return tuple({record.id: record for record in records}.values())
