"""Tell of tenants whose newest reports could not be written, as SVC005 in the service's own state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectorwatch.scanning.latest_and_views import state_name
from connectorwatch.service.own_state import NOT_RENDERED, change_fleet, read_fleet, tenant_subject, with_verdicts
from connectorwatch.wiring import settings_of, store_of
from findings.state.document import State
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from connectorwatch.service.own_state import FleetState
    from connectorwatch.wiring import Choices
    from findings.stores.ports import Store
    from policies.rule import Verdict


def note_reports(choices: Choices, tenant_id: str) -> bool:
    """Do the same as `note_set_aside` for a scan on the command line."""
    return note_set_aside(store_of(settings_of(choices)), tenant_id, choices.at or datetime.now(UTC))


def note_set_aside(store: Store, tenant_id: str, now: datetime) -> bool:
    """Open SVC005 for a tenant with scans that are set aside, resolve it for one without; return whether it changed.

    Raises:
        StorageError: Storage refused.
        EvidenceError: The tenant's state, or the service's own, is damaged or of a newer version.
    """
    name = state_name(tenant_id)
    stored = store.documents.read(name)
    if stored is None:
        return False
    verdict = _verdict(State.from_bytes(stored.content, name))
    if not _moves(read_fleet(store), verdict):
        return False

    def change(state: FleetState) -> FleetState:
        if not _moves(state, verdict):
            return state
        return with_verdicts(state, f"reports-{tenant_id}-{now:%Y%m%dT%H%M%S}-{state.revision}", now, [verdict])

    change_fleet(store, change)
    return True


def note_all(store: Store, tenant_id: str | None) -> None:
    """Do the same as `note_set_aside` for every tenant whose SVC005 is open, or for one that is named."""
    open_now = [
        finding.subject.id for finding in read_fleet(store).findings.values() if finding.rule == NOT_RENDERED.id
    ]
    for each in [tenant_id] if tenant_id else open_now:
        note_set_aside(store, each, datetime.now(UTC))


def _verdict(state: State) -> Verdict:
    subject = tenant_subject(state.tenant.id, state.tenant.name)
    if not state.set_aside:
        return NOT_RENDERED.verdict(Outcome.PASS, subject, "All reports are written.")
    newest = state.set_aside[-1]
    message = f"The reports of scan {newest.scan} could not be written: {newest.why}"
    return NOT_RENDERED.verdict(Outcome.FAIL, subject, message, scan=newest.scan, reason=newest.why)


def _moves(state: FleetState, verdict: Verdict) -> bool:
    """Return whether a verdict would open, change or resolve the finding."""
    finding = state.findings.get(verdict.key)
    is_open = finding is not None and finding.state == "open"
    if verdict.outcome is not Outcome.FAIL:
        return is_open
    return finding is None or not is_open or finding.evidence != verdict.evidence
