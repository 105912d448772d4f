"""The channel of an installation that has no routes: the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.channels.port import Message, SendResult
    from findings.cards import RouteFilter

log = structlog.get_logger(__name__)


class LogChannel:
    """Writes notifications to the log."""

    kind: ClassVar[str] = "log"

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Write one line with counts for each announcement; names are left to channels for people."""
        del route_filter
        for notification in message.notifications:
            entry = notification.entry
            log.info(
                "findings changed",
                tenant=notification.tenant.id,
                announcement=entry.id,
                first=entry.first,
                changes=len(entry.changes),
                inventory=entry.inventory,
                not_assessed=[missing.rule for missing in entry.not_assessed],
            )
        return "delivered"

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Write a line that says it is a test; see `port.Channel`."""
        del digest
        log.info("test of a route", route=route_id)
        return "delivered"
