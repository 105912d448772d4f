"""The use case: empty the outboxes. Each announcement reaches each route that wants it at least once.

One sender a route at a time, by a lease. Before a lane is tried, the trial is written into the states: others then
leave those announcements alone for a minute, and longer each time it fails. A kill between the delivery and its mark
makes one duplicate, after that minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from common.errors import DeliveryError, EvidenceError, PartlyDeliveredError, UndeliverableError
from common.telemetry import span
from connectorwatch.channels.logline import LogChannel
from connectorwatch.channels.port import SERVICE, Message
from connectorwatch.delivery.outbox_marks import Marks, changed
from connectorwatch.delivery.subscriptions import LOG, Routing, Waiting
from connectorwatch.scanning.latest_and_views import listed_tenants, scan_folder, state_name, stored_state
from connectorwatch.scanning.metrics import delivery_measured
from findings.reports.json_file import parse_json
from findings.state.outbox import MOST_ATTEMPTS, without_done
from findings.stores.all_rows import all_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from connectorwatch.channels.port import Channel, Taken
    from connectorwatch.delivery.subscriptions import Subscription
    from findings.cards import Notification, TenantRow
    from findings.state.announcements import OutboxEntry
    from findings.stores.ports import Lease, Store
    from policies.policy_file.routes import Route

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 2000
"""How many announcements one card is made of; what is more goes into the next."""
MOST_DOCUMENTS = 50
"""Of how many tenants the whole result is read for a card, the worst first; of the others it is told in short."""
TOLD_AFTER = 5
"""After how many attempts in vain (a quarter of an hour) a route counts as failing."""
_RENEWED_EVERY = 50


def _log_only(route: Route) -> Channel:
    del route
    return LogChannel()


@dataclass(frozen=True)
class DeliveryContext:
    """What a delivery needs.

    Attributes:
        store: Where the outboxes are.
        now: The clock.
        routing: What goes where.
        open: Returns the channel of a route; raises UndeliverableError where it is not set up.
        public_url: Where people reach reports; None where there is no such place.
    """

    store: Store
    now: Callable[[], datetime]
    routing: Routing = field(default_factory=Routing)
    open: Callable[[Route], Channel] = _log_only
    public_url: str | None = None


@dataclass(frozen=True)
class RouteFailure:
    """Why a route does not work.

    Attributes:
        kind: `refused` (what was sent is dropped), `unusable` (it is not set up), `unreachable` (something
            did not arrive, and is tried again).
        why: In words, without any secret.
    """

    kind: str
    why: str


@dataclass(frozen=True)
class DeliveryResult:
    """How many announcements were handed over, how often that failed, and how the routes are that were tried.

    `routes` holds None for one that took something, and its trouble for one that counts as failing.
    """

    sent: int = 0
    failed: int = 0
    routes: Mapping[str, RouteFailure | None] = field(default_factory=dict)

    def __add__(self, other: DeliveryResult) -> DeliveryResult:
        """Return both together; of a route the later one counts, unless the earlier was trouble."""
        troubles = {route: trouble for route, trouble in self.routes.items() if trouble is not None}
        return DeliveryResult(
            self.sent + other.sent, self.failed + other.failed, {**self.routes, **other.routes, **troubles}
        )


def deliver(work: DeliveryContext, tenants: Iterable[str] | None = None) -> DeliveryResult:
    """Hand what waits to every route that is to have it, and drop what all have had.

    Announcements of a scan whose reports are not all written yet wait until they are.

    Args:
        work: What is needed.
        tenants: Whose outboxes; None for all that the tables say have something to tell, and the service's own. With
            only some, lanes that gather announcements are left to whoever looks at all.

    Raises:
        StorageError: Storage refused.
        EvidenceError: A state is damaged or of a newer version, and `tenants` names it alone.
    """
    ids = [SERVICE, *listed_tenants(work.store, {"undelivered": True})] if tenants is None else list(tenants)
    alone = tenants is not None and len(ids) == 1
    found = (_waiting(work.store, one, alone=alone) for one in ids)
    waiting = [one for one in found if one is not None]
    done = DeliveryResult()
    for lane in work.routing.lanes:
        if tenants is None or not work.routing.waits(lane):
            due = work.routing.due(lane, waiting, work.now())
            done += _tell(work, lane, due[:MOST_AT_ONCE]) if due else DeliveryResult()
    for one in waiting:
        _tidy(work, one.id)
    return done


def _waiting(store: Store, tenant_id: str, *, alone: bool) -> Waiting | None:
    """Return what a tenant has to tell; among others, one whose state is damaged is logged and stops nobody."""
    if store.documents.read(state_name(tenant_id)) is None:
        return None
    try:
        state, _ = stored_state(store, tenant_id)
    except EvidenceError as error:
        if alone:
            raise
        log.error("outbox not read", tenant=tenant_id, why=str(error))  # noqa: TRY400 - ours need no trace
        return None
    return Waiting(tenant_id, tuple(entry for entry in state.outbox if entry.scan not in state.unpublished))


def _tell(work: DeliveryContext, lane: Subscription, due: Sequence[tuple[str, OutboxEntry]]) -> DeliveryResult:
    """Tell announcements over a lane at once, as the only one who uses its route at this moment."""
    lease = work.store.leases.take(lane.route.id)
    if lease is None:
        log.info("route left to another sender", route=lane.route.id)
        return DeliveryResult()
    try:
        marks = Marks(work.store, lane.key, work.now)
        told = _claimed(marks, due, lease)
        if not told or not lease.renew():
            return DeliveryResult()
        return _handed_over(work, lane, marks, told)
    finally:
        lease.release()


def _claimed(marks: Marks, due: Sequence[tuple[str, OutboxEntry]], lease: Lease) -> list[Notification]:
    """Return the announcements that are ours to tell now, which is written into their states."""
    found = []
    for number, (tenant_id, entry) in enumerate(due, start=1):
        if number % _RENEWED_EVERY == 0 and not lease.renew():
            return []
        told = marks.claim(tenant_id, entry.id)
        found += [] if told is None else [told]
    return found


def _handed_over(
    work: DeliveryContext, lane: Subscription, marks: Marks, told: Sequence[Notification]
) -> DeliveryResult:
    """Send, and mark how it went."""
    route = lane.route.id
    try:
        channel = work.open(lane.route)
    except UndeliverableError as error:  # mended by whoever operates this, so it is tried again
        return _failed(marks, told, route, RouteFailure("unusable", str(error)), error)
    try:
        with span("deliver", {"connectorwatch.delivery.kind": lane.kind}):
            taken = channel.send(_news(work, lane, told), lane.wish)
    except UndeliverableError as error:
        delivery_measured(channel, "refused", len(told))
        return _failed(marks, told, route, RouteFailure("refused", str(error)), error, final=True)
    except PartlyDeliveredError as error:
        left = [one for one in told if (one.tenant.id, one.entry.id) in error.left]
        had = [one for one in told if (one.tenant.id, one.entry.id) not in error.left]
        done = _had(lane, marks, had, channel, "delivered") if had else DeliveryResult()
        return done + _not_had(lane, marks, left, channel, error)
    except DeliveryError as error:
        return _not_had(lane, marks, told, channel, error)
    return _had(lane, marks, told, channel, taken)


def _had(
    lane: Subscription, marks: Marks, told: Sequence[Notification], channel: Channel, taken: Taken
) -> DeliveryResult:
    """Mark announcements as told."""
    delivery_measured(channel, taken, len(told))
    for one in told:
        marks.had(one, taken)
    log.info("told", route=lane.route.id, kind=lane.kind, result=taken, announcements=len(told))
    return DeliveryResult(
        sent=len(told), routes={} if taken == "nothing" or lane.route is LOG else {lane.route.id: None}
    )


def _not_had(
    lane: Subscription, marks: Marks, told: Sequence[Notification], channel: Channel, error: DeliveryError
) -> DeliveryResult:
    """Mark announcements as to be tried again; where that has lasted, the route counts as failing."""
    delivery_measured(channel, "failed", len(told))
    lasting = max(one.entry.attempts[lane.key] for one in told) >= TOLD_AFTER
    return _failed(marks, told, lane.route.id, RouteFailure("unreachable", str(error)) if lasting else None, error)


def _failed(
    marks: Marks,
    told: Sequence[Notification],
    route: str,
    trouble: RouteFailure | None,
    error: DeliveryError,
    *,
    final: bool = False,
) -> DeliveryResult:
    """Mark announcements as not told: to be tried again later, or dropped."""
    log.warning("announcements not delivered", route=route, announcements=len(told), final=final, reason=str(error))
    for one in told:
        if final:
            marks.dropped(one, str(error))
        elif one.entry.attempts[marks.lane] >= MOST_ATTEMPTS:
            trouble = trouble or RouteFailure("unreachable", str(error))
            marks.dropped(one, f"given up after {MOST_ATTEMPTS} attempts: {error}")
        elif error.wait:
            marks.deferred(one, timedelta(seconds=error.wait))
    return DeliveryResult(failed=len(told), routes={} if trouble is None else {route: trouble})


def _news(work: DeliveryContext, lane: Subscription, told: Sequence[Notification]) -> Message:
    if lane.kind == "digest":
        digest = told[-1].entry.id
        return Message("digest", work.now(), rows=tuple(rows_for(work, lane.route)), digest=digest)
    worst_first = sorted(told, key=_badness)
    parts = [_with_result(work, one) for one in worst_first[:MOST_DOCUMENTS]] + worst_first[MOST_DOCUMENTS:]
    own = f"SVC003/{lane.route.id}"
    return Message(lane.kind, work.now(), tuple(_without(one, own) for one in parts))


def rows_for(work: DeliveryContext, route: Route) -> list[TenantRow]:
    """Return how the tenants stand that a route tells about: their rows of the view ConnectorTenants."""
    rows = all_rows(work.store.views, "ConnectorTenants")
    return [row.values for row in rows if work.routing.covers(route, str(row.values["tenant"]))]


def _badness(told: Notification) -> tuple[int, str]:
    """Return where an announcement comes when the worst comes first."""
    ranks = [change.severity.rank for change in told.entry.changes if change.change != "resolved"]
    return min(ranks, default=99), told.tenant.id


def _with_result(work: DeliveryContext, told: Notification) -> Notification:
    """Return an announcement with its scan's result and where its report is, as far as they are there."""
    if told.tenant.id == SERVICE:
        return told
    folder = scan_folder(told.tenant.id, told.entry.scan)
    content = work.store.scans.read(f"{folder}/findings.json")
    report = f"{work.public_url}/api/people/tenants/{folder}/report.html" if work.public_url else None
    try:
        document = None if content is None else parse_json(content)
    except EvidenceError as error:  # told in short, or nobody would be told anything
        log.error("result not read", tenant=told.tenant.id, scan=told.entry.scan, why=str(error))  # noqa: TRY400 - as above
        document = None
    return replace(told, document=document, report=report)


def _without(told: Notification, key: str) -> Notification:
    """Return an announcement without one finding: nobody is told over a route that it does not work."""
    changes = tuple(change for change in told.entry.changes if change.key != key)
    return replace(told, entry=told.entry.model_copy(update={"changes": changes}))


def _tidy(work: DeliveryContext, tenant_id: str) -> None:
    """Drop what all lanes are done with, and let the tenant's summary row say whether something is left."""
    state = changed(
        work.store,
        tenant_id,
        lambda state: without_done(state, lambda entry: work.routing.lanes_of(tenant_id, entry)),
    )
    work.store.views.amend(tenant_id, state.revision, {"undelivered": bool(state.outbox)})
