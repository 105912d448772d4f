"""The channel of an installation that has no routes: the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from connectorwatch.channels.port import Message, Taken
    from findings.cards import RouteFilter

log = structlog.get_logger(__name__)


class LogChannel:
    """Tells of announcements in the log."""

    def send(self, news: Message, wish: RouteFilter) -> Taken:
        """Write one line with counts for each announcement; names are left to channels for people."""
        del wish
        for told in news.told:
            entry = told.entry
            log.info(
                "findings changed",
                tenant=told.tenant.id,
                announcement=entry.id,
                first=entry.first,
                changes=len(entry.changes),
                inventory=entry.inventory,
                not_assessed=[missing.rule for missing in entry.not_assessed],
            )
        return "delivered"
