"""What a walk rests on: the newest stored scan, or a look that is taken now and stored nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectorwatch.diagnosis.cases import Case
from connectorwatch.diagnosis.subjects import application_case, connector_case, group_case
from connectorwatch.publish import stored_evidence
from connectorwatch.registrars import stored_scans
from inventory.collect import collect
from inventory.errors import EvidenceError, NothingReadError, SubjectError
from policies.evidence import Evidence, ScanInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectorwatch.diagnosis.cases import Kind
    from connectorwatch.scan import Scan
    from findings.stores.ports import Store

EARLIER = 40
"""How many earlier scans are searched for a connector that is gone; it may be gone for a month of daily scans."""

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
    tenant, scans = stored_scans(store, tenant_id)
    stored = stored_evidence(store, tenant, scans[-1].id)
    if stored is None:
        raise EvidenceError(
            f"Scan {scans[-1].id} of tenant {tenant} is remembered and its evidence is not there: scan again, or use "
            "--live."
        )
    return stored.evidence


async def live_evidence(scan: Scan) -> Evidence:
    """Return what a tenant looks like now. Nothing is stored.

    Raises:
        NothingReadError: Not one section could be read.
    """
    seen = await collect(scan.graph, scan.tenant_id, scan.now, progress=scan.progress)
    if not any(section.status == "read" for section in seen.sections):
        first = next(section for section in seen.sections if section.reason)
        raise NothingReadError(f"Nothing could be read from tenant {scan.tenant_id}: {first.reason}.")
    return Evidence(scan=ScanInfo(id="live"), snapshot=seen, policy=scan.policy.policy, releases=scan.releases)


def case_of(evidence: Evidence, kind: Kind, wanted: str, store: Store) -> Case:
    """Return the case of what somebody names; a connector that is gone is looked for in earlier scans.

    Raises:
        SubjectError: There is no such thing, now or earlier, or there are several.
    """
    try:
        return _FIND[kind](evidence, wanted)
    except SubjectError:
        if kind != "connector" or not evidence.snapshot.connectors.known:
            raise
        gone = next(_gone(evidence, wanted, store), None)
        if gone is None:
            raise
        return gone


def _gone(evidence: Evidence, wanted: str, store: Store) -> Iterator[Case]:
    """Yield the cases of a connector in earlier scans, the newest first."""
    ids = {one.id for one in evidence.snapshot.connectors.items}
    tenant = evidence.snapshot.tenant_id
    scans = sorted({name.split("/")[2] for name in store.scans.list(f"{tenant}/scans/")}, reverse=True)
    for scan_id in scans[:EARLIER]:
        stored = stored_evidence(store, tenant, scan_id)
        if stored is None or stored.evidence.snapshot.taken_at >= evidence.snapshot.taken_at:
            continue
        try:
            found = connector_case(stored.evidence, wanted)
        except SubjectError:
            continue
        if found.id not in ids:
            last_seen = stored.evidence.snapshot.taken_at
            yield Case(evidence, "connector", found.id, found.name, connector=found.connector, last_seen=last_seen)
