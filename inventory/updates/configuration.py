"""When the tenant lets connectors be updated: a setting that explains why one stayed behind, and decides nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from inventory.models import Record

_TIME = re.compile(r"\d?\d:\d\d")


class UpdateWindow(Record):
    """The hours in which agents are updated, in the agent's own time zone. Source: Graph beta `updateWindow`."""

    update_window_start_time: str | None = None
    update_window_end_time: str | None = None


class UpdaterConfiguration(Record):
    """When the tenant lets agents be updated. Source: Graph beta `hybridAgentUpdaterConfiguration`, 2026.

    Dates stay text as they came: examples have some without a zone.
    """

    allow_update_configuration_override: bool | None = None
    defer_update_date_time: str | None = None
    update_window: UpdateWindow | None = None

    def deferred_until(self, now: datetime) -> datetime | None:
        """Return until when updates are deferred; None where they are not, or the date cannot be read.

        A date without a zone is in the agent's own, which is not known: it is taken as UTC.
        """
        if self.allow_update_configuration_override or not self.defer_update_date_time:
            return None
        try:
            until = datetime.fromisoformat(self.defer_update_date_time)
            until = (until if until.tzinfo else until.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return until if until > now else None

    @property
    def hours(self) -> str | None:
        """The window in words, such as `02:00 to 04:00`; None where there is none."""
        window = self.update_window
        times = (window.update_window_start_time, window.update_window_end_time) if window else ()
        shown = [match.group() for time in times if (match := _TIME.match(time or ""))]
        return " to ".join(shown) if len(shown) == 2 else None  # noqa: PLR2004 - a start and an end


class PublishingProfile(Record):
    """The tenant's settings of Application Proxy. Source: Graph beta `onPremisesPublishingProfile`."""

    hybrid_agent_updater_configuration: UpdaterConfiguration | None = None
