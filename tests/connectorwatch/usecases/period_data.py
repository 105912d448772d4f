"""A store with scans made on chosen days, for the tests of periods."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from common.ids import scan_id
from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.usecases.period import PeriodReport, period_report
from tests.making import TENANT, connector, evidence, group, holds, snapshot, without

if TYPE_CHECKING:
    from findings.stores.folder import FolderStore

SEEN = snapshot({group("Paris"): holds(connector())})
HOUR = timedelta(hours=1)


def at(day: float) -> datetime:
    """Return six o'clock on a day of January, counted from the first."""
    return datetime(2026, 1, 1, 6, tzinfo=UTC) + timedelta(days=day - 1)


def scanned(store: FolderStore, day: float, *, unread: str | None = None) -> str:
    """Make a scan on a day, and return its id."""
    seen = (without(SEEN, unread) if unread else SEEN).model_copy(update={"taken_at": at(day)})
    own = scan_id(at(day), TENANT, "schedule")
    publish(store, keep_evidence(store, evidence(seen, scan_id=own)))
    return own


def told(store: FolderStore, first: float = 1, last: float = 10, every: timedelta = 24 * HOUR) -> PeriodReport:
    """Return what is told of the days from `first` to `last`, from and to six o'clock."""
    return period_report(store, TENANT, at(first), at(last), every)
