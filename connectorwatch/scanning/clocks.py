"""Clocks that are wrong: a scan of one is not remembered, and a state that one has frozen names the way out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from common.errors import ClockError
from common.text import counted, minute
from connectorwatch.scanning.latest_and_views import stored_state

if TYPE_CHECKING:
    from datetime import datetime

    from findings.stores.ports import Store

MOST_OFF = 3600.0
"""Seconds by which this machine's clock and Graph's may not differ; the watchdog and the pages allow as much."""
_SPANS = (("day", 86_400), ("hour", 3600))


def check_clock(ahead: float | None) -> None:
    """Make sure that this machine's clock is right enough for what it dates to be remembered.

    A scan dated in the future would make all scans until then count as older, and one dated long ago would count as
    older itself. Where Graph named no time, nothing can be compared.

    Args:
        ahead: By how many seconds this machine's clock is ahead of Graph's, negative where it is behind; None where
            that is not known.

    Raises:
        ClockError: They differ by an hour or more.
    """
    if ahead is None or abs(ahead) < MOST_OFF:
        return
    unit, seconds = next((unit, seconds) for unit, seconds in _SPANS if abs(ahead) >= seconds)
    way = "ahead of" if ahead > 0 else "behind"
    raise ClockError(
        f"This machine's clock is {counted(int(abs(ahead) // seconds), unit)} {way} Graph's, so the scan would be "
        "remembered under a wrong time and was not stored: set the clock (NTP), then scan again."
    )


def frozen_by_clock(store: Store, tenant_id: str, scan_id: str, now: datetime) -> tuple[str, ...]:
    """Return the message about a state whose newest scan is dated in the future; none where it is not.

    Args:
        store: Where.
        tenant_id: Whose.
        scan_id: A scan that was just stored.
        now: The time.

    Raises:
        StorageError: Storage refused.
        EvidenceError: The state is damaged or of a newer version.
    """
    scans = stored_state(store, tenant_id)[0].scans
    if scans[-1].taken_at <= now + timedelta(seconds=MOST_OFF):
        return ()
    message = (
        f"The newest scan of this tenant is dated {minute(scans[-1].taken_at)}, which is yet to come: a clock was "
        "ahead. Until then each scan is stored and changes no finding. Correct that clock, then run `connectorwatch "
        f"rebuild --tenant {tenant_id} --from-scan {scan_id}`, which remembers the scans up to this one anew."
    )
    return (message,)
