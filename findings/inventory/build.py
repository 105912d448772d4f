"""Make the inventory's entries from what a scan read, what is remembered, and the verdicts. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from common.errors import NotReadError
from findings.inventory.entries import (
    ApplicationEntry,
    ConnectorEntry,
    ConnectorGroupEntry,
    Judgement,
    Registration,
    VersionStep,
)
from findings.reports.inventory import application_rows, names
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inventory.history_records import InventoryMemory
    from inventory.models import Connector, ConnectorGroup, GroupId
    from inventory.snapshot import GroupContents, Snapshot
    from policies.rule import Verdict

T = TypeVar("T", ConnectorEntry, ConnectorGroupEntry, ApplicationEntry)
_UNJUDGED = Judgement()


@dataclass(frozen=True)
class Inventory:
    """The entries of one scan; None for a list that was not read."""

    connectors: tuple[ConnectorEntry, ...] | None
    groups: tuple[ConnectorGroupEntry, ...] | None
    applications: tuple[ApplicationEntry, ...] | None


@dataclass(frozen=True)
class _Read:
    """What entries are made from, prepared once."""

    snapshot: Snapshot
    memory: InventoryMemory
    rules: Mapping[tuple[str, str], Judgement]
    names: Mapping[str, str]
    contents: Mapping[GroupId, GroupContents]

    def judged(self, kind: str, subject_id: str) -> Judgement:
        """Return the rules that fail for a subject, are waived or not assessed."""
        return self.rules.get((kind, subject_id), _UNJUDGED)


def inventory_of(snapshot: Snapshot, memory: InventoryMemory, verdicts: Sequence[Verdict]) -> Inventory:
    """Return the inventory as findings.json holds it.

    Args:
        snapshot: What the scan read.
        memory: What is remembered, this scan included.
        verdicts: The verdicts of this scan.
    """
    contents = {entry.group_id: entry for entry in snapshot.contents}
    read = _Read(snapshot, memory, _rules(verdicts), names(snapshot), contents)
    connectors, groups = snapshot.connectors, snapshot.groups
    return Inventory(
        _sorted(_connector(connector, read) for connector in connectors.readable) if connectors.listed else None,
        _sorted(_group(group, read) for group in groups.readable) if groups.listed else None,
        _applications(read) if groups.listed else None,
    )


def _sorted(entries: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.name.casefold(), entry.id)))


def _rules(verdicts: Iterable[Verdict]) -> Mapping[tuple[str, str], Judgement]:
    """Return for each subject the rules of each outcome that an entry shows."""
    rules: dict[tuple[str, str], dict[Outcome, set[str]]] = defaultdict(lambda: defaultdict(set))
    for verdict in verdicts:
        rules[verdict.subject.type, verdict.subject.id][verdict.outcome].add(verdict.rule)
    return {
        subject: Judgement(
            failing=tuple(sorted(by_outcome[Outcome.FAIL])),
            waived=tuple(sorted(by_outcome[Outcome.WAIVED])),
            not_assessed=tuple(sorted(by_outcome[Outcome.NOT_ASSESSED])),
        )
        for subject, by_outcome in rules.items()
    }


def _connector(connector: Connector, read: _Read) -> ConnectorEntry:
    """Return the entry of one connector; of one that is not remembered, nothing is known of the past."""
    record = read.memory.connectors.get(connector.id)
    groups = _groups_of(connector, read.snapshot)
    return ConnectorEntry(
        id=connector.id,
        name=connector.machine_name or "",
        active=connector.is_active,
        status=connector.status,
        certain=connector.id not in read.snapshot.uncertain,
        first_seen=record.first_seen if record else None,
        from_start=record.from_start if record else None,
        last_active=record.last_active if record else None,
        inactive_since=record.inactive_since if record else None,
        version=connector.version,
        versions=tuple(VersionStep(at=step.at, version=step.value) for step in (record.versions if record else ())),
        group_ids=groups,
        group_names=None if groups is None else tuple(read.names.get(group, group) for group in groups),
        applications=None if groups is None else _carried(groups, read),
        external_ip=connector.external_ip,
        registrations=tuple(
            Registration(at=event.at, by=event.by, upn=event.upn, app=event.app, matched=event.matched)
            for event in (record.attribution if record else ())
        ),
        rules=read.judged("connector", connector.id),
    )


def _groups_of(connector: Connector, snapshot: Snapshot) -> tuple[GroupId, ...] | None:
    try:
        return snapshot.groups_holding(connector.id)
    except NotReadError:
        return None


def _carried(groups: Iterable[GroupId], read: _Read) -> int | None:
    """Return how many applications these groups carry; None where a list of them was not read in full."""
    lists = [read.contents[group].applications for group in groups]
    return sum(len(part.readable) for part in lists) if all(part.known for part in lists) else None


def _group(group: ConnectorGroup, read: _Read) -> ConnectorGroupEntry:
    listed = read.contents[group.id].members
    members = listed.readable if listed.known else None
    record = read.memory.groups.get(group.id)
    return ConnectorGroupEntry(
        id=group.id,
        name=group.name or "",
        default=group.is_default,
        region=group.region,
        first_seen=record.first_seen if record else None,
        connectors=None if members is None else len(members),
        active=None if members is None else sum(member.is_active for member in members),
        versions=None if members is None else tuple(sorted({member.version or "unknown" for member in members})),
        applications=_carried((group.id,), read),
        rules=read.judged("group", group.id),
    )


def _applications(read: _Read) -> tuple[ApplicationEntry, ...]:
    """Return the applications of every group whose list was read."""
    groups = {
        application.id: entry.group_id
        for entry in read.snapshot.contents
        if entry.applications.listed
        for application in entry.applications.readable
    }
    return _sorted(
        ApplicationEntry(
            id=row.id,
            name=row.name,
            group_id=groups[row.id],
            group_name=row.group,
            kind=row.kind or None,
            external_url=row.external_url or None,
            internal_url=row.internal_url or None,
            sign_in=row.sign_in or None,
            first_seen=record.first_seen if (record := read.memory.applications.get(row.id)) else None,
            rules=read.judged("application", row.id),
        )
        for row in application_rows(read.snapshot)
    )
