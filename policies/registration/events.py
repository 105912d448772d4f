"""What a scan adds to the memory of events: who was entitled to register, and which registrations no scan showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.history_records import InventoryChange
from policies.memory import remember
from policies.registration.entitlement import with_entitlements
from policies.registration.planned import with_planned
from policies.registration.unseen import with_registrations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from inventory.history_records import InventoryMemory, Kind
    from policies.evidence import Evidence
    from policies.memory import Memory


def _registrar_changes(before: Memory, after: Memory, at: datetime) -> Iterator[InventoryChange]:
    """Yield who can register connectors since this scan, and who no longer can; nobody at the first complete scan."""
    for principal_id, entry in after.registrars.items():
        known = before.registrars.get(principal_id)
        if entry.gone == at and known is not None and known.gone is None:
            kind: Kind = "gone"
        elif entry.gone is None and entry.appeared == at and (known is None or known.gone is not None):
            kind = "new" if known is None else "back"
        else:
            continue
        yield InventoryChange(at=at, what="principal", kind=kind, id=principal_id, name=entry.name)


def memory_after(memory: Memory, evidence: Evidence, inventory: InventoryMemory | None = None) -> Memory:
    """Return what is remembered after a scan.

    Args:
        memory: What was remembered before.
        evidence: What the scan was judged by.
        inventory: The inventory's memory after this scan where it was computed before; None to compute it.
    """
    after = remember(memory, evidence.snapshot, evidence.holders_or_why, inventory)
    people = tuple(_registrar_changes(memory, after, evidence.snapshot.taken_at))
    if people:
        changed = after.inventory.model_copy(update={"changes": (*after.inventory.changes, *people)})
        after = after.model_copy(update={"inventory": changed})
    after = with_registrations(with_entitlements(after, evidence), evidence)
    return with_planned(after, evidence, tuple(after.known_events.unseen.values()))
