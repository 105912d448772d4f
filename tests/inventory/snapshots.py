"""Several looks at one tenant, a day apart, and what is remembered of the inventory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from inventory.history_records import InventoryMemory
from inventory.memory import remember_inventory
from tests.making import NOW

if TYPE_CHECKING:
    from datetime import datetime

    from inventory.snapshot import Snapshot

DAY = timedelta(days=1)


def looks(*seen: Snapshot) -> InventoryMemory:
    """Return the memory after several looks, a day apart."""
    memory = InventoryMemory()
    for days, one in enumerate(seen):
        memory = remember_inventory(memory, at(one, days))
    return memory


def at(seen: Snapshot, days: float) -> Snapshot:
    """Return a look so many days after the first."""
    return seen.model_copy(update={"taken_at": NOW + days * DAY})


def on(days: float) -> datetime:
    """Return that moment."""
    return NOW + days * DAY


def moves(memory: InventoryMemory, days: float | None = None) -> list[tuple[str, str, str, str | None, str | None]]:
    """Return what moved, on one day or at all."""
    return [
        (change.what, change.kind, change.name, change.before, change.after)
        for change in memory.changes
        if days is None or change.at == on(days)
    ]
