"""A tenant's memory of earlier scans, for data that Graph does not keep. Pure: memory and a snapshot in, memory out.

Where a list was not read, its part of the memory stays as it was until a scan reads the list again.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_serializer

from common.errors import NotReadError
from common.moments import Moment
from inventory.audit.models import AuditEvent
from inventory.history_records import InventoryMemory
from inventory.memory import remember_inventory
from policies.registration.holders import Completeness, Holder, registration, unread

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot
    from policies.registration.paths import Path

GONE_KEPT = timedelta(days=400)
"""How long a former registrar is remembered: longer than the period of any rule."""


class Remembered(BaseModel):
    """The base of all parts of the memory; it keeps unknown fields, which a newer minor version may have written."""

    model_config = ConfigDict(frozen=True, extra="allow")


def _from_json(stored: object) -> object:
    """Return an audit event from its stored form; records are strict and take a time from JSON only."""
    return AuditEvent.model_validate_json(json.dumps(stored)) if isinstance(stored, dict) else stored


class EventMemory(Remembered):
    """What events were judged by when they were first judged; it outlives the directory of that day and the audit log.

    Attributes:
        settled: Ids of connectors whose registration is no longer asked about, from before events were remembered.
        entitled: By connector and audit event, whether whoever registered the connector was entitled to.
        rights: By connector and audit event, the roles that whoever registered the connector held when that was first
            judged, in words; none where that could not be read.
        unseen: Registrations that no scan showed, by the audit event's id, as the audit log had them.
        planned: Connectors and registrations (`event:ID`) that a plan in the policy cleared, with the entry they used.
        seen: Ids of registrations that a scan did show, while the audit log still has them.
    """

    settled: frozenset[str] = frozenset()
    entitled: dict[str, dict[str, bool]] = Field(default_factory=dict)
    rights: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict, exclude_if=lambda rights: not rights)
    unseen: dict[str, Annotated[AuditEvent, BeforeValidator(_from_json)]] = Field(default_factory=dict)
    planned: dict[str, str] = Field(default_factory=dict, exclude_if=lambda planned: not planned)
    seen: frozenset[str] = frozenset()

    @field_serializer("settled", "seen")
    def _sorted(self, ids: frozenset[str]) -> list[str]:
        return sorted(ids)


class RememberedRegistrar(Remembered):
    """A principal that can register connectors, or could before.

    Attributes:
        appeared: The first scan in which it could; None if it could at the first complete scan.
        gone: The first scan in which it could no longer; None while it can.
        paths: For each path key the first scan with the path; None for paths of the first complete scan.
        settled: Until when changes are no longer asked about: those from before events were remembered.
    """

    name: str
    appeared: Moment | None = None
    gone: Moment | None = None
    paths: dict[str, Moment | None] = Field(default_factory=dict)
    settled: Moment | None = Field(default=None, exclude_if=lambda moment: moment is None)


class Memory(Remembered):
    """A tenant's memory.

    Attributes:
        registrars: By principal id.
        registrars_read_at: The latest scan that read all role data; None before the first.
        inventory: The history of connectors, groups and applications.
        events: What events were first judged by; None before a scan of a version that remembers it.
    """

    registrars: dict[str, RememberedRegistrar] = Field(default_factory=dict)
    registrars_read_at: Moment | None = None
    inventory: InventoryMemory = InventoryMemory()
    events: EventMemory | None = Field(default=None, exclude_if=lambda events: events is None)

    @property
    def known_events(self) -> EventMemory:
        """What events were first judged by; nothing where that was not remembered yet."""
        return self.events or EventMemory()


def path_key(path: Path) -> str:
    """Return a key that identifies a path over time; eligible and activated give the same key."""
    steps = (f"{step.group}:{_lasting(step.membership)}" for step in path.via)
    return "|".join((path.role_id, _lasting(path.kind), path.scope, *steps))


def _lasting(how: str) -> str:
    return "eligible" if how == "activated" else how


def lasting_marks(holder: Holder, *, activated: bool) -> frozenset[str]:
    """Return the keys of the paths by which a holder can register for longer than one activation.

    A role or membership that is activated each morning is no change. With `activated`, an activated path counts if no
    eligible path to the same role is known; without, it never counts. A path never counts if the lists do not show
    whether it is assigned or activated.
    """
    known = [path for path in holder.tenant_wide if path.certain and "active" not in path.parts]
    eligible = {path.role_id for path in known if "eligible" in path.parts}
    return frozenset(
        path_key(path)
        for path in known
        if "activated" not in path.parts or (activated and path.role_id not in eligible)
    )


def remember(
    memory: Memory,
    snapshot: Snapshot,
    holders: tuple[Holder, ...] | NotReadError,
    inventory: InventoryMemory | None = None,
) -> Memory:
    """Return the memory after a scan; a part stays unchanged if any list it depends on was not read.

    Args:
        memory: The memory before the scan.
        snapshot: The scan's snapshot.
        holders: All holders of a granting role, or why the paths could not be followed.
        inventory: The inventory's memory after this scan where it was computed before; None to compute it.
    """
    after = memory.model_copy(update={"inventory": inventory or remember_inventory(memory.inventory, snapshot)})
    return after if isinstance(holders, NotReadError) else _with_registrars(after, snapshot, holders)


def _with_registrars(memory: Memory, snapshot: Snapshot, holders: tuple[Holder, ...]) -> Memory:
    if unread(snapshot, holders, Completeness.EVERYTHING):
        return memory
    at, first = snapshot.taken_at, memory.registrars_read_at is None
    judged = [(holder, registration(holder, snapshot)[0]) for holder in holders]
    undecided: set[str] = {holder.id for holder, can in judged if can is None}
    after = {
        principal_id: entry if entry.gone or principal_id in undecided else entry.model_copy(update={"gone": at})
        for principal_id, entry in memory.registrars.items()
        if entry.gone is None or at - entry.gone <= GONE_KEPT
    }
    for holder, can in judged:
        if can:
            before = memory.registrars.get(holder.id)
            after[holder.id] = _seen(holder, None if before is None or before.gone else before, None if first else at)
    return memory.model_copy(update={"registrars": dict(sorted(after.items())), "registrars_read_at": at})


def _seen(holder: Holder, before: RememberedRegistrar | None, since: Moment | None) -> RememberedRegistrar:
    """Return a registrar's entry after a scan; `since` is the date for new paths, None at the first complete scan."""
    known = before.paths if before else {}
    paths = {mark: known.get(mark, since) for mark in sorted(lasting_marks(holder, activated=True))}
    if before is None:
        return RememberedRegistrar(name=holder.name, appeared=since, paths=paths)
    return before.model_copy(update={"name": holder.name, "paths": paths})
