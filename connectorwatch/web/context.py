"""What the handlers work with, chosen once for each process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from findings.stores.ports import Store


@dataclass(frozen=True)
class RequestContext:
    """What handlers use: stored scans, the queue of new ones, and the clock.

    Attributes:
        store: The storage, with its views.
        request_scan: Queues a scan of a tenant and returns its id, or the id of one already queued; raises
            StorageError.
        watched: Returns the tenants that are to be scanned, by id, with what to call them or nothing.
        max_age: How old a tenant's newest scan may be before the tenant counts as not known.
        max_ages: Returns the same for single tenants, by id; they go before.
        now: The clock.
    """

    store: Store
    request_scan: Callable[[str], str]
    watched: Callable[[], Mapping[str, str]] = field(default=dict)
    max_age: timedelta = timedelta(hours=50)
    max_ages: Callable[[], Mapping[str, timedelta]] = field(default=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
