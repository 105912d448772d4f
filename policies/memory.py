"""What has to be remembered of earlier scans, because Graph forgets it. Pure: memory and a look in, memory out.

An unread day moves nothing: what was remembered stays as it was until somebody could look again.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_serializer

from common.errors import NotReadError
from inventory.history_records import InventoryMemory
from inventory.memory import remember_inventory
from inventory.models import AuditEvent
from policies.registration.holders import Completeness, Holder, registration, unread

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot
    from policies.registration.paths import Path

GONE_KEPT = timedelta(days=400)
"""How long somebody who is gone is remembered: longer than any window a rule looks through."""


class Remembered(BaseModel):
    """What all parts of the memory share; fields of a newer minor version survive a rewrite."""

    model_config = ConfigDict(frozen=True, extra="allow")


def _from_json(stored: object) -> object:
    """Return an audit event from its stored form; records are strict and take a time from JSON only."""
    return AuditEvent.model_validate_json(json.dumps(stored)) if isinstance(stored, dict) else stored


class EventMemory(Remembered):
    """What events were judged by when they were first judged; it outlives the directory of that day and the audit log.

    Attributes:
        settled: Ids of connectors whose registration is no longer asked about, from before events were remembered.
        entitled: By connector and audit event, whether whoever registered the connector was entitled to.
        unseen: Registrations that no scan showed, by the audit event's id, as the audit log had them.
        seen: Ids of registrations that a scan did show, while the audit log still has them.
    """

    settled: frozenset[str] = frozenset()
    entitled: dict[str, dict[str, bool]] = Field(default_factory=dict)
    unseen: dict[str, Annotated[AuditEvent, BeforeValidator(_from_json)]] = Field(default_factory=dict)
    seen: frozenset[str] = frozenset()

    @field_serializer("settled", "seen")
    def _sorted(self, ids: frozenset[str]) -> list[str]:
        return sorted(ids)


class RememberedRegistrar(Remembered):
    """Somebody who can or could register connectors.

    Attributes:
        appeared: When they were first seen to; None for whoever could at the first full look.
        gone: When they were first missing again.
        paths: For each path when it was first seen; None for those of the first full look.
        settled: Until when changes are no longer asked about: those from before events were remembered.
    """

    name: str
    appeared: datetime | None = None
    gone: datetime | None = None
    paths: dict[str, datetime | None] = Field(default_factory=dict)
    settled: datetime | None = Field(default=None, exclude_if=lambda moment: moment is None)


class Memory(Remembered):
    """A tenant's memory.

    Attributes:
        registrars: By principal id.
        registrars_read_at: The newest look at which all role data could be read; None before the first.
        inventory: Connectors, groups and applications over time.
        events: What events were first judged by; None before a scan of a version that remembers it.
    """

    registrars: dict[str, RememberedRegistrar] = Field(default_factory=dict)
    registrars_read_at: datetime | None = None
    inventory: InventoryMemory = InventoryMemory()
    events: EventMemory | None = Field(default=None, exclude_if=lambda events: events is None)

    @property
    def known_events(self) -> EventMemory:
        """What events were first judged by; nothing where that was not remembered yet."""
        return self.events or EventMemory()


def path_key(path: Path) -> str:
    """Return what tells a path from others over time; eligible and activated are one."""
    steps = (f"{step.group}:{_lasting(step.membership)}" for step in path.via)
    return "|".join((path.role_id, _lasting(path.kind), path.scope, *steps))


def _lasting(how: str) -> str:
    return "eligible" if how == "activated" else how


def lasting_marks(holder: Holder, *, activated: bool) -> frozenset[str]:
    """Return the marks of the paths by which a holder can register, today and tomorrow.

    Activating a role or a membership every morning is no news: with `activated`, an activated path counts where no
    eligible path to the same role is known that it comes from; without, it never does. Neither does a path count of
    which it is not known how it is held.
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
    """Return the memory after a look; each part is unchanged where not everything it needs could be read.

    Args:
        memory: What was remembered before.
        snapshot: What was seen.
        holders: Everybody who holds a granting role, or why the paths could not be followed.
        inventory: The inventory's memory after this scan where it was computed before; None to compute it.
    """
    after = memory.model_copy(update={"inventory": inventory or remember_inventory(memory.inventory, snapshot)})
    return after if isinstance(holders, NotReadError) else _with_registrars(after, snapshot, holders)


def _with_registrars(memory: Memory, snapshot: Snapshot, holders: tuple[Holder, ...]) -> Memory:
    if unread(snapshot, holders, Completeness.EVERYTHING):
        return memory
    at, first = snapshot.taken_at, memory.registrars_read_at is None
    judged = [(holder, registration(holder, snapshot)[0]) for holder in holders]
    unsure: set[str] = {holder.id for holder, can in judged if can is None}
    after = {
        own: entry if entry.gone or own in unsure else entry.model_copy(update={"gone": at})
        for own, entry in memory.registrars.items()
        if entry.gone is None or at - entry.gone <= GONE_KEPT
    }
    for holder, can in judged:
        if can:
            before = memory.registrars.get(holder.id)
            after[holder.id] = _seen(holder, None if before is None or before.gone else before, None if first else at)
    return memory.model_copy(update={"registrars": dict(sorted(after.items())), "registrars_read_at": at})


def _seen(holder: Holder, before: RememberedRegistrar | None, since: datetime | None) -> RememberedRegistrar:
    """Return what is remembered of a registrar; `since` is when whatever is new about it was first seen."""
    known = before.paths if before else {}
    paths = {mark: known.get(mark, since) for mark in sorted(lasting_marks(holder, activated=True))}
    if before is None:
        return RememberedRegistrar(name=holder.name, appeared=since, paths=paths)
    return before.model_copy(update={"name": holder.name, "paths": paths})
