"""Find tenants without a recent scan. Reads one summary row a tenant and no tenant's own storage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from connectorwatch.service.own_state import ABOUT_TENANTS, NOT_SCANNED, change_fleet, tenant_subject, with_verdicts
from connectorwatch.tenants.tenant_policies import Policies, scan_ages
from findings.reports.fleet_page.lines import AHEAD
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectorwatch.service.composition import Service
    from connectorwatch.service.own_state import FleetState
    from connectorwatch.tenants.tenant_list import Tenant
    from policies.rule import Verdict

log = structlog.get_logger(__name__)


def watch(service: Service) -> tuple[str, ...]:
    """Report each tenant without a stored scan for `max_scan_age_hours`, and return their ids.

    A tenant that was never scanned is measured from the first time that it was seen in the list.

    Raises:
        SettingsError: The list of tenants is missing or has mistakes.
        StorageError: Storage refused.
    """
    now, tenants = service.now(), service.tenants()
    scanned, limits = service.last_scans(), scan_ages(tenants, Policies())
    late: list[str] = []

    def change(state: FleetState) -> FleetState:
        ids = [tenant.id for tenant in tenants]
        known = {tenant_id: state.configured.get(tenant_id, now) for tenant_id in ids}
        verdicts = [
            _judge(tenant, scanned.get(tenant.id), known[tenant.id], limits[tenant.id], now) for tenant in tenants
        ]
        late[:] = [verdict.subject.id for verdict in verdicts if verdict.outcome is Outcome.FAIL]
        return _after(state, now, known, verdicts)

    change_fleet(service.store, change)
    if late:
        log.error("tenants are not scanned", count=len(late), tenants=late[:20])
    return tuple(late)


def _judge(tenant: Tenant, scanned: datetime | None, since: datetime, limit: timedelta, now: datetime) -> Verdict:
    subject = tenant_subject(tenant.id, tenant.name)
    message = _complaint(tenant.id, scanned, since, limit, now)
    if message is None:
        return NOT_SCANNED.verdict(Outcome.PASS, subject, "Its last scan is recent enough.")
    last = scanned.astimezone(UTC).isoformat() if scanned else None
    return NOT_SCANNED.verdict(Outcome.FAIL, subject, message, last_scan=last)


def _complaint(
    tenant_id: str, scanned: datetime | None, since: datetime, limit: timedelta, now: datetime
) -> str | None:
    """Return what is wrong with a tenant's last scan, or None."""
    if scanned and scanned > now + AHEAD:
        return (
            f"The tenant's last scan is dated {scanned:%Y-%m-%d at %H:%M} UTC, which is yet to come: a clock was "
            "ahead. Until then every scan counts as older than that one. Correct that clock, then run "
            f"`connectorwatch rebuild --tenant {tenant_id} --from-scan SCAN` with the newest scan of a right clock."
        )
    if now - (scanned or since) <= limit:
        return None
    last = f"was last scanned on {scanned:%Y-%m-%d at %H:%M} UTC" if scanned else "was never scanned"
    return f"The tenant {last}, and {limit / timedelta(hours=1):g} hours are allowed."


def _after(state: FleetState, now: datetime, known: Mapping[str, datetime], verdicts: Sequence[Verdict]) -> FleetState:
    """Return the state with what has changed; the very same one if nothing has, so that nothing is written."""
    moved = [verdict for verdict in verdicts if _moves(state, verdict)]
    gone = [
        key
        for key, finding in state.findings.items()
        if finding.rule in ABOUT_TENANTS and finding.state == "open" and finding.subject.id not in known
    ]
    if not moved and not gone and known == state.configured:
        return state
    after = with_verdicts(state, f"watchdog-{now:%Y%m%dT%H%M%S}-{state.revision}", now, moved, gone)
    return after.model_copy(update={"configured": dict(known)})


def _moves(state: FleetState, verdict: Verdict) -> bool:
    """Return whether a verdict would open, change or resolve a finding."""
    finding = state.findings.get(verdict.key)
    if verdict.outcome is not Outcome.FAIL:
        return finding is not None and finding.state == "open"
    return finding is None or finding.state != "open" or finding.evidence != verdict.evidence
