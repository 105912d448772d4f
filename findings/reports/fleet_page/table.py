"""fleet.csv: one row for each tenant; no name can run as a formula in a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import timestamp
from findings.reports.csv_file import table_csv
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from findings.reports.fleet_page.lines import Fleet, TenantStatus

COLUMNS = (
    "tenant",
    "tenant_name",
    "state",
    "worst",
    *(f"failing_{severity}" for severity in Severity),
    "not_assessed",
    "not_known",
    "last_scan",
    "last_scan_at",
    "last_scan_age_hours",
)
"""The header of fleet.csv."""


def render_fleet_csv(fleet: Fleet) -> bytes:
    """Return fleet.csv, written like findings.csv: the worst tenant first; numbers are empty where nothing is known."""
    return table_csv((COLUMNS, *map(_row, fleet.statuses)))


def _row(status: TenantStatus) -> tuple[str, ...]:
    line = status.line
    known = line.scan is not None
    return (
        line.id,
        line.name,
        status.state,
        line.worst or "",
        *(str(line.failing.get(severity, 0)) if known else "" for severity in Severity),
        str(line.not_assessed) if known else "",
        " ".join(status.gaps),
        line.scan or "",
        timestamp(line.scanned_at) if line.scanned_at else "",
        "" if status.age is None else f"{status.age.total_seconds() / 3600:.1f}",
    )
