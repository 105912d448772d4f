"""Cards to a Teams Workflow. 202 means that the flow took a card, not that the channel shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from connectorwatch.channels.port import Preview
from findings.cards import change_card, digest_card, service_card, test_card

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.channels.port import Message, SendResult
    from connectorwatch.channels.posting import Poster
    from findings.cards import Card, RouteFilter

_ACCEPTED = 202
JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class TeamsChannel:
    """Posts cards."""

    kind: ClassVar[str] = "teams"
    poster: Poster

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Post one card of the whole message; see `port.Channel`."""
        card = card_of(message, route_filter)
        return "nothing" if card is None else self.post(card)

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Post a card that says it is a test; see `port.Channel`."""
        del digest
        return self.post(test_card(route_id))

    @staticmethod
    def preview(message: Message, route_filter: RouteFilter) -> Preview:
        """Return the card that would be posted, in its envelope."""
        card = card_of(message, route_filter)
        return Preview() if card is None else Preview(card.envelope, card.left_out, len(card.to_bytes()))

    def post(self, card: Card) -> SendResult:
        """Post a card.

        Raises:
            UndeliverableError: It was refused for good.
            DeliveryError: It was not taken this time.
        """
        return "accepted" if self.poster.post(card.to_bytes(), JSON) == _ACCEPTED else "delivered"


def card_of(message: Message, route_filter: RouteFilter) -> Card | None:
    """Return the card of a message, or None where the filters leave nothing."""
    if message.kind == "digest":
        return digest_card(message.rows, message.at, route_filter)
    return (service_card if message.kind == "service" else change_card)(message.notifications, route_filter)
