"""The weekly card."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from findings.cards.told import Card, TenantRow, Told, Wish


def digest_card(rows: Sequence[TenantRow], now: datetime, wish: Wish) -> Card:
    """Return the one card that tells how all tenants stand, however many there are.

    Args:
        rows: The rows of the view ConnectorTenants, in any order.
        now: The moment that the card speaks for.
        wish: What the route wants to hear; its mentions are not called.
    """
    ...  # the interface; the body follows
