"""What Graph forgets about connectors, groups and applications, remembered from scan to scan. Pure.

Graph's connector has no last-seen and no history, and an inactive one vanishes after 10 days (Entra "connectors",
2026-03). A list that was not read moves nothing: what was remembered stays until somebody could look again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from inventory.attribution import attributed, surest
from inventory.changes import inventory_changes
from inventory.history_records import ConnectorRecord, ObjectRecord, UnconfirmedAgent, VersionChange

if TYPE_CHECKING:
    from collections.abc import Mapping
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
"""How many earlier changes are kept; those of the newest look always are."""


def remember_inventory(memory: InventoryMemory, snapshot: Snapshot) -> InventoryMemory:
    """Return the memory after a look; every list that was not read leaves its part as it was."""
    at = snapshot.taken_at
    moved: dict[str, object] = {}
    if snapshot.connectors.known:
        moved |= {
            "connectors": _connectors(memory, snapshot),
            "maybe": _maybe(memory, snapshot),
            "first_read": memory.first_read or at,
            "last_read": at,
        }
    if snapshot.groups.known:
        seen: dict[str, tuple[str, GroupId | None]] = {
            group.id: (group.name or group.id, None) for group in snapshot.groups.items
        }
        moved |= {
            "groups": _filled(_things(memory.groups, seen, at, whole=True), snapshot),
            "applications": _applications(memory, snapshot),
            "groups_read": at,
        }
    after = memory.model_copy(update=moved)
    return after.model_copy(
        update={"changes": (*memory.changes[-CHANGES_KEPT:], *inventory_changes(memory, after, at))}
    )


def _connectors(memory: InventoryMemory, snapshot: Snapshot) -> dict[str, ConnectorRecord]:
    at = snapshot.taken_at
    seen: dict[str, Connector] = {connector.id: connector for connector in snapshot.connectors.items}
    foreign = {connector.id for connector in snapshot.other_connectors}
    after: dict[str, ConnectorRecord] = {}
    for own, life in memory.connectors.items():
        if own not in seen and own not in foreign and _is_kept(life, at):
            after[own] = life if life.gone_at else life.model_copy(update={"gone_at": at})
    for connector in seen.values():
        before = memory.connectors.get(connector.id)
        if before is not None:
            after[connector.id] = _told_by(connector, snapshot, _again(connector, snapshot, before))
        elif connector.id not in snapshot.uncertain:
            after[connector.id] = _told_by(connector, snapshot, _met(connector, snapshot, memory))
    return dict(sorted(_linked(after, memory).items()))


def _maybe(memory: InventoryMemory, snapshot: Snapshot) -> dict[str, UnconfirmedAgent]:
    """Return the agents that may be connectors; whoever turns out to be one was there since then."""
    since = UnconfirmedAgent(
        first_seen=snapshot.taken_at, from_start=memory.first_read is None, seen_before=memory.last_read
    )
    unknown = sorted(snapshot.uncertain - memory.connectors.keys())
    return {own: memory.maybe.get(own, since) for own in unknown}


def _is_kept(life: ConnectorRecord | ObjectRecord, at: datetime) -> bool:
    return life.gone_at is None or at - life.gone_at <= FORGET_AFTER


def _met(connector: Connector, snapshot: Snapshot, memory: InventoryMemory) -> ConnectorRecord:
    """Return the life of a connector seen for the first time."""
    at = snapshot.taken_at
    new = UnconfirmedAgent(first_seen=at, from_start=memory.first_read is None, seen_before=memory.last_read)
    since = memory.maybe.get(connector.id, new)
    life = ConnectorRecord(
        name=connector.machine_name or connector.id,
        first_seen=since.first_seen,
        from_start=since.from_start,
        seen_before=since.seen_before,
        last_seen=at,
    )
    return _again(connector, snapshot, life)


def _again(connector: Connector, snapshot: Snapshot, before: ConnectorRecord) -> ConnectorRecord:
    """Return the life of a connector after it was seen once more."""
    at = snapshot.taken_at
    standing = _groups_of(connector, snapshot)
    groups = before.groups
    if standing is not None and len(standing) == 1:
        groups = _stepped(groups, min(standing), at)
    return before.model_copy(
        update={
            "name": connector.machine_name or connector.id,
            "last_seen": at,
            "last_active": at if connector.is_active else before.last_active,
            "inactive_since": None if connector.is_active else before.inactive_since or at,
            "gone_at": None,
            "versions": _stepped(before.versions, connector.version, at),
            "groups": groups,
            "external_ip": connector.external_ip or before.external_ip,
            "homeless_since": (before.homeless_since or at) if standing == frozenset() else None,
        }
    )


def _told_by(connector: Connector, snapshot: Snapshot, life: ConnectorRecord) -> ConnectorRecord:
    """Return a life with who began it, where the audit log tells more of that than was known.

    The log lags, and a day on which it was not read is no answer: it is asked for as long as it can hold the event.
    """
    too_old = snapshot.taken_at - life.first_seen > ASKED_FOR
    if life.seen_before is None or snapshot.audit.status != "read" or too_old:
        return life
    found = attributed(connector, life.seen_before, life.first_seen, snapshot.audit.items, snapshot.connectors.records)
    return life.model_copy(update={"attribution": surest(life.attribution, found)})


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


def _linked(lives: dict[str, ConnectorRecord], memory: InventoryMemory) -> dict[str, ConnectorRecord]:
    """Tell who replaces whom: a connector met now under the machine name of one that was known before."""
    if memory.first_read is None:
        return lives
    earlier: dict[str, str] = {}
    for own in sorted(memory.connectors.keys() & lives.keys(), key=lambda own: (lives[own].first_seen, own)):
        earlier[lives[own].name_key] = own
    after = dict(lives)
    for own in sorted(lives.keys() - memory.connectors.keys()):
        old = earlier.get(lives[own].name_key)
        if old is not None:
            after[own] = after[own].model_copy(update={"replaces": old})
            after[old] = after[old].model_copy(update={"replaced_by": own})
    return after


def _things(
    before: Mapping[str, ObjectRecord], seen: Mapping[str, tuple[str, GroupId | None]], at: datetime, *, whole: bool
) -> dict[str, ObjectRecord]:
    """Return the lives of groups or applications; what is missing is gone only where the whole was read."""
    after: dict[str, ObjectRecord] = {}
    for own, life in before.items():
        if own not in seen and _is_kept(life, at):
            after[own] = life if life.gone_at or not whole else life.model_copy(update={"gone_at": at})
    for own, (name, group) in seen.items():
        known = before.get(own)
        life = known or ObjectRecord(name=name, first_seen=at, last_seen=at)
        after[own] = life.model_copy(update={"name": name, "last_seen": at, "gone_at": None, "group": group})
    return dict(sorted(after.items()))


def _applications(memory: InventoryMemory, snapshot: Snapshot) -> dict[str, ObjectRecord]:
    whole = all(entry.applications.known for entry in snapshot.contents)
    seen: dict[str, tuple[str, GroupId | None]] = {
        application.id: (application.display_name or application.id, entry.group_id)
        for entry in snapshot.contents
        for application in entry.applications.records
    }
    return _things(memory.applications, seen, snapshot.taken_at, whole=whole)


def _filled(groups: dict[str, ObjectRecord], snapshot: Snapshot) -> dict[str, ObjectRecord]:
    """Return the groups' lives with the moment at which each one's applications were read, where they were."""
    read = {entry.group_id for entry in snapshot.contents if entry.applications.known}
    moved = {"filled_at": snapshot.taken_at}
    return {own: life.model_copy(update=moved) if own in read else life for own, life in groups.items()}
