"""Delete old artefacts of scans and findings resolved long ago. Never the newest scan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from common.errors import ConnectorwatchError, RetainedError, StorageError
from common.ids import scan_moment
from connectorwatch.scanning.answers import change_answers
from connectorwatch.scanning.latest_and_views import changed_state, refresh, state_name
from connectorwatch.service.own_state import change_fleet, read_fleet
from connectorwatch.tenants.tenant_policies import Policies
from findings.state.document import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.service.composition import Service
    from connectorwatch.service.own_state import FleetState
    from findings.state.record import FindingState
    from findings.stores.ports import Store

log = structlog.get_logger(__name__)

PATIENCE = timedelta(days=30)
"""How long a refusal of storage is respected before it is asked again."""
EVIDENCE = "evidence.json.gz"


@dataclass(frozen=True)
class RetentionResult:
    """Result of retention for one tenant.

    Attributes:
        scans: How many scans were removed.
        findings: How many findings were forgotten.
        refused: Whether storage was asked and keeps scans by a rule of its own.
        respected: Whether it said so before, and was not asked again yet.
        known: Whether anything is stored of the tenant.
    """

    scans: int = 0
    findings: int = 0
    refused: bool = False
    respected: bool = False
    known: bool = True


def retain(service: Service) -> Mapping[str, RetentionResult]:
    """Remove what is older than `retention_days`, tenant by tenant, and return the results.

    Storage that refuses by a rule of its own is reported once for a tenant and asked again after 30 days.

    Raises:
        SettingsError: The list of tenants is missing or has mistakes.
        StorageError: Some tenants failed; all others are done.
    """
    now, refused, policies = service.now(), read_fleet(service.store).refused, Policies()
    done: dict[str, RetentionResult] = {}
    failed: dict[str, ConnectorwatchError] = {}
    for tenant in service.tenants():
        respected = tenant.id in refused and now - refused[tenant.id] < PATIENCE
        try:
            before = now - timedelta(days=policies.of(tenant.settings).retention_days)
            done[tenant.id] = _retain_tenant(service.store, tenant.id, before, respected=respected)
        except ConnectorwatchError as error:
            failed[tenant.id] = error
            log.error("retention failed", tenant=tenant.id, why=str(error))  # noqa: TRY400 - ours need no trace
    for tenant_id in (tenant for tenant, result in done.items() if result.refused and tenant not in refused):
        log.error(
            "storage keeps old scans by a rule of its own; asked again in 30 days",
            tenant=tenant_id,
            advice="lengthen retention_days, or shorten the container's immutability policy",
        )
    days = policies.of(service.settings).retention_days
    change_fleet(service.store, lambda state: _fleet_after(state, done, now, now - timedelta(days=days)))
    if failed:
        first = next(iter(failed))
        raise StorageError(f"Retention failed for {len(failed)} tenants, the first of them {first}: {failed[first]}")
    return done


def _retain_tenant(store: Store, tenant_id: str, before: datetime, *, respected: bool) -> RetentionResult:
    name = state_name(tenant_id)
    stored = store.documents.read(name)
    if stored is None:
        return RetentionResult(known=False)
    state = State.from_bytes(stored.content, name)
    files = _files_by_scan(store, tenant_id)
    removed = RetentionResult(respected=True) if respected else _remove_scans(store, state, files, before)
    forgotten = _forget(store, tenant_id, frozenset(files), before)
    if forgotten is not None:
        refresh(store, tenant_id)  # the tables show what the state says
        log.info("old things let go", tenant=tenant_id, scans=removed.scans, findings=forgotten)
    return replace(removed, findings=forgotten or 0)


def _files_by_scan(store: Store, tenant_id: str) -> dict[str, list[str]]:
    """Return the names of a tenant's artefacts, by scan."""
    scan_files: dict[str, list[str]] = defaultdict(list)
    for name in store.scans.list(f"{tenant_id}/scans/"):
        scan_files[name.split("/")[2]].append(name)
    return scan_files


def _remove_scans(store: Store, state: State, there: dict[str, list[str]], before: datetime) -> RetentionResult:
    """Remove a tenant's old scans, oldest first, from storage and `there`; stop where storage keeps one by a rule."""
    kept = {*state.unpublished, *(scan.id for scan in state.scans[-1:]), max(there, default="")}
    removed = 0
    for scan_id in sorted(scan for scan in there.keys() - kept if _is_old(scan, before)):
        try:
            # The evidence last: while it is there, the scan is, and whoever comes next removes the rest of it.
            for name in sorted(there[scan_id], key=lambda name: name.endswith(EVIDENCE)):
                store.scans.delete(name)
        except RetainedError:
            return RetentionResult(removed, refused=True)
        del there[scan_id]
        removed += 1
    return RetentionResult(removed)


def _is_old(scan_id: str, before: datetime) -> bool:
    """Return whether a scan was requested before a moment; an id that is not a scan's is never old."""
    moment = scan_moment(scan_id)
    return moment is not None and moment < before


def _forget(store: Store, tenant_id: str, there: frozenset[str], before: datetime) -> int | None:
    """Forget old findings with the answers to them, and old scans that are gone, by compare-and-swap.

    Returns:
        How many findings were forgotten; None where nothing was written.
    """
    forgotten: int | None = None

    def change(state: State) -> State:
        nonlocal forgotten
        forgotten = None
        findings = _remembered(state, before)
        scans = tuple(scan for scan in state.scans if scan.id in there or not _is_old(scan.id, before))
        scans = scans or state.scans[-1:]
        if len(findings) == len(state.findings) and len(scans) == len(state.scans):
            return state
        forgotten = len(state.findings) - len(findings)
        return state.model_copy(update={"findings": findings, "scans": scans, "revision": state.revision + 1})

    kept = changed_state(store, tenant_id, change, advice="retention tries again tomorrow").findings
    change_answers(store, tenant_id, lambda answers: answers.only(kept, before))
    return forgotten


def _remembered(state: State, before: datetime) -> dict[str, FindingState]:
    """Return the findings that are open or were resolved after a moment."""
    return {
        key: finding
        for key, finding in state.findings.items()
        if finding.state == "open" or finding.resolved_at is None or finding.resolved_at >= before
    }


def _fleet_after(state: FleetState, done: Mapping[str, RetentionResult], now: datetime, before: datetime) -> FleetState:
    """Return the service's own state with what storage refused and without findings resolved long ago."""
    refused = {tenant: since for tenant, since in state.refused.items() if tenant not in done or _still(since, now)}
    refused |= {tenant: now for tenant, result in done.items() if result.refused}
    findings = _remembered(state, before)
    if refused == state.refused and len(findings) == len(state.findings):
        return state
    return state.model_copy(update={"refused": refused, "findings": findings, "revision": state.revision + 1})


def _still(since: datetime, now: datetime) -> bool:
    return now - since < PATIENCE
