"""The use case: empty the outboxes. Each notification reaches each route that subscribes to it at least once.

One sender a route at a time, by a lease. Each attempt is written into the states before it is made: other senders then
leave those entries alone for a minute, and longer after each failure. A process killed between the delivery and its
mark makes one duplicate, after that minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from common.defects import UNFORESEEN, place_of
from common.errors import DeliveryError, EvidenceError, PartlyDeliveredError, UndeliverableError
from common.telemetry import span
from connectorwatch.channels.logline import LogChannel
from connectorwatch.channels.port import SERVICE, Message
from connectorwatch.delivery.batch import Batch
from connectorwatch.delivery.outbox_marks import Marks, changed
from connectorwatch.delivery.results import DeliveryResult, RouteFailure
from connectorwatch.delivery.subscriptions import Routing, Waiting
from connectorwatch.scanning.latest_and_views import listed_tenants, scan_folder, state_name
from connectorwatch.scanning.metrics import delivery_measured
from findings.reports.json_file import parse_json
from findings.state.document import State
from findings.state.outbox import without_done
from findings.stores.all_rows import all_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from connectorwatch.channels.port import Channel
    from connectorwatch.delivery.subscriptions import AnyRoute, Subscription
    from findings.cards import Notification, TenantRow
    from findings.document import FindingsDocument
    from findings.state.announcements import OutboxEntry
    from findings.stores.ports import Store

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 2000
"""Outbox entries in one message; the others go into the next one."""
MOST_DOCUMENTS = 50
"""Tenants shown in detail in one message, the worst first; the others are summarised."""


def _log_only(route: AnyRoute) -> Channel:
    del route
    return LogChannel()


@dataclass(frozen=True)
class DeliveryContext:
    """What a delivery works with.

    Attributes:
        store: Where the outboxes are.
        now: The clock.
        routing: Which entry goes to which subscription.
        open: Returns the channel of a route; raises UndeliverableError where it is not set up.
        public_url: Where people reach reports; None where they cannot.
        at_hand: A scan's result that this process has made itself, so that it need not be read again.
    """

    store: Store
    now: Callable[[], datetime]
    routing: Routing = field(default_factory=Routing)
    open: Callable[[AnyRoute], Channel] = _log_only
    public_url: str | None = None
    at_hand: FindingsDocument | None = None


def deliver(context: DeliveryContext, tenants: Iterable[str] | None = None) -> DeliveryResult:
    """Deliver pending entries, and remove those that every route has received.

    Entries of a scan whose reports are not all written yet wait until they are.

    Args:
        context: What the delivery works with.
        tenants: Whose outboxes; None for all tenants with entries by the tables, and the service's own. With only
            some, subscriptions that gather entries are left to a delivery of all.

    Raises:
        StorageError: Storage refused.
        EvidenceError: A state is damaged or of a newer version, and `tenants` names it alone.
    """
    ids = [SERVICE, *listed_tenants(context.store, {"undelivered": True})] if tenants is None else list(tenants)
    alone = tenants is not None and len(ids) == 1
    outboxes = [outbox for tenant in ids if (outbox := _waiting(context.store, tenant, alone=alone)) is not None]
    run = _Run(context)
    total = DeliveryResult()
    for subscription in context.routing.subscriptions:
        if tenants is None or not context.routing.gathering_time(subscription):
            due = context.routing.due(subscription, outboxes, context.now())
            total += run.deliver_batch(subscription, due[:MOST_AT_ONCE]) if due else DeliveryResult()
    for outbox in outboxes:
        _remove_done(context, outbox.id)
    return total


def _waiting(store: Store, tenant_id: str, *, alone: bool) -> Waiting | None:
    """Return a tenant's pending entries. When several tenants are read, a damaged state is logged and skipped."""
    name = state_name(tenant_id)
    stored = store.documents.read(name)
    if stored is None:
        return None
    try:
        state = State.from_bytes(stored.content, name)
    except EvidenceError as error:
        if alone:
            raise
        log.error("outbox not read", tenant=tenant_id, why=str(error))  # noqa: TRY400 - a sentence, no traceback
        return None
    return Waiting(tenant_id, tuple(entry for entry in state.outbox if entry.scan not in state.unpublished))


