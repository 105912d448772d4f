"""The use case: the status of all tenants, from their summary rows alone; neither Graph nor a state is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from common.text import timestamp
from connectorwatch.tenants.tenant_list import tenants_of
from connectorwatch.tenants.tenant_policies import Policies, scan_ages
from connectorwatch.wiring import store_of
from findings.reports.fleet_page import Fleet, TenantLine
from findings.stores.all_rows import all_rows
from findings.views.tables import FLEET
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.settings import Settings
    from connectorwatch.tenants.tenant_list import Tenant
    from findings.reports.fleet_page.lines import TenantStatus
    from findings.stores.ports import Views
    from findings.views.tables import Value


def fleet_of(settings: Settings, now: datetime) -> Fleet:
    """Return the current status of all tenants; scans older than their policy allows count as unknown.

    Raises:
        SettingsError, PolicyError: A setting, the list of tenants or the policy has mistakes.
        StorageError: Storage refused.
    """
    policies = Policies()
    max_age = timedelta(hours=policies.of(settings).max_scan_age_hours)
    lines = all_tenants(store_of(settings).views, watched_by(settings))
    return Fleet(lines, now, max_age, scan_ages(watched_tenants(settings), policies))


def tenant_line(values: Mapping[str, Value]) -> TenantLine:
    """Return a summary row of ConnectorTenants as a line, which has no scan where the row names none."""
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
    rows = {line.id: line for line in (tenant_line(row.values) for row in all_rows(views, FLEET))}
    unseen = (TenantLine(tenant_id, name) for tenant_id, name in watched.items() if tenant_id not in rows)
    return tuple(sorted((*rows.values(), *unseen), key=lambda line: line.id))


def one_tenant(views: Views, watched: Mapping[str, str], tenant_id: str) -> TenantLine | None:
    """Return a tenant that has a row or is watched, or None where it is unknown."""
    rows = views.query(FLEET, tenant_id, where={"tenant": tenant_id}, limit=1).rows
    if rows:
        return tenant_line(rows[0].values)
    return TenantLine(tenant_id, watched[tenant_id]) if tenant_id in watched else None


def watched_by(settings: Settings) -> Mapping[str, str]:
    """Return the names (or "") of the tenants that the settings name, by tenant id; empty where they name none.

    Raises:
        SettingsError: The list of tenants is missing or has mistakes.
    """
    return {tenant.id: tenant.name or "" for tenant in watched_tenants(settings)}


def watched_tenants(settings: Settings) -> tuple[Tenant, ...]:
    """Return the tenants that the settings name; none where they name none.

    Raises:
        SettingsError: The list of tenants is missing or has mistakes.
    """
    return () if settings.tenants is None and settings.tenant_id is None else tenants_of(settings)


def tenant_json(status: TenantStatus) -> dict[str, object]:
    """Return a tenant's status for JSON; numbers are null where they are not known."""
    line, known = status.line, status.line.scan is not None
    return {
        "id": line.id,
        "name": line.name,
        "state": status.state,
        "worst": line.worst,
        "failing": {severity: number for severity, number in line.failing.items() if number} if known else None,
        "not_assessed": line.not_assessed if known else None,
        "not_known": list(status.gaps),
        "last_scan": line.scan,
        "last_scan_at": timestamp(line.scanned_at) if line.scanned_at else None,
    }


def _trend(text: str) -> tuple[int | None, ...]:
    """Return the numbers of a sparkline: separated by commas, one that is not known left empty."""
    return tuple(int(number) if number.strip().isdigit() else None for number in text.split(",")) if text else ()
