"""Cards for Microsoft Teams: what is posted to a Workflow when something changed, every week, and for a test.

Pure: announcements, documents and rows in, one card out. Each kind of card is a module; this is their front.
"""

from __future__ import annotations

from findings.cards.announcement import Card, Mention, Notification, RouteFilter, TenantRow
from findings.cards.change import change_card
from findings.cards.digest import digest_card
from findings.cards.service import service_card
from findings.cards.trial import test_card

__all__ = [
    "Card",
    "Mention",
    "Notification",
    "RouteFilter",
    "TenantRow",
    "change_card",
    "digest_card",
    "service_card",
    "test_card",
]
