"""Rows of the views as what handlers show: a tenant's summary as a line of the fleet."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from findings.reports.fleetpage import TenantLine
from findings.stores.rows import FLEET
from policies.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from findings.stores.ports import Views
    from findings.stores.rows import Value

MOST = 1000
"""How many rows one question to the views may return."""


def tenant_line(values: Mapping[str, Value]) -> TenantLine:
    """Return a summary row of ConnectorTenants as a line; one without a scan says so, whatever else it holds."""
    scanned = str(values.get("scanned_at", ""))
    return TenantLine(
        id=str(values["tenant"]),
        name=str(values.get("name", "")),
        scan=str(values.get("scan", "")) or None,
        scanned_at=datetime.fromisoformat(scanned) if scanned else None,
        complete=values.get("complete") is True,
        all_assessed=values.get("all_assessed") is True,
        failing={severity: int(values.get(severity.value, 0)) for severity in Severity},
        not_assessed=int(values.get("not_assessed", 0)),
        trend=_trend(str(values.get("sparkline", ""))),
    )


def all_tenants(views: Views, watched: Mapping[str, str]) -> tuple[TenantLine, ...]:
    """Return every tenant that has a row, and those that are watched and have none yet; by id."""
    rows = {line.id: line for line in _rows(views)}
    unseen = (TenantLine(tenant_id, name) for tenant_id, name in watched.items() if tenant_id not in rows)
    return tuple(sorted((*rows.values(), *unseen), key=lambda line: line.id))


def is_known(views: Views, watched: Mapping[str, str], tenant_id: str) -> bool:
    """Return whether a tenant is watched, or has been."""
    return tenant_id in watched or bool(views.query(FLEET, tenant_id, limit=1).rows)


def _rows(views: Views) -> Iterator[TenantLine]:
    after: str | None = None
    while True:
        page = views.query(FLEET, after=after, limit=MOST)
        yield from (tenant_line(row.values) for row in page.rows)
        after = page.after
        if after is None:
            return


def _trend(text: str) -> tuple[int | None, ...]:
    """Return the numbers of a sparkline: separated by commas, one that is not known left empty."""
    return tuple(int(number) if number.strip().isdigit() else None for number in text.split(",")) if text else ()
