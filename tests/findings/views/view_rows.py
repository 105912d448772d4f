"""Rows to fill views with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.views.tables import Row, fleet_place

if TYPE_CHECKING:
    from findings.views.tables import Value


def summary(tenant: str, revision: int, *, failing: int = 0, undelivered: bool = False) -> Row:
    """Return a tenant's summary row, as short as can be."""
    values: dict[str, Value] = {"tenant": tenant, "name": tenant.upper(), "revision": revision, "failing": failing}
    return Row("ConnectorTenants", *fleet_place(tenant), {**values, "undelivered": undelivered})


def finding(tenant: str, number: int, message: str = "", *, state: str = "open") -> Row:
    """Return a finding's row; it comes before those with higher numbers."""
    values: dict[str, Value] = {
        "tenant": tenant,
        "finding": f"CON001:{number}",
        "rule": "CON001",
        "state": state,
        "stale": False,
    }
    return Row("ConnectorFindings", tenant, f"{number:040x}", {**values, "message": message})


def scan(tenant: str, number: int) -> Row:
    """Return a scan's row."""
    values: dict[str, Value] = {"tenant": tenant, "scan": f"scan-{number}", "complete": True, "failing": number}
    return Row("ConnectorScans", tenant, f"{number:015d}-0123abcd", values)
