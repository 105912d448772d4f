"""Marks in outboxes: who is being told, who was, and who never will be. Each is written by compare-and-swap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import ConflictError, StorageError
from connectorwatch.scanning.latest_and_views import CONTESTS, state_name, stored_state
from findings.cards import Notification
from findings.state.announcements import Receipt
from findings.state.outbox import replaced, with_receipt

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from connectorwatch.channels.port import Taken
    from findings.state.announcements import OutboxEntry
    from findings.state.document import State
    from findings.stores.ports import Store


@dataclass(frozen=True)
class Marks:
    """Marks for one lane.

    Attributes:
        store: Where the outboxes are.
        lane: The lane's key.
        now: The clock.
    """

    store: Store
    lane: str
    now: Callable[[], datetime]

    def claim(self, tenant_id: str, entry_id: str) -> Notification | None:
        """Write that an announcement is being told, and return it; None where it is not free any more."""
        found: list[Notification] = []

        def change(state: State) -> State:
            found.clear()
            entry = _entry(state, entry_id)
            if entry is None or not entry.is_free(self.lane, self.now()):
                return state
            mine = entry.tried(self.lane, self.now())
            moved = {one.key: state.findings[one.key] for one in entry.changes if one.key in state.findings}
            found.append(Notification(state.tenant, mine, findings=moved))
            return replaced(state, mine)

        changed(self.store, tenant_id, change)
        return found[0] if found else None

    def had(self, told: Notification, taken: Taken) -> None:
        """Write that an announcement was handed over, and how it was taken."""
        self._end(told, taken, "", lambda entry, now: entry.delivered_to(self.lane, now))

    def dropped(self, told: Notification, why: str) -> None:
        """Write that an announcement is given up."""
        self._end(told, "dropped", why, lambda entry, _: entry.dropped_by(self.lane, why))

    def deferred(self, told: Notification, wait: timedelta) -> None:
        """Write that the lane asked for silence."""
        until = self.now() + wait

        def change(state: State) -> State:
            entry = _entry(state, told.entry.id)
            return state if entry is None else replaced(state, entry.deferred(self.lane, until))

        changed(self.store, told.tenant.id, change)

    def _end(
        self, told: Notification, result: str, why: str, mark: Callable[[OutboxEntry, datetime], OutboxEntry]
    ) -> None:
        now = self.now()
        receipt = Receipt(entry=told.entry.id, lane=self.lane, at=now, result=result, why=why)

        def change(state: State) -> State:
            entry = _entry(state, told.entry.id)
            return state if entry is None else with_receipt(replaced(state, mark(entry, now)), receipt)

        changed(self.store, told.tenant.id, change)


def _entry(state: State, entry_id: str) -> OutboxEntry | None:
    return next((entry for entry in state.outbox if entry.id == entry_id), None)


def changed(store: Store, tenant_id: str, change: Callable[[State], State]) -> State:
    """Change a state by compare-and-swap, and return it; nothing is written where `change` returns the same one.

    Raises:
        StorageError: Storage refused, or others changed it all the time.
    """
    for _ in range(CONTESTS):
        state, etag = stored_state(store, tenant_id)
        after = change(state)
        if after is state:
            return state
        try:
            store.documents.write(state_name(tenant_id), after.to_bytes(), etag)
        except ConflictError:
            continue
        return after
    raise StorageError(
        f"{state_name(tenant_id)} was changed by others {CONTESTS} times in a row: it is tried again with the next "
        "delivery."
    )
