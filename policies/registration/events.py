"""What a scan adds to the memory of events: who was entitled to register, and which registrations no scan showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.memory import remember
from policies.registration.entitlement import with_entitlements
from policies.registration.planned import with_planned
from policies.registration.unseen import with_registrations

if TYPE_CHECKING:
    from inventory.history_records import InventoryMemory
    from policies.evidence import Evidence
    from policies.memory import Memory


def memory_after(memory: Memory, evidence: Evidence, inventory: InventoryMemory | None = None) -> Memory:
    """Return what is remembered after a scan.

    Args:
        memory: What was remembered before.
        evidence: What the scan was judged by.
        inventory: The inventory's memory after this scan where it was computed before; None to compute it.
    """
    after = remember(memory, evidence.snapshot, evidence.holders_or_why, inventory)
    after = with_registrations(with_entitlements(after, evidence), evidence)
    return with_planned(after, evidence, tuple(after.known_events.unseen.values()))
