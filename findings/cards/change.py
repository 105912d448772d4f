"""The card that tells what a scan changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from findings.cards.told import Card, TenantRow, Told, Wish


def change_card(told: Sequence[Told], wish: Wish) -> Card | None:
    """Return one card of all that changed, worst tenant first; None where nothing in it is of interest to the route.

    What the service tells of itself is left to `service_card`.

    Args:
        told: The announcements of one or more tenants.
        wish: What the route wants to hear.
    """
    ...  # the interface; the body follows
