"""What changed in the inventory between two scans. Pure: history before and after in, changes out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from inventory.history_records import ConnectorRecord, InventoryChange, ObjectRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from inventory.history_records import InventoryMemory, Kind, VersionChange, What

L = TypeVar("L", ConnectorRecord, ObjectRecord)
Move = tuple["Kind", str | None, str | None]


def inventory_changes(before: InventoryMemory, after: InventoryMemory, at: datetime) -> tuple[InventoryChange, ...]:
    """Return what changed at this scan; what is read for the first time is not new."""
    changes: list[InventoryChange] = []
    if before.first_read is not None:
        known = before.connectors
        seen = {
            record_id: record
            for record_id, record in after.connectors.items()
            if record_id in known or not record.from_start
        }
        changes += _moves("connector", known, seen, at, _connector_steps(after))
    if before.groups_read is not None:
        changes += _moves("group", before.groups, after.groups, at, _no_steps)
        carried = {
            record_id: record
            for record_id, record in after.applications.items()
            if _is_comparable(record_id, record, before)
        }
        changes += _moves("application", before.applications, carried, at, _application_steps(after))
    return tuple(sorted(changes, key=lambda change: (change.what, change.name, change.id, change.kind)))


def _is_comparable(record_id: str, record: ObjectRecord, before: InventoryMemory) -> bool:
    """Whether an application was known, or is in a group whose applications had been read before."""
    group = before.groups.get(record.group or "")
    return record_id in before.applications or group is None or group.filled_at is not None


def _moves(
    what: What,
    before: Mapping[str, L],
    after: Mapping[str, L],
    at: datetime,
    steps: Callable[[L, L], Iterator[Move]],
) -> Iterator[InventoryChange]:
    """Yield for all objects of one kind what is new, gone, back, renamed, updated or moved."""
    for record_id, record in after.items():
        known = before.get(record_id)
        moves: Iterator[Move] = iter([("new", None, None)])
        if known is not None:
            moves = chain(_coming_and_going(known, record), steps(known, record))
        for kind, old, new in moves:
            yield InventoryChange(at=at, what=what, kind=kind, id=record_id, name=record.name, before=old, after=new)


def _coming_and_going(known: L, record: L) -> Iterator[Move]:
    if record.gone_at is not None and known.gone_at is None:
        yield "gone", None, None
    if record.gone_at is None and known.gone_at is not None:
        yield "back", None, None
    if record.name != known.name:
        yield "renamed", known.name, record.name


def _connector_steps(memory: InventoryMemory) -> Callable[[ConnectorRecord, ConnectorRecord], Iterator[Move]]:
    """Return a function that yields a connector's changes of version and of group, groups by their names."""

    def steps(known: ConnectorRecord, record: ConnectorRecord) -> Iterator[Move]:
        if _last(known.versions) != _last(record.versions):
            yield "updated", _last(known.versions), _last(record.versions)
        if known.groups and _last(known.groups) != _last(record.groups):
            yield "moved", _group(memory, _last(known.groups)), _group(memory, _last(record.groups))

    return steps


def _application_steps(memory: InventoryMemory) -> Callable[[ObjectRecord, ObjectRecord], Iterator[Move]]:
    """Return a function that yields an application's change of group."""

    def steps(known: ObjectRecord, record: ObjectRecord) -> Iterator[Move]:
        if known.group != record.group:
            yield "moved", _group(memory, known.group), _group(memory, record.group)

    return steps


def _no_steps(_known: ObjectRecord, _life: ObjectRecord) -> Iterator[Move]:
    return iter(())


def _group(memory: InventoryMemory, record_id: str | None) -> str | None:
    """Return a group's name, its id where it never had one that was read, and None for no group."""
    record = memory.groups.get(record_id or "")
    return record.name if record else record_id


def _last(steps: tuple[VersionChange, ...]) -> str | None:
    return steps[-1].value if steps else None
