"""The use case: show what a stored scan would tell over which route, or try a route with a test. Nothing is marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import SettingsError
from connectorwatch.channels.port import Message
from connectorwatch.channels.teams import card_of
from connectorwatch.channels.webhook_body import body_of
from connectorwatch.delivery.subscriptions import DEFAULT, SENTINEL, Subscription
from connectorwatch.scanning.latest_and_views import scan_folder, stored_state
from connectorwatch.usecases.report import stored_scan
from findings.cards import Notification
from findings.cards import test_card as trial_card
from findings.cards.repeated import announced_again
from findings.reports.json_file import parse_json
from policies.policy_file.routes import Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import JsonValue

    from connectorwatch.channels.port import Channel, Taken
    from connectorwatch.delivery.deliver import DeliveryContext
    from findings.document import FindingsDocument
    from findings.stores.ports import Store


@dataclass(frozen=True)
class Shown:
    """What a lane would be handed.

    Attributes:
        lane: Which one.
        message: The card in its envelope, or the JSON of a webhook; None where there is nothing for the route.
        left_out: How many rows the card leaves out.
        size: How many bytes would be posted; 0 without a message.
    """

    lane: Subscription
    message: JsonValue = None
    left_out: int = 0
    size: int = 0


def routes_named(work: DeliveryContext, route_id: str | None) -> tuple[Route, ...]:
    """Return the routes to show or to try: all that are configured, the default one where none is, or one by its id.

    Raises:
        SettingsError: No route has that id.
    """
    # The table in Log Analytics takes rows of stored scans, nothing that could be shown or tried.
    routes = tuple(route for route in work.routing.routes if route is not SENTINEL) or (Route(id=DEFAULT),)
    if route_id is None:
        return routes
    found = tuple(route for route in routes if route.id.casefold() == route_id.casefold())
    if not found:
        raise SettingsError(f"There is no route of this id; the routes are {', '.join(route.id for route in routes)}.")
    return found


def told_again(work: DeliveryContext, tenant_id: str | None, scan_id: str | None) -> Notification:
    """Return a stored scan's announcement: the newest scan's unless one is named; see `report.stored_scan`.

    Raises:
        SettingsError: No such scan is stored, or several tenants are and none is named.
        EvidenceError: What is stored is damaged, of a newer version, or not all there.
        StorageError: Storage refused.
    """
    document = stored_scan(work.store, tenant_id, scan_id).document
    folder = scan_folder(document.tenant.id, document.scan.id)
    report = f"{work.public_url}/api/people/tenants/{folder}/report.html" if work.public_url else None
    entry = announced_again(document, _before(work.store, document))
    return Notification(document.tenant, entry, document, report)


def _before(store: Store, document: FindingsDocument) -> FindingsDocument | None:
    """Return the result of the scan before a scan, where it is stored still."""
    state, _ = stored_state(store, document.tenant.id)
    ids = [scan.id for scan in state.scans]
    place = ids.index(document.scan.id) if document.scan.id in ids else 0
    if not place:
        return None
    content = store.scans.read(f"{scan_folder(document.tenant.id, ids[place - 1])}/findings.json")
    return parse_json(content) if content else None


def shown(work: DeliveryContext, routes: Sequence[Route], told: Notification) -> Iterator[Shown]:
    """Yield what each route would be handed of an announcement: of the scan's changes, and of lost permissions."""
    for route in routes:
        if route.kind == "mail" or not work.routing.covers(route, told.tenant.id):
            continue
        for lane in (Subscription(route, "changes"), Subscription(route, "service")):
            if getattr(route, lane.kind):
                yield _shown(lane, Message(lane.kind, told.entry.at, (told,)))


def _shown(lane: Subscription, news: Message) -> Shown:
    if lane.route.kind == "webhook":
        body = body_of(news, lane.wish)
        return (
            Shown(lane) if body is None else Shown(lane, body.model_dump(mode="json"), size=len(body.model_dump_json()))
        )
    card = card_of(news, lane.wish)
    return Shown(lane) if card is None else Shown(lane, card.envelope, card.left_out, len(card.to_bytes()))


def try_route(work: DeliveryContext, route: Route) -> Taken:
    """Send a test over a route: a card that says so, a signed message that tells nothing, or by mail a digest of now.

    Raises:
        UndeliverableError: The route is not set up, or refused it.
        DeliveryError: It did not arrive.
        StorageError: Storage refused.
    """
    return _sent(work, route, work.open(route))


def _sent(work: DeliveryContext, route: Route, channel: Channel) -> Taken:
    from connectorwatch.channels.teams import TeamsChannel
    from connectorwatch.channels.webhook import WebhookChannel
    from connectorwatch.delivery.deliver import rows_for

    if isinstance(channel, TeamsChannel):
        return channel.post(trial_card(route.id))
    if isinstance(channel, WebhookChannel):
        return channel.test()
    return channel.send(
        Message("digest", work.now(), rows=tuple(rows_for(work, route)), digest="test"),
        Subscription(route, "digest").wish,
    )
