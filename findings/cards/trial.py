"""The card that shows that a route works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.cards.pieces import bold, envelope, heading, line, run
from findings.cards.safe_text import NAME

if TYPE_CHECKING:
    from findings.cards.announcement import Card


def test_card(route: str) -> Card:
    """Return a card that says where it comes from and that nothing happened.

    Args:
        route: The id of the route that it is sent to.
    """
    return envelope(
        [
            heading("A test of connectorwatch"),
            line(run("This card came by the route "), bold(route, NAME), run(". Nothing happened in any tenant.")),
            line(run("Changes, the weekly digest and trouble with the service itself will come the same way.")),
        ]
    )
