"""Queue one scan of every tenant, spread out to avoid load peaks."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from common.errors import StorageError
from common.ids import scan_id
from connectorwatch.service.request import ScanRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.service.composition import Service

log = structlog.get_logger(__name__)

SCHEDULE = "schedule"
_AT_A_TIME = 16
_EARLY = timedelta(minutes=1)
_LATE = timedelta(days=7)
"""By how much a timer may fire before, and after, its time and still mean that time."""


def occurrence_of(status: Mapping[str, object], now: datetime) -> datetime:
    """Return the moment of the schedule that a timer fires for: the same one, however often it fires.

    The host's monitor names the next occurrence and moves it on only after the timer's function has returned, so while
    that runs `Next` is its own. A timer that is started by hand gets a `Next` in the future, and one without a
    monitor gets none (or the year 1): those mean the minute in which they run.

    Args:
        status: What the host passes: `ScheduleStatus` with `Last`, `Next` and `LastUpdated` (Azure Functions, timers).
        now: The clock.
    """
    following = status.get("Next")
    if isinstance(following, str):
        with suppress(ValueError):
            due = datetime.fromisoformat(following)
            due = (due if due.tzinfo else due.replace(tzinfo=UTC)).astimezone(UTC)
            if -_EARLY <= now - due <= _LATE:
                return due.replace(microsecond=0)
    return now.astimezone(UTC).replace(second=0, microsecond=0)


def delay_of(tenant_id: str, spread_minutes: int) -> int:
    """Return a tenant's delay in seconds: the same every day, and evenly spread over the tenants."""
    seconds = spread_minutes * 60
    digest = hashlib.sha256(tenant_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") % seconds if seconds else 0


def request_for(tenant_id: str, asked_at: datetime, reason: str) -> ScanRequest:
    """Return the request for a tenant's scan, made at a moment and for a reason."""
    return ScanRequest(tenant=tenant_id, scan_id=scan_id(asked_at, tenant_id, reason), asked_at=asked_at, reason=reason)


def schedule_scans(service: Service, occurrence: datetime) -> int:
    """Put one request for each tenant on the queue, and return how many.

    Raises:
        SettingsError: The list of tenants is missing or has mistakes.
        StorageError: The queue took not all of them. The others are there; asked again it is the same scans.
    """
    tenants = [tenant.id for tenant in service.tenants()]
    spread = service.settings.spread_minutes if len(tenants) > 1 else 0

    def put(tenant_id: str) -> StorageError | None:
        text = request_for(tenant_id, occurrence, SCHEDULE).to_text()
        try:
            service.requests.put(text, delay_of(tenant_id, spread))
        except StorageError as error:
            return error
        return None

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        refused = [error for error in pool.map(put, tenants) if error is not None]
    log.info("scans asked for", tenants=len(tenants), refused=len(refused), occurrence=occurrence.isoformat())
    if refused:
        raise StorageError(f"{len(refused)} of {len(tenants)} scans could not be asked for: {refused[0]}")
    return len(tenants)
