"""Outboxes to empty and channels that remember, for tests of delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from common.errors import DeliveryError, PartlyDeliveredError, UndeliverableError
from connectorwatch.delivery.deliver import DeliveryContext
from connectorwatch.delivery.subscriptions import AnyRoute, Routing
from findings.cards import RouteFilter
from findings.document import TenantInfo
from findings.state.announcements import OutboxEntry
from findings.state.document import State
from policies.policy_file.routes import TeamsRoute
from tests.findings.views.view_rows import summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.channels.port import Channel, Message, SendResult
    from findings.stores.folder import FolderStore

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
T = "tenant-1"
MINUTE = timedelta(minutes=1)


BOTH = ["scan-1-changes", "scan-2-changes"]


@dataclass
class Heard:
    """A channel that remembers what it was handed, and does what it is told after that."""

    kind: ClassVar[str] = "heard"
    then: Callable[[], object] = lambda: None
    taken: SendResult = "delivered"
    messages: list[Message] = field(default_factory=list)

    @property
    def entries(self) -> list[list[str]]:
        """The announcements, each time it was handed some."""
        return [[each.entry.id for each in message.notifications] for message in self.messages]

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Remember the message."""
        del route_filter
        self.messages.append(message)
        self.then()
        return self.taken

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Send a digest as a test."""
        del route_id
        return self.send(digest(), RouteFilter())


def refuse() -> None:
    """Fail as a channel does that may work later."""
    raise DeliveryError("nobody is there")


def refuse_for_good() -> None:
    """Fail as a channel does that never will take it."""
    raise UndeliverableError("it answered 404: it is gone")


def half() -> None:
    """Take all but the second announcement."""
    raise PartlyDeliveredError("one is newer", {(T, BOTH[1])})


def busy() -> None:
    """Ask for an hour of silence."""
    raise DeliveryError("it answered 429", 3600)


def entry(number: int, **parts: object) -> OutboxEntry:
    """Return an announcement of a scan."""
    return OutboxEntry.model_validate({"id": f"scan-{number}-changes", "scan": f"scan-{number}", "at": NOW, **parts})


def route(name: str) -> TeamsRoute:
    """Return a route that hears changes alone."""
    return TeamsRoute(id=name, webhook="env:HOOK", service=False, digest=False)


def work(store: FolderStore, later: timedelta = timedelta(0), /, **channels: Channel) -> DeliveryContext:
    """Return a delivery to some channels, some time later."""

    def opened(one: AnyRoute) -> Channel:
        return channels[one.id]

    return DeliveryContext(store, lambda: NOW + later, Routing(tuple(map(route, channels))), opened)


def fill(store: FolderStore, tenant: str, *entries: OutboxEntry, unpublished: tuple[str, ...] = ()) -> None:
    """Put a state with announcements into a store, and the row that says so."""
    state = State.new(TenantInfo(id=tenant, name="Contoso")).model_copy(
        update={"outbox": entries, "unpublished": unpublished, "revision": 3}
    )
    store.documents.write(f"{tenant}/state.json", state.to_bytes(), None)
    store.views.replace(tenant, 3, [summary(tenant, 3, undelivered=True)])


def waiting(store: FolderStore) -> list[object]:
    """Return the tenants whose rows say that something is to be delivered."""
    return [row.values["tenant"] for row in store.views.query("ConnectorTenants", where={"undelivered": True}).rows]
