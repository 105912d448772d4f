"""Update the history of connectors, groups and applications after each scan, since Graph keeps none. Pure.

Graph's connector has no last-seen and no history, and an inactive one vanishes after 10 days (Entra "connectors",
2026-03). A list that was not read changes nothing: its records stay as they were until it is read again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from inventory.audit.attribution import attributed, surest
from inventory.changes import inventory_changes
from inventory.history_records import ConnectorRecord, ObjectRecord, UnconfirmedAgent, VersionChange

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from inventory.history_records import InventoryMemory
    from inventory.models import Connector, GroupId
    from inventory.snapshot import Snapshot

FORGET_AFTER = timedelta(days=400)
"""How long something that is gone is remembered: longer than any window a rule looks through."""
STEPS_KEPT = 30
"""How many versions and groups of one connector are kept, newest last: changes only, so years of them."""
ASKED_FOR = timedelta(days=31)
"""How long after a connector was first seen the audit log can still tell who registered it: it keeps 30 days."""
CHANGES_KEPT = 300
"""How many earlier changes are kept; those of the newest scan always are."""


def remember_inventory(memory: InventoryMemory, snapshot: Snapshot) -> InventoryMemory:
    """Return the history after a scan; a list that was not read leaves its part unchanged."""
    at = snapshot.taken_at
    updated: dict[str, object] = {}
    if snapshot.connectors.listed:
        updated |= {
            "connectors": _connectors(memory, snapshot),
            "maybe": _maybe(memory, snapshot),
        }
    if snapshot.connectors.all_named:
        updated |= {"first_read": memory.first_read or at, "last_read": at}
    if snapshot.groups.listed:
        there = snapshot.groups.odd_ids if snapshot.groups.all_named else None
        seen: dict[str, tuple[str, GroupId | None]] = {
            group.id: (group.name or group.id, None) for group in snapshot.groups.readable
        }
        updated |= {
            "groups": _filled(_object_records(memory.groups, seen, at, there=there), snapshot),
            "applications": _applications(memory, snapshot),
            "groups_read": at if snapshot.groups.all_named else memory.groups_read,
        }
    after = memory.model_copy(update=updated)
    return after.model_copy(
        update={"changes": (*memory.changes[-CHANGES_KEPT:], *inventory_changes(memory, after, at))}
    )


def _connectors(memory: InventoryMemory, snapshot: Snapshot) -> dict[str, ConnectorRecord]:
    at = snapshot.taken_at
    seen: dict[str, Connector] = {connector.id: connector for connector in snapshot.connectors.readable}
    foreign = {connector.id for connector in snapshot.other_connectors}
    odd, all_named = snapshot.connectors.odd_ids, snapshot.connectors.all_named
    after: dict[str, ConnectorRecord] = {}
    for record_id, record in memory.connectors.items():
        if record_id not in seen and record_id not in foreign and _is_kept(record, at):
            unchanged = record.gone_at or record_id in odd or not all_named
            after[record_id] = record if unchanged else record.model_copy(update={"gone_at": at})
    for connector in seen.values():
        before = memory.connectors.get(connector.id)
        if before is not None:
            after[connector.id] = _with_attribution(connector, snapshot, _updated(connector, snapshot, before))
        elif connector.id not in snapshot.uncertain:
            after[connector.id] = _with_attribution(connector, snapshot, _new_record(connector, snapshot, memory))
    return dict(sorted(_linked(after, memory).items()))


def _maybe(memory: InventoryMemory, snapshot: Snapshot) -> dict[str, UnconfirmedAgent]:
    """Return the agents that may be connectors, with the scan since which each is there."""
    since = UnconfirmedAgent(
        first_seen=snapshot.taken_at, from_start=memory.first_read is None, seen_before=memory.last_read
    )
    unknown = sorted((snapshot.uncertain | snapshot.connectors.odd_ids) - memory.connectors.keys())
    return {record_id: memory.maybe.get(record_id, since) for record_id in unknown}


def _is_kept(record: ConnectorRecord | ObjectRecord, at: datetime) -> bool:
    return record.gone_at is None or at - record.gone_at <= FORGET_AFTER


def _new_record(connector: Connector, snapshot: Snapshot, memory: InventoryMemory) -> ConnectorRecord:
    """Return the record of a connector seen for the first time."""
    at = snapshot.taken_at
    new = UnconfirmedAgent(first_seen=at, from_start=memory.first_read is None, seen_before=memory.last_read)
    since = memory.maybe.get(connector.id, new)
    record = ConnectorRecord(
        name=connector.machine_name or connector.id,
        first_seen=since.first_seen,
        from_start=since.from_start,
        seen_before=since.seen_before,
        last_seen=at,
    )
    return _updated(connector, snapshot, record)


def _updated(connector: Connector, snapshot: Snapshot, before: ConnectorRecord) -> ConnectorRecord:
    """Return the record of a connector after it was seen once more."""
    at = snapshot.taken_at
    holding = _groups_of(connector, snapshot)
    groups = before.groups
    if holding is not None and len(holding) == 1:
        groups = _stepped(groups, min(holding), at)
    paused = before.inactive_since is not None or before.gone_at is not None
    return before.model_copy(
        update={
            "name": connector.machine_name or connector.id,
            "last_seen": at,
            "last_active": at if connector.is_active else before.last_active,
            "inactive_since": None if connector.is_active else before.inactive_since or at,
            "active_again": at if paused and connector.is_active else before.active_again,
            "gone_at": None,
            "versions": _stepped(before.versions, connector.version, at),
            "groups": groups,
            "external_ip": connector.external_ip or before.external_ip,
            "homeless_since": (before.homeless_since or at) if holding == frozenset() else None,
        }
    )


def _with_attribution(connector: Connector, snapshot: Snapshot, record: ConnectorRecord) -> ConnectorRecord:
    """Return the record with its registrations from the audit log, where the log holds more than was known.

    The log lags and is not always readable, so it is searched for as long as it can hold the event.
    """
    too_old = snapshot.taken_at - record.first_seen > ASKED_FOR
    if record.seen_before is None or snapshot.audit.status != "read" or too_old:
        return record
    matches = attributed(
        connector, record.seen_before, record.first_seen, snapshot.audit.readable, snapshot.connectors.records
    )
    return record.model_copy(update={"attribution": surest(record.attribution, matches)})


def _groups_of(connector: Connector, snapshot: Snapshot) -> frozenset[str] | None:
    """Return the groups in whose lists a connector stands; None where not all lists are known.

    One as a rule; two or none while it is moved from list to list between two requests.
    """
    if not snapshot.members_known:
        return None
    return frozenset(snapshot.groups_holding(connector.id))


def _stepped(steps: tuple[VersionChange, ...], value: str | None, at: datetime) -> tuple[VersionChange, ...]:
    if steps and steps[-1].value == value:
        return steps
    return (*steps, VersionChange(at=at, value=value))[-STEPS_KEPT:]


def _linked(records: dict[str, ConnectorRecord], memory: InventoryMemory) -> dict[str, ConnectorRecord]:
    """Link a new connector to the known one of the same machine name, as its replacement."""
    if memory.first_read is None:
        return records
    earlier: dict[str, str] = {}
    for record_id in sorted(
        memory.connectors.keys() & records.keys(), key=lambda record_id: (records[record_id].first_seen, record_id)
    ):
        earlier[records[record_id].name_key] = record_id
    after = dict(records)
    for record_id in sorted(records.keys() - memory.connectors.keys()):
        old = earlier.get(records[record_id].name_key)
        if old is not None:
            after[record_id] = after[record_id].model_copy(update={"replaces": old})
            after[old] = after[old].model_copy(update={"replaced_by": record_id})
    return after


def _object_records(
    before: Mapping[str, ObjectRecord],
    seen: Mapping[str, tuple[str, GroupId | None]],
    at: datetime,
    *,
    there: Collection[str] | None,
) -> dict[str, ObjectRecord]:
    """Return the records of groups or applications after a scan.

    Args:
        before: The records before it.
        seen: Name and group of what was read.
        at: When it was read.
        there: Ids of what is there and could not be read, so that it is not gone; None where nothing can be said gone.
    """
    after: dict[str, ObjectRecord] = {}
    for record_id, record in before.items():
        if record_id not in seen and _is_kept(record, at):
            unchanged = record.gone_at or there is None or record_id in there
            after[record_id] = record if unchanged else record.model_copy(update={"gone_at": at})
    for record_id, (name, group) in seen.items():
        known = before.get(record_id)
        record = known or ObjectRecord(name=name, first_seen=at, last_seen=at)
        after[record_id] = record.model_copy(update={"name": name, "last_seen": at, "gone_at": None, "group": group})
    return dict(sorted(after.items()))


def _applications(memory: InventoryMemory, snapshot: Snapshot) -> dict[str, ObjectRecord]:
    lists = [entry.applications for entry in snapshot.contents]
    whole = snapshot.groups.known and all(section.all_named for section in lists)
    there = frozenset[str]().union(*(section.odd_ids for section in lists)) if whole else None
    seen: dict[str, tuple[str, GroupId | None]] = {
        application.id: (application.display_name or application.id, entry.group_id)
        for entry in snapshot.contents
        for application in entry.applications.records
    }
    return _object_records(memory.applications, seen, snapshot.taken_at, there=there)


def _filled(groups: dict[str, ObjectRecord], snapshot: Snapshot) -> dict[str, ObjectRecord]:
    """Return the groups' records with the moment at which each one's applications were read, where they were."""
    read = {entry.group_id for entry in snapshot.contents if entry.applications.known}
    filled = {"filled_at": snapshot.taken_at}
    return {
        record_id: record.model_copy(update=filled) if record_id in read else record
        for record_id, record in groups.items()
    }
