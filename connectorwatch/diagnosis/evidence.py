"""The evidence of a walk: the newest stored scan, or a scan made now and not stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import EvidenceError, NothingReadError, SubjectError
from connectorwatch.diagnosis.subject import Case
from connectorwatch.diagnosis.subjects import application_case, connector_case, group_case
from connectorwatch.scanning.publish import memory_of, state_before, stored_evidence
from connectorwatch.usecases.history import stored_state
from inventory.collect import collect
from policies.evidence import Evidence, ScanInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectorwatch.diagnosis.subject import Kind
    from connectorwatch.scanning.job import Scan
    from findings.stores.ports import Store
    from inventory.history_records import ConnectorRecord, ObjectRecord

_FIND: dict[Kind, Callable[[Evidence, str], Case]] = {
    "application": application_case,
    "connector": connector_case,
    "group": group_case,
}


def newest_evidence(store: Store, tenant_id: str | None) -> Evidence:
    """Return what the newest stored scan of a tenant saw.

    Raises:
        SettingsError: No scan is stored, or several tenants are and none is named.
        EvidenceError: It is damaged, of a newer version, or not there.
        StorageError: Storage refused.
    """
    state = stored_state(store, tenant_id)
    scan_id = state.scans[-1].id
    stored = stored_evidence(store, state.tenant.id, scan_id)
    if stored is None:
        raise EvidenceError(
            f"Scan {scan_id} of tenant {state.tenant.id} is remembered and its evidence is not there: scan again, or "
            "use --live."
        )
    return stored.evidence


async def live_evidence(scan: Scan) -> Evidence:
    """Return what a tenant looks like now, with what is remembered of it. Nothing is stored.

    Raises:
        NothingReadError: Not one section could be read.
    """
    seen = await collect(scan.graph, scan.tenant_id, scan.now, progress=scan.progress)
    if not any(section.status == "read" for section in seen.sections):
        first = next(section for section in seen.sections if section.reason)
        raise NothingReadError(f"Nothing could be read from tenant {scan.tenant_id}: {first.reason}.")
    return Evidence(
        scan=ScanInfo(id="live"),
        snapshot=seen,
        policy=scan.policy.policy,
        releases=scan.releases,
        memory=memory_of(state_before(scan.store, scan.tenant_id)),
    )


def case_of(evidence: Evidence, kind: Kind, wanted: str) -> Case:
    """Return the case of what somebody names; what is gone from the tenant is looked for in its memory.

    Raises:
        SubjectError: There is no such thing, now or earlier, or there are several.
    """
    try:
        return _FIND[kind](evidence, wanted)
    except SubjectError:
        gone = _gone(evidence, kind, wanted)
        if gone is None:
            raise
        return gone


def _gone(evidence: Evidence, kind: Kind, wanted: str) -> Case | None:
    """Return the case of a remembered object that a complete scan no longer found; the newest of several."""
    lives: dict[Kind, Mapping[str, ConnectorRecord] | Mapping[str, ObjectRecord]] = {
        "connector": evidence.lives.connectors,
        "group": evidence.lives.groups,
        "application": evidence.lives.applications,
    }
    word = wanted.strip().casefold()
    candidates = [
        (life.last_seen, object_id, life.name)
        for object_id, life in lives[kind].items()
        if life.gone_at and word in (object_id.casefold(), life.name.strip().casefold())
    ]
    if not candidates:
        return None
    last_seen, object_id, name = max(candidates)
    return Case(evidence, kind, object_id, name, last_seen=last_seen)
