"""Which outbox entries each route receives: changes, service findings, the digest. Pure.

A subscription is due when an entry waits for it and no quiet hours hold. With several tenants it also waits until the
oldest entry is ten minutes old, so that the entries of many tenants become one card.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from connectorwatch.channels.port import SERVICE
from findings.cards import Mention, RouteFilter
from policies.policy_file.routes import Route, RouteOptions
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from findings.state.announcements import OutboxEntry
    from policies.policy_file.routes import MessageKind

WINDOW = timedelta(minutes=10)
"""For how long the entries of several tenants are gathered."""


class LogRoute(RouteOptions):
    """The service's own log."""

    kind: Literal["log"] = "log"


class LogsTableRoute(RouteOptions):
    """The table in Log Analytics that the settings name; it receives rows of what scans changed."""

    can_send = ("changes",)

    kind: Literal["logstable"] = "logstable"


class MissingRoute(RouteOptions):
    """A route that the list of tenants names and the policy lacks; opening it fails, which is reported."""

    can_send = ("changes",)

    kind: Literal["missing"] = "missing"


AnyRoute = Route | LogRoute | LogsTableRoute | MissingRoute
"""The policy's routes, and those that stand for something else."""
LOG = LogRoute(id="log", severity=Severity.INFO)
"""Stands for the log, where no route is configured."""
SENTINEL = LogsTableRoute(id="log-analytics", severity=Severity.INFO)
"""Stands for the table in Log Analytics, where the settings name one. It receives every tenant's entries at once."""
DEFAULT = "default"
"""The id of the route that a setting makes."""


@dataclass(frozen=True)
class Subscription:
    """One kind of message for one route."""

    route: AnyRoute
    kind: MessageKind

    @property
    def key(self) -> str:
        """Its key in outbox entries."""
        return self.route.id if self.kind == "changes" else f"{self.route.id}/{self.kind}"

    @property
    def route_filter(self) -> RouteFilter:
        """The route's filters; its list of rules limits changes alone, not findings about the service."""
        mentions = tuple(Mention(person.id, person.name) for person in self.route.mentions)
        return RouteFilter(self.route.severity, self.route.rules if self.kind == "changes" else (), mentions)

    def is_quiet(self, entry: OutboxEntry, now: datetime) -> bool:
        """Return whether an entry has to wait until quiet hours are over."""
        quiet = self.route.quiet
        if quiet is None or not quiet.holds(now):
            return False
        exempt = quiet.except_
        return exempt is None or not any(
            change.change != "resolved" and change.severity.rank <= exempt.rank for change in entry.changes
        )


@dataclass(frozen=True)
class Waiting:
    """One tenant's waiting outbox entries; `id` is `_fleet` for the service's own."""

    id: str
    entries: tuple[OutboxEntry, ...]


@dataclass(frozen=True)
class Routing:
    """Which outbox entry goes to which subscription, and when.

    Attributes:
        routes: All routes; none means the log.
        named: The routes that the list of tenants names for single tenants, in lower case.
        window: For how long entries are gathered; zero with a single tenant.
    """

    routes: tuple[AnyRoute, ...] = ()
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    window: timedelta = timedelta(0)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """All subscriptions, in the order of the routes."""
        if not self.routes:
            return (Subscription(LOG, "changes"),)
        return tuple(Subscription(route, kind) for route in self.routes for kind in route.subscribed)

    def gathering_time(self, subscription: Subscription) -> timedelta:
        """Return for how long entries for a subscription are gathered."""
        return (
            timedelta(0)
            if isinstance(subscription.route, LogRoute | LogsTableRoute) or subscription.kind == "digest"
            else self.window
        )

    def concerns(self, subscription: Subscription, tenant_id: str, entry: OutboxEntry) -> bool:
        """Return whether an entry belongs to a subscription."""
        if entry.kind == "digest" or subscription.kind == "digest":
            return entry.kind == subscription.kind
        if entry.kind == "scan":
            return isinstance(subscription.route, LogsTableRoute)
        if subscription.route is LOG:
            return True
        if tenant_id == SERVICE:
            return subscription.kind == "service"
        if isinstance(subscription.route, LogsTableRoute):
            return True
        # Changes of the inventory alone are for machines that keep a record, not for people.
        if entry.inventory and not (entry.changes or entry.not_assessed):
            return False
        included = subscription.kind == "changes" or bool(entry.not_assessed)
        return included and self.covers(subscription.route, tenant_id)

    def covers(self, route: AnyRoute, tenant_id: str) -> bool:
        """Return whether a route covers a tenant: by the list of tenants, else by the route itself."""
        named = self.named.get(tenant_id)
        return route.covers(tenant_id) and (named is None or route.id.lower() in named)

    def subscriptions_of(self, tenant_id: str, entry: OutboxEntry) -> frozenset[str] | None:
        """Return the keys of an entry's subscriptions; None for a kind that only a newer version knows."""
        if entry.kind not in ("changes", "scan", "digest"):
            return None
        return frozenset(
            subscription.key for subscription in self.subscriptions if self.concerns(subscription, tenant_id, entry)
        )

    def due(
        self, subscription: Subscription, waiting: Iterable[Waiting], now: datetime
    ) -> list[tuple[str, OutboxEntry]]:
        """Return the entries to deliver to a subscription now, as one batch, with their tenants' ids."""
        entries = [
            (tenant.id, entry)
            for tenant in waiting
            for entry in tenant.entries
            if self.concerns(subscription, tenant.id, entry)
            and entry.is_free(subscription.key, now)
            and not subscription.is_quiet(entry, now)
        ]
        gathering = self.gathering_time(subscription)
        is_due = any(now - entry.at >= gathering or entry.attempts.get(subscription.key) for _, entry in entries)
        return entries if is_due or not gathering else []
