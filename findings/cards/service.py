"""The card that tells what went wrong with the service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from findings.cards.told import Card, TenantRow, Told, Wish


def service_card(told: Sequence[Told], wish: Wish) -> Card | None:
    """Return one card of scans that failed or did not happen, permissions lost and routes that fail; else None.

    Args:
        told: Announcements of the service and of tenants; of the latter, only permissions that were lost are told.
        wish: What the route wants to hear.
    """
    ...  # the interface; the body follows
