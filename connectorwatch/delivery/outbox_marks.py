"""Outbox bookkeeping: claimed, delivered, deferred, dropped. Each mark is written by compare-and-swap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectorwatch.scanning.latest_and_views import changed_state
from findings.cards import Notification
from findings.state.announcements import Receipt
from findings.state.outbox import replaced, with_receipt

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from connectorwatch.channels.port import SendResult
    from findings.state.announcements import OutboxEntry
    from findings.state.document import State
    from findings.stores.ports import Store


@dataclass(frozen=True)
class Marks:
    """The marks of one subscription.

    Attributes:
        store: Where the outboxes are.
        subscription: The subscription's key.
        now: The clock.
    """

    store: Store
    subscription: str
    now: Callable[[], datetime]

    def claim(self, tenant_id: str, entry_id: str) -> Notification | None:
        """Claim an outbox entry and return its notification; None where another sender has it or it is done."""
        claimed: list[Notification] = []

        def change(state: State) -> State:
            claimed.clear()
            entry = _entry(state, entry_id)
            if entry is None or not entry.is_free(self.subscription, self.now()):
                return state
            attempt = entry.tried(self.subscription, self.now())
            keys = [change.key for change in entry.changes if change.key in state.findings]
            claimed.append(Notification(state.tenant, attempt, findings={key: state.findings[key] for key in keys}))
            return replaced(state, attempt)

        changed(self.store, tenant_id, change)
        return claimed[0] if claimed else None

    def delivered(self, notification: Notification, result: SendResult) -> None:
        """Mark an entry as delivered, with the channel's answer."""
        self._end(notification, result, "", lambda entry, now: entry.delivered_to(self.subscription, now))

    def dropped(self, notification: Notification, why: str) -> None:
        """Mark an entry as dropped."""
        self._end(notification, "dropped", why, lambda entry, _: entry.dropped_by(self.subscription, why))

    def deferred(self, notification: Notification, wait: timedelta) -> None:
        """Put off the next attempt, as the receiver asked for."""
        until = self.now() + wait

        def change(state: State) -> State:
            entry = _entry(state, notification.entry.id)
            return state if entry is None else replaced(state, entry.deferred(self.subscription, until))

        changed(self.store, notification.tenant.id, change)

    def _end(
        self, notification: Notification, result: str, why: str, mark: Callable[[OutboxEntry, datetime], OutboxEntry]
    ) -> None:
        now = self.now()
        receipt = Receipt(entry=notification.entry.id, lane=self.subscription, at=now, result=result, why=why)

        def change(state: State) -> State:
            entry = _entry(state, notification.entry.id)
            return state if entry is None else with_receipt(replaced(state, mark(entry, now)), receipt)

        changed(self.store, notification.tenant.id, change)


def _entry(state: State, entry_id: str) -> OutboxEntry | None:
    return next((entry for entry in state.outbox if entry.id == entry_id), None)


def changed(store: Store, tenant_id: str, change: Callable[[State], State]) -> State:
    """Change a tenant's state, and return it; see `changed_state`."""
    return changed_state(store, tenant_id, change, advice="it is tried again with the next delivery")
