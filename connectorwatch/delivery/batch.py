"""One batch of a subscription: claim its entries, and mark how their delivery ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from connectorwatch.delivery.results import DeliveryResult, RouteFailure
from connectorwatch.delivery.subscriptions import LOG
from connectorwatch.scanning.metrics import delivery_measured
from findings.state.outbox import MOST_ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.errors import DeliveryError
    from connectorwatch.channels.port import SendResult
    from connectorwatch.delivery.outbox_marks import Marks
    from connectorwatch.delivery.subscriptions import Subscription
    from findings.cards import Notification
    from findings.state.announcements import OutboxEntry
    from findings.stores.ports import Lease

log = structlog.get_logger(__name__)

FAILING_AFTER = 5
"""Failed attempts (a quarter of an hour) after which a route counts as failing."""
_RENEWED_EVERY = 50


@dataclass(frozen=True)
class Batch:
    """The entries of one subscription that are sent together, and their marks."""

    subscription: Subscription
    marks: Marks

    def claimed(self, due: Sequence[tuple[str, OutboxEntry]], lease: Lease) -> list[Notification]:
        """Claim entries in their states and return their notifications; none where the lease was lost meanwhile."""
        notifications = []
        for number, (tenant_id, entry) in enumerate(due, start=1):
            if number % _RENEWED_EVERY == 0 and not lease.renew():
                return []
            notification = self.marks.claim(tenant_id, entry.id)
            notifications += [] if notification is None else [notification]
        return notifications

    def delivered(self, notifications: Sequence[Notification], channel: str, result: SendResult) -> DeliveryResult:
        """Mark notifications as delivered; `channel` is the kind of the channel."""
        delivery_measured(channel, result, len(notifications))
        for notification in notifications:
            self.marks.delivered(notification, result)
        route, kind = self.subscription.route, self.subscription.kind
        log.info("told", route=route.id, kind=kind, result=result, announcements=len(notifications))
        working = {} if result == "nothing" or route is LOG else {route.id: None}
        return DeliveryResult(sent=len(notifications), routes=working)

    def not_delivered(
        self, notifications: Sequence[Notification], channel: str, error: DeliveryError
    ) -> DeliveryResult:
        """Mark notifications for another attempt; after several failures the route counts as failing."""
        delivery_measured(channel, "failed", len(notifications))
        attempts = max(notification.entry.attempts[self.marks.subscription] for notification in notifications)
        failure = RouteFailure("unreachable", str(error)) if attempts >= FAILING_AFTER else None
        return self.failed(notifications, failure, error)

    def failed(
        self,
        notifications: Sequence[Notification],
        failure: RouteFailure | None,
        error: DeliveryError,
        *,
        final: bool = False,
    ) -> DeliveryResult:
        """Mark notifications as deferred, or as dropped where the failure is final or was the last attempt."""
        route, count = self.subscription.route.id, len(notifications)
        log.warning("announcements not delivered", route=route, announcements=count, final=final, reason=str(error))
        for notification in notifications:
            if final:
                self.marks.dropped(notification, str(error))
            elif notification.entry.attempts[self.marks.subscription] >= MOST_ATTEMPTS:
                failure = failure or RouteFailure("unreachable", str(error))
                self.marks.dropped(notification, f"given up after {MOST_ATTEMPTS} attempts: {error}")
            elif error.wait:
                self.marks.deferred(notification, timedelta(seconds=error.wait))
        return DeliveryResult(failed=count, routes={} if failure is None else {route: failure})
