"""The use case: preview what a stored scan sends to each route, or send a test. No outbox is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import SettingsError
from connectorwatch.channels.mail import MailChannel
from connectorwatch.channels.port import Message
from connectorwatch.channels.teams import TeamsChannel
from connectorwatch.channels.webhook import WebhookChannel
from connectorwatch.delivery.deliver import rows_for
from connectorwatch.delivery.open_routes import DEFAULT_ROUTE
from connectorwatch.delivery.subscriptions import LogsTableRoute, Subscription
from connectorwatch.scanning.latest_and_views import scan_folder, stored_state
from connectorwatch.usecases.report import stored_scan
from findings.cards import Notification
from findings.cards.repeated import announced_again
from findings.reports.json_file import parse_json
from policies.policy_file.routes import GraphMailRoute, SmtpRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic import JsonValue

    from connectorwatch.channels.port import Preview, SendResult
    from connectorwatch.delivery.deliver import DeliveryContext
    from connectorwatch.delivery.subscriptions import AnyRoute
    from findings.cards import RouteFilter
    from findings.document import FindingsDocument
    from findings.stores.ports import Store


@dataclass(frozen=True)
class RoutePreview:
    """What a subscription would be sent."""

    subscription: Subscription
    preview: Preview


_PREVIEWS: Mapping[str, Callable[[Message, RouteFilter], Preview]] = {
    TeamsChannel.kind: TeamsChannel.preview,
    WebhookChannel.kind: WebhookChannel.preview,
    "missing": TeamsChannel.preview,
}
"""Of the channels that send changes; no route has to be set up for its preview. Mail sends digests only."""


def routes_named(context: DeliveryContext, route_id: str | None) -> tuple[AnyRoute, ...]:
    """Return the routes to preview or to test: all that are configured, else the default one, or one by its id.

    Raises:
        SettingsError: No route has that id.
    """
    # The table in Log Analytics takes rows of stored scans, nothing to preview or to test.
    routes = tuple(route for route in context.routing.routes if not isinstance(route, LogsTableRoute)) or (
        DEFAULT_ROUTE,
    )
    if route_id is None:
        return routes
    named = tuple(route for route in routes if route.id.casefold() == route_id.casefold())
    if not named:
        raise SettingsError(f"There is no route of this id; the routes are {', '.join(route.id for route in routes)}.")
    return named


def stored_notification(context: DeliveryContext, tenant_id: str | None, scan_id: str | None) -> Notification:
    """Return a stored scan's notification: the newest scan's unless one is named; see `report.stored_scan`.

    Raises:
        SettingsError: No such scan is stored, or several tenants are and none is named.
        EvidenceError: What is stored is damaged, of a newer version, or not all there.
        StorageError: Storage refused.
    """
    document = stored_scan(context.store, tenant_id, scan_id).document
    folder = scan_folder(document.tenant.id, document.scan.id)
    report = f"{context.public_url}/api/people/tenants/{folder}/report.html" if context.public_url else None
    entry = announced_again(document, _result_before(context.store, document))
    return Notification(document.tenant, entry, document, report)


def _result_before(store: Store, document: FindingsDocument) -> FindingsDocument | None:
    """Return the result of the scan before a scan, where it is stored still."""
    state, _ = stored_state(store, document.tenant.id)
    ids = [scan.id for scan in state.scans]
    place = ids.index(document.scan.id) if document.scan.id in ids else 0
    if not place:
        return None
    content = store.scans.read(f"{scan_folder(document.tenant.id, ids[place - 1])}/findings.json")
    return parse_json(content) if content else None


def previews(
    context: DeliveryContext, routes: Sequence[AnyRoute], notification: Notification
) -> Iterator[RoutePreview]:
    """Yield what each route would be sent: of a scan's changes and of lost permissions; by mail, a digest of now."""
    for route in routes:
        for kind in route.subscribed if context.routing.covers(route, notification.tenant.id) else ():
            subscription = Subscription(route, kind)
            if isinstance(route, SmtpRoute | GraphMailRoute):
                message = Message(kind, context.now(), rows=tuple(rows_for(context, route)), digest="preview")
                yield RoutePreview(subscription, MailChannel.preview(message, route.sender, route.to))
            elif kind != "digest":
                message = Message(kind, notification.entry.at, (notification,))
                yield RoutePreview(subscription, _PREVIEWS[route.kind](message, subscription.route_filter))


def previews_json(previewed: Iterable[RoutePreview]) -> list[JsonValue]:
    """Return previews as one JSON list, an entry for each route and kind of message; `content` is null for nothing."""
    return [
        {
            "route": shown.subscription.route.id,
            "channel": shown.subscription.route.kind,
            "kind": shown.subscription.kind,
            "bytes": shown.preview.size,
            "left_out": shown.preview.left_out,
            "content": shown.preview.content,
        }
        for shown in previewed
    ]


def send_test(context: DeliveryContext, route: AnyRoute) -> SendResult:
    """Send a test over a route: a card that says so, a signed message without content, or by mail a digest of now.

    Raises:
        UndeliverableError: The route is not set up, or refused it.
        DeliveryError: It did not arrive.
        StorageError: Storage refused.
    """

    def digest() -> Message:
        return Message("digest", context.now(), rows=tuple(rows_for(context, route)), digest="test")

    return context.open(route).test(route.id, digest)
