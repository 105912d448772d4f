"""Over which lanes announcements go: a route's changes, its news of the service, its digest. Pure.

A lane is ripe when something waits for it and it is not the time to be quiet. In a fleet it also waits until the oldest
announcement is ten minutes old, so that what many tenants have to tell becomes one card.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from connectorwatch.channels.port import SERVICE
from findings.cards import Mention, RouteFilter
from policies.policy_file.routes import Route
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from connectorwatch.channels.port import NewsKind
    from findings.state.announcements import OutboxEntry

WINDOW = timedelta(minutes=10)
"""For how long a fleet's announcements are gathered."""
LOG = Route(id="log", severity=Severity.INFO)
"""Stands for the log, where no route is configured."""
SENTINEL = Route(id="log-analytics", severity=Severity.INFO, digest=False, service=False)
"""Stands for the table in Log Analytics, where the settings name one. It hears of every tenant, at once."""
DEFAULT = "default"
"""The id of the route that a setting makes."""


@dataclass(frozen=True)
class Subscription:
    """One kind of news for one route."""

    route: Route
    kind: NewsKind

    @property
    def key(self) -> str:
        """What an outbox entry calls it."""
        return self.route.id if self.kind == "changes" else f"{self.route.id}/{self.kind}"

    @property
    def wish(self) -> RouteFilter:
        """What the route wants to hear; which rules it listens to says nothing about the service itself."""
        mentions = tuple(Mention(person.id, person.name) for person in self.route.mentions)
        return RouteFilter(self.route.severity, self.route.rules if self.kind == "changes" else (), mentions)

    def is_quiet(self, entry: OutboxEntry, now: datetime) -> bool:
        """Return whether an announcement has to wait until quiet hours are over."""
        quiet = self.route.quiet
        if quiet is None or not quiet.holds(now):
            return False
        wakes = quiet.except_
        return wakes is None or not any(
            change.change != "resolved" and change.severity.rank <= wakes.rank for change in entry.changes
        )


@dataclass(frozen=True)
class Waiting:
    """One tenant's announcements that wait; `id` is `_fleet` for the service's own."""

    id: str
    entries: tuple[OutboxEntry, ...]


@dataclass(frozen=True)
class Routing:
    """Which announcement goes over which lane, and when.

    Attributes:
        routes: All routes; none means the log.
        named: The routes that the list of tenants names for single tenants, in lower case.
        window: For how long announcements are gathered; nothing where there is one tenant only.
    """

    routes: tuple[Route, ...] = ()
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    window: timedelta = timedelta(0)

    @property
    def lanes(self) -> tuple[Subscription, ...]:
        """All lanes, in the order of the routes."""
        if not self.routes:
            return (Subscription(LOG, "changes"),)
        return tuple(Subscription(route, kind) for route in self.routes for kind in _kinds(route))

    def waits(self, lane: Subscription) -> timedelta:
        """Return for how long announcements for a lane are gathered."""
        return timedelta(0) if lane.route in (LOG, SENTINEL) or lane.kind == "digest" else self.window

    def concerns(self, lane: Subscription, tenant_id: str, entry: OutboxEntry) -> bool:
        """Return whether an announcement goes over a lane."""
        if entry.kind == "digest" or lane.kind == "digest":
            return entry.kind == lane.kind
        if entry.kind == "scan":
            return lane.route is SENTINEL
        if lane.route is LOG:
            return True
        if tenant_id == SERVICE:
            return lane.kind == "service"
        if lane.route is SENTINEL:
            return True
        # What moved in the inventory alone is for machines that keep a record, not for people.
        if entry.inventory and not (entry.changes or entry.not_assessed):
            return False
        heard = lane.kind == "changes" or bool(entry.not_assessed)
        return heard and self.covers(lane.route, tenant_id)

    def covers(self, route: Route, tenant_id: str) -> bool:
        """Return whether a route tells about a tenant: as the list of tenants says, else as the route says itself."""
        named = self.named.get(tenant_id)
        return route.covers(tenant_id) and (named is None or route.id.lower() in named)

    def lanes_of(self, tenant_id: str, entry: OutboxEntry) -> frozenset[str] | None:
        """Return the lanes that an announcement is for; None for a kind that only a newer version knows."""
        if entry.kind not in ("changes", "scan", "digest"):
            return None
        return frozenset(lane.key for lane in self.lanes if self.concerns(lane, tenant_id, entry))

    def due(self, lane: Subscription, waiting: Iterable[Waiting], now: datetime) -> list[tuple[str, OutboxEntry]]:
        """Return the announcements that are to be told over a lane now, all at once, with their tenants' ids."""
        found = [
            (one.id, entry)
            for one in waiting
            for entry in one.entries
            if self.concerns(lane, one.id, entry) and entry.is_free(lane.key, now) and not lane.is_quiet(entry, now)
        ]
        wait = self.waits(lane)
        due = any(now - entry.at >= wait or entry.attempts.get(lane.key) for _, entry in found)
        return found if due or not wait else []


def _kinds(route: Route) -> list[NewsKind]:
    kinds: list[NewsKind] = ["changes"] if route.changes and route.kind != "mail" else []
    kinds += ["service"] if route.service and route.kind != "mail" else []
    return [*kinds, "digest"] if route.digest else kinds