class _Run:
    """One delivery to all subscriptions. A scan's result that several of them need is read and parsed once."""

    def __init__(self, context: DeliveryContext) -> None:
        """Begin without any result."""
        self.context = context
        self._result = lru_cache(maxsize=MOST_DOCUMENTS)(self._read_result)

    def deliver_batch(self, subscription: Subscription, due: Sequence[tuple[str, OutboxEntry]]) -> DeliveryResult:
        """Deliver a batch while holding the route's lease."""
        lease = self.context.store.leases.take(subscription.route.id)
        if lease is None:
            log.info("route left to another sender", route=subscription.route.id)
            return DeliveryResult()
        try:
            batch = Batch(subscription, Marks(self.context.store, subscription.key, self.context.now))
            claimed = batch.claimed(due, lease)
            if not claimed or not lease.renew():
                return DeliveryResult()
            return self._send(batch, claimed)
        finally:
            lease.release()

    def _send(self, batch: Batch, notifications: Sequence[Notification]) -> DeliveryResult:
        """Send notifications, and mark the results."""
        subscription = batch.subscription
        try:
            channel = self.context.open(subscription.route)
        except UndeliverableError as error:  # the operator can correct the settings, so it is tried again
            return batch.failed(notifications, RouteFailure("unusable", str(error)), error)
        except UNFORESEEN as error:
            unusable = UndeliverableError(f"the route cannot be set up ({place_of(error)})")
            return batch.failed(notifications, RouteFailure("unusable", str(unusable)), unusable)
        try:
            with span("deliver", {"connectorwatch.delivery.kind": subscription.kind}):
                result = channel.send(self._message(subscription, notifications), subscription.route_filter)
        except UndeliverableError as error:
            delivery_measured(channel.kind, "refused", len(notifications))
            return batch.failed(notifications, RouteFailure("refused", str(error)), error, final=True)
        except PartlyDeliveredError as error:
            left = [each for each in notifications if (each.tenant.id, each.entry.id) in error.left]
            arrived = [each for each in notifications if (each.tenant.id, each.entry.id) not in error.left]
            done = batch.delivered(arrived, channel.kind, "delivered") if arrived else DeliveryResult()
            return done + batch.not_delivered(left, channel.kind, error)
        except DeliveryError as error:
            return batch.not_delivered(notifications, channel.kind, error)
        except UNFORESEEN as error:  # its own trouble: the other routes go on
            unexpected = DeliveryError(f"it could not be sent over this route ({place_of(error)})")
            return batch.not_delivered(notifications, channel.kind, unexpected)
        return batch.delivered(notifications, channel.kind, result)

    def _message(self, subscription: Subscription, notifications: Sequence[Notification]) -> Message:
        now, route = self.context.now(), subscription.route
        if subscription.kind == "digest":
            digest = notifications[-1].entry.id
            return Message("digest", now, rows=tuple(rows_for(self.context, route)), digest=digest)
        worst_first = sorted(notifications, key=_severity_order)
        parts = [self._with_result(each) for each in worst_first[:MOST_DOCUMENTS]] + worst_first[MOST_DOCUMENTS:]
        about_route = f"SVC003/{route.id}"
        return Message(subscription.kind, now, tuple(_without(each, about_route) for each in parts))

    def _with_result(self, notification: Notification) -> Notification:
        """Return a notification with its scan's result and its report's address, as far as they exist."""
        if notification.tenant.id == SERVICE:
            return notification
        folder, public_url = scan_folder(notification.tenant.id, notification.entry.scan), self.context.public_url
        report = f"{public_url}/api/people/tenants/{folder}/report.html" if public_url else None
        document = self._result(notification.tenant.id, notification.entry.scan)
        return replace(notification, document=document, report=report)

    def _read_result(self, tenant_id: str, scan_id: str) -> FindingsDocument | None:
        """Return a scan's result; None where it is gone or damaged, so that the notification is sent without it."""
        made = self.context.at_hand
        if made is not None and (made.tenant.id, made.scan.id) == (tenant_id, scan_id):
            return made
        content = self.context.store.scans.read(f"{scan_folder(tenant_id, scan_id)}/findings.json")
        try:
            return None if content is None else parse_json(content)
        except EvidenceError as error:
            log.error("result not read", tenant=tenant_id, scan=scan_id, why=str(error))  # noqa: TRY400 - as above
            return None


def rows_for(context: DeliveryContext, route: AnyRoute) -> list[TenantRow]:
    """Return the summary rows (view ConnectorTenants) of the tenants that a route covers."""
    rows = all_rows(context.store.views, "ConnectorTenants")
    return [row.values for row in rows if context.routing.covers(route, str(row.values["tenant"]))]


def _severity_order(notification: Notification) -> tuple[int, str]:
    """Sort key: worst severity first."""
    ranks = [change.severity.rank for change in notification.entry.changes if change.change != "resolved"]
    return min(ranks, default=99), notification.tenant.id


def _without(notification: Notification, key: str) -> Notification:
    """Return a notification without one finding: no route reports its own failure."""
    changes = tuple(change for change in notification.entry.changes if change.key != key)
    return replace(notification, entry=notification.entry.model_copy(update={"changes": changes}))


def _remove_done(context: DeliveryContext, tenant_id: str) -> None:
    """Remove the entries that all subscriptions are done with, and update the tenant's summary row."""
    state = changed(
        context.store,
        tenant_id,
        lambda state: without_done(state, lambda entry: context.routing.subscriptions_of(tenant_id, entry)),
    )
    context.store.views.amend(tenant_id, state.revision, {"undelivered": bool(state.outbox)})
