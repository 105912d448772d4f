"""Scans of one tenant over months, remembered as the service does: events, their memory and their findings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from findings.document import TenantInfo
from findings.state.apply_scan import remembered
from findings.state.document import ScanMeta, State
from policies.evaluate import evaluate
from policies.registration.events import memory_after
from policies.rules import RULES
from tests.making import NOW, TENANT, evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.snapshot import Snapshot

EVENTS = tuple(rule for rule in RULES if rule.kind == "event")


def new_state() -> State:
    """Return the state of a tenant that was never scanned."""
    return State.new(TenantInfo(id=TENANT, name="Contoso"))


def scanned(state: State, seen: Snapshot, day: float, policy: Mapping[str, Any] | None = None) -> State:
    """Return the state after a scan on a day, judged by the rules about events; it is stored and read back."""
    at = NOW + timedelta(days=day)
    judged = evidence(
        seen.model_copy(update={"taken_at": at}), policy=policy, memory=state.memory, scan_id=f"scan-{day}"
    )
    meta = ScanMeta(id=f"scan-{day}", taken_at=at, trigger="schedule", complete=True, evidence_sha256="")
    after = remembered(state, meta, judged, evaluate(judged, EVENTS), EVENTS)
    after = after.model_copy(update={"memory": memory_after(state.memory, judged)})
    return State.from_bytes(after.to_bytes())


def lives(state: State) -> dict[str, str]:
    """Return each finding's state and, of a resolved one, why it ended."""
    return {key: f"{record.state} {record.ending or ''}".strip() for key, record in state.findings.items()}
