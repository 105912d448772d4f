"""What moved in the inventory between two looks. Pure: memory before and after in, changes out."""

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
    """Return what moved at this look. What is read for the first time is not new: all of it was simply there."""
    found: list[InventoryChange] = []
    if before.first_read is not None:
        known = before.connectors
        seen = {own: life for own, life in after.connectors.items() if own in known or not life.from_start}
        found += _moves("connector", known, seen, at, _connector_steps(after))
    if before.groups_read is not None:
        found += _moves("group", before.groups, after.groups, at, _no_steps)
        carried = {own: life for own, life in after.applications.items() if _is_news(own, life, before)}
        found += _moves("application", before.applications, carried, at, _application_steps(after))
    return tuple(sorted(found, key=lambda change: (change.what, change.name, change.id, change.kind)))


def _is_news(own: str, life: ObjectRecord, before: InventoryMemory) -> bool:
    """Whether an application was known, or stands in a group whose applications had been read: else it is no news."""
    group = before.groups.get(life.group or "")
    return own in before.applications or group is None or group.filled_at is not None


def _moves(
    what: What,
    before: Mapping[str, L],
    after: Mapping[str, L],
    at: datetime,
    steps: Callable[[L, L], Iterator[Move]],
) -> Iterator[InventoryChange]:
    """Tell of everything of one kind what is new, gone, back again, renamed, or took a step."""
    for own, life in after.items():
        known = before.get(own)
        moves: Iterator[Move] = iter([("new", None, None)])
        if known is not None:
            moves = chain(_coming_and_going(known, life), steps(known, life))
        for kind, old, new in moves:
            yield InventoryChange(at=at, what=what, kind=kind, id=own, name=life.name, before=old, after=new)


def _coming_and_going(known: L, life: L) -> Iterator[Move]:
    if life.gone_at is not None and known.gone_at is None:
        yield "gone", None, None
    if life.gone_at is None and known.gone_at is not None:
        yield "back", None, None
    if life.name != known.name:
        yield "renamed", known.name, life.name


def _connector_steps(memory: InventoryMemory) -> Callable[[ConnectorRecord, ConnectorRecord], Iterator[Move]]:
    """Return what tells a connector's steps: another version, another group; groups are told by their names."""

    def steps(known: ConnectorRecord, life: ConnectorRecord) -> Iterator[Move]:
        if _last(known.versions) != _last(life.versions):
            yield "updated", _last(known.versions), _last(life.versions)
        if known.groups and _last(known.groups) != _last(life.groups):
            yield "moved", _group(memory, _last(known.groups)), _group(memory, _last(life.groups))

    return steps


def _application_steps(memory: InventoryMemory) -> Callable[[ObjectRecord, ObjectRecord], Iterator[Move]]:
    """Return what tells that an application is carried by another group."""

    def steps(known: ObjectRecord, life: ObjectRecord) -> Iterator[Move]:
        if known.group != life.group:
            yield "moved", _group(memory, known.group), _group(memory, life.group)

    return steps


def _no_steps(_known: ObjectRecord, _life: ObjectRecord) -> Iterator[Move]:
    return iter(())


def _group(memory: InventoryMemory, own: str | None) -> str | None:
    """Return a group's name, its id where it never had one that was read, and None for no group."""
    life = memory.groups.get(own or "")
    return life.name if life else own


def _last(steps: tuple[VersionChange, ...]) -> str | None:
    return steps[-1].value if steps else None
