"""Scans that failed for good, told as SVC001 in the service's own state: the tenant's may be what broke."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import structlog

from common.errors import ConnectorwatchError, EvidenceError, RequestError, StorageError
from connectorwatch.platform.redaction import redact
from connectorwatch.scanning.latest_and_views import state_name
from connectorwatch.service.own_state import (
    NOT_SCANNED,
    SCAN_FAILED,
    change_fleet,
    read_fleet,
    tenant_subject,
    with_verdicts,
)
from connectorwatch.service.request import parse_request, tenant_named_in
from connectorwatch.tenants.tenant_list import tenants_of
from findings.state.document import State
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from connectorwatch.service.composition import Service
    from connectorwatch.service.request import ScanRequest
    from findings.stores.ports import Store

log = structlog.get_logger(__name__)

UNKNOWN = "unknown"
_LONGEST = 400


def note_failure(store: Store, request: ScanRequest, error: ConnectorwatchError) -> None:
    """Note why a scan failed, for whoever records it after the last attempt. Storage that refuses this too is logged.

    Args:
        store: Where.
        request: Which scan.
        error: What stopped it; its message holds no secrets, and is redacted all the same.
    """
    noted = {"scan": request.scan_id, "error": type(error).__name__, "why": redact(str(error))[:_LONGEST]}
    try:
        store.latest.put(_note_name(request.tenant), json.dumps(noted).encode())
    except StorageError as refusal:
        log.warning("why the scan failed could not be noted", why=str(refusal))


def record_failure(service: Service, text: str | bytes) -> bool:
    """Record that a request was given up after its last attempt; return whether there is something to tell.

    There is not where it names no tenant of ours, or where that scan or a newer one of the tenant is stored.

    Raises:
        StorageError: Storage refused; the message is tried again.
    """
    scan, tenant_id = _named(text)
    tenants = {tenant.id: tenant.name for tenant in tenants_of(service.settings)}
    if tenant_id not in tenants:
        log.error("a scan request was given up that names no tenant of the list", tenant=tenant_id, scan=scan)
        return False
    if scan != UNKNOWN and _is_over(service, parse_request(text)):
        log.warning("a scan was given up, and it or a newer one is stored", tenant=tenant_id, scan=scan)
        return False
    error, why = _noted(service.store, tenant_id, scan)
    message = f"Scan {scan} failed and is not tried again: {why}"
    verdict = SCAN_FAILED.verdict(Outcome.FAIL, tenant_subject(tenant_id, tenants[tenant_id]), message, error=error)
    now = service.now()
    event = f"failed-{tenant_id}-{scan}" if scan != UNKNOWN else f"failed-{tenant_id}-{now:%Y%m%dT%H%M%SZ}"
    change_fleet(service.store, lambda state: with_verdicts(state, event, now, [verdict]))
    log.error("scan given up", tenant=tenant_id, scan=scan, error=error)
    return True


def resolve_failures(service: Service, request: ScanRequest, name: str) -> None:
    """Resolve what the service said of a tenant, now that a scan of it is stored. Mostly there is nothing to write."""
    state = read_fleet(service.store)
    keys = [
        rule
        for rule in (SCAN_FAILED, NOT_SCANNED)
        if (finding := state.findings.get(f"{rule.id}/{request.tenant}")) and finding.state == "open"
    ]
    if not keys:
        return
    subject, message = tenant_subject(request.tenant, name), f"Scan {request.scan_id} is stored."
    verdicts = [rule.verdict(Outcome.PASS, subject, message) for rule in keys]
    event = f"scanned-{request.tenant}-{request.scan_id}"
    change_fleet(service.store, lambda state: with_verdicts(state, event, service.now(), verdicts))


def _named(text: str | bytes) -> tuple[str, str | None]:
    """Return the scan and the tenant that a message names, as far as it can be understood."""
    try:
        request = parse_request(text)
    except RequestError:
        return UNKNOWN, tenant_named_in(text)
    return request.scan_id, request.tenant


def _is_over(service: Service, request: ScanRequest) -> bool:
    """Return whether the scan, or a later one, is published; scans dated in the future are ignored."""
    name = state_name(request.tenant)
    stored = service.store.documents.read(name)
    try:
        state = State.from_bytes(stored.content, name) if stored else None
    except EvidenceError:  # damage may be why the scan failed
        return False
    now = service.now()
    return state is not None and any(
        scan.id == request.scan_id or request.asked_at <= scan.taken_at <= now
        for scan in state.scans
        if scan.id not in state.unpublished
    )


def _noted(store: Store, tenant_id: str, scan: str) -> tuple[str, str]:
    """Return the kind of error that stopped a scan, and its message; a note of another scan is ignored."""
    content = store.latest.read(_note_name(tenant_id))
    try:
        noted = json.loads(content or b"{}")
        if noted["scan"] == scan:
            return str(noted["error"]), str(noted["why"])
    except (ValueError, KeyError, TypeError):
        pass  # no note, or a damaged one: the finding is reported without a reason
    return UNKNOWN, "no reason was noted; see the log lines with this scan's id"


def _note_name(tenant_id: str) -> str:
    return f"{tenant_id}/failed.json"
