"""The use case: ask for the weekly digest. The next delivery sends it, once a week and route."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from connectorwatch.service.own_state import change_fleet
from findings.state.outbox import with_digest

if TYPE_CHECKING:
    from datetime import datetime

    from connectorwatch.delivery.subscriptions import Routing
    from connectorwatch.service.own_state import FleetState
    from findings.stores.ports import Store


def digest_id(now: datetime) -> str:
    """Return the id of a week's digest, such as `digest-2026-W47`; weeks are ISO 8601's, in UTC."""
    year, week, _ = now.astimezone(UTC).isocalendar()
    return f"digest-{year}-W{week:02d}"


def ask_for_digest(store: Store, routing: Routing, now: datetime, *, again: bool = False) -> bool:
    """Put this week's digest into the service's outbox; return False where no route hears it or it was asked for.

    Args:
        store: Where the outbox is.
        routing: Whether a route subscribes to it.
        now: Which week.
        again: Whether to send one more, although this week's may have been sent.

    Raises:
        StorageError: Storage refused.
    """
    if not any(subscription.kind == "digest" for subscription in routing.subscriptions):
        return False
    identifier = digest_id(now) + (f"-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}" if again else "")
    asked = False

    def change(state: FleetState) -> FleetState:
        nonlocal asked
        after = with_digest(state, identifier, now, again=again)
        asked = after is not state
        return after

    change_fleet(store, change)
    return asked
