"""Cards to a Teams Workflow. 202 means that the flow took a card, not that the channel shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from findings.cards import change_card, digest_card, service_card

if TYPE_CHECKING:
    from connectorwatch.channels.port import Message, Taken
    from connectorwatch.channels.posting import Poster
    from findings.cards import Card, RouteFilter

_ACCEPTED = 202
JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class TeamsChannel:
    """Posts cards."""

    poster: Poster

    def send(self, news: Message, wish: RouteFilter) -> Taken:
        """Post one card of all the news; see `port.Channel`."""
        card = card_of(news, wish)
        return "nothing" if card is None else self.post(card)

    def post(self, card: Card) -> Taken:
        """Post a card.

        Raises:
            UndeliverableError: It was refused for good.
            DeliveryError: It was not taken this time.
        """
        return "accepted" if self.poster.post(card.to_bytes(), JSON) == _ACCEPTED else "delivered"


def card_of(news: Message, wish: RouteFilter) -> Card | None:
    """Return the card of some news, or None where nothing in it is of interest."""
    if news.kind == "digest":
        return digest_card(news.rows, news.at, wish)
    return (service_card if news.kind == "service" else change_card)(news.told, wish)
