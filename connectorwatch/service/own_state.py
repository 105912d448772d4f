"""The service's own state: findings SVC* in a document of its own, with the usual lifecycle."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from pydantic import Field

from common.moments import Moment
from findings.document import TenantInfo
from findings.state.document import ScanMeta, State
from findings.state.lifecycle import apply
from findings.state.outbox import with_entry
from findings.stores.change import change_document
from policies.frameworks import controls
from policies.rule import Verdict
from policies.vocabulary import Outcome, Remediation, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pydantic import JsonValue

    from findings.state.announcements import OutboxEntry
    from findings.stores.ports import Store
    from policies.frameworks import Control

FLEET = "_fleet"
NAME = f"{FLEET}/state.json"
_LONGEST_PAUSE = 0.5


class FleetState(State):
    """`_fleet/state.json`: the state of the service itself.

    Attributes:
        configured: When each tenant was first seen in the list, which is what a never scanned one is measured by.
        refused: When storage last refused to delete a tenant's old scans; see `retention`.
    """

    configured: dict[str, Moment] = Field(default_factory=dict)
    refused: dict[str, Moment] = Field(default_factory=dict)


@dataclass(frozen=True)
class ServiceRule:
    """A rule about the service itself: its words. The use case that checks passes in the verdict."""

    id: str
    title: str
    why: str
    severity: Severity
    remedy: Remediation
    controls: tuple[Control, ...]

    def verdict(self, outcome: Outcome, subject: Subject, message: str, **evidence: JsonValue) -> Verdict:
        """Return the rule's verdict on a subject."""
        return Verdict(
            key=f"{self.id}/{subject.id}",
            rule=self.id,
            title=self.title,
            outcome=outcome,
            severity=self.severity,
            subject=subject,
            message=message,
            evidence=dict(evidence),
            volatile={},
            remediation=self.remedy,
        )


_MONITORING = controls(nist="SI-4", iso="A.8.16", cis="8.11")

SCAN_FAILED = ServiceRule(
    id="SVC001",
    title="Scan failed",
    why="While a tenant's scans fail, nothing that goes wrong in it is noticed.",
    severity=Severity.HIGH,
    remedy=Remediation(
        summary="Read why the scan failed, mend it, and ask for a scan.",
        steps=(
            "Read the reason in this finding, or the log lines with this scan's id.",
            "Mend it; docs/operations.md says what each failure looks like.",
            "Ask for a new scan; the finding resolves with the first scan that is stored.",
        ),
    ),
    controls=_MONITORING,
)
NOT_SCANNED = ServiceRule(
    id="SVC002",
    title="Not scanned",
    why="What was last seen of the tenant is old: what has gone wrong since is not known.",
    severity=Severity.HIGH,
    remedy=Remediation(
        summary="Find out why no scan of the tenant is stored.",
        steps=(
            "See whether scan requests wait in the queue scan-requests, and whether scan_tenant runs.",
            "See whether schedule_scans ran, and whether SCAN_SCHEDULE is right.",
            "Ask for a scan of the tenant, and look at what it says.",
        ),
    ),
    controls=_MONITORING,
)
NOT_DELIVERED = ServiceRule(
    id="SVC003",
    title="Notification not delivered",
    why="Whoever relies on this route is not told what happens.",
    severity=Severity.MEDIUM,
    remedy=Remediation(
        summary="Mend the route, and send a test over it.",
        steps=(
            "Read the reason in this finding; docs/operations.md says what each one means.",
            "See whether a Teams Workflow is on, its owner still works here, and its address is the one that is set.",
            "Send a test with `connectorwatch notify --test`; the finding resolves with the next delivery.",
        ),
    ),
    controls=_MONITORING,
)
NOT_RENDERED = ServiceRule(
    id="SVC005",
    title="Report not written",
    why="The scan is remembered and announced, but its reports, which show what fails and why, do not exist.",
    severity=Severity.HIGH,
    controls=_MONITORING,
    remedy=Remediation(
        summary="Update connectorwatch, or restore the evidence; then rebuild.",
        steps=(
            "Read the reason in this finding: the kind of error and its place in the code, or the damaged file.",
            "Update connectorwatch if a newer version exists; its next scan of the tenant writes the reports.",
            "Restore the evidence where it is named as damaged, and run `connectorwatch rebuild --tenant ID`.",
            "Report a defect with the reason if it stays.",
        ),
    ),
)
ABOUT_TENANTS = frozenset({SCAN_FAILED.id, NOT_SCANNED.id, NOT_RENDERED.id})
RULES = ABOUT_TENANTS | {NOT_DELIVERED.id}


def tenant_subject(tenant_id: str, name: str | None = None) -> Subject:
    """Return a tenant as what a finding is about."""
    return Subject(type="tenant", id=tenant_id, name=name or tenant_id)


def read_fleet(store: Store) -> FleetState:
    """Return what the service remembers about itself.

    Raises:
        EvidenceError: The document is damaged or of a newer version.
    """
    stored = store.documents.read(NAME)
    return _decoded(stored.content if stored else None)


def change_fleet(
    store: Store, change: Callable[[FleetState], FleetState], pause: Callable[[float], None] = time.sleep
) -> FleetState:
    """Change what the service remembers about itself, by compare-and-swap, and return it.

    Args:
        store: Where it is kept.
        change: Returns the new state, or the very same one if there is nothing to write. May be called several times.
        pause: Waits for some seconds, after another writer was faster.

    Raises:
        EvidenceError: The document is damaged or of a newer version.
        StorageError: Storage refused, or other writers won each time.
    """

    def jitter(attempt: int) -> None:
        # Many scans may fail at the same moment, and all of them are recorded here.
        pause(random.uniform(0, min(_LONGEST_PAUSE, 0.01 * 2**attempt)))  # noqa: S311 - not for secrecy

    return change_document(store.documents, NAME, _decoded, change, advice="it is tried again later", pause=jitter)


def with_verdicts(
    state: FleetState, event: str, now: datetime, verdicts: Sequence[Verdict], gone: Collection[str] = ()
) -> FleetState:
    """Return the state after something was noticed about some tenants; all other findings stay as they are.

    Args:
        state: What was remembered before.
        event: The id of what was noticed. Told twice it is noticed once.
        now: When it was noticed.
        verdicts: What is known of which tenant.
        gone: Keys of findings whose tenant is no longer watched: they resolve.
    """
    concerned = {verdict.key for verdict in verdicts} | set(gone)
    part = state.model_copy(
        update={"findings": {key: finding for key, finding in state.findings.items() if key in concerned}}
    )
    # Two instances have two clocks. What comes second is told as second, or it would count as overtaken.
    latest = max((scan.taken_at + timedelta(microseconds=1) for scan in state.scans[-1:]), default=now)
    meta = ScanMeta(id=event, taken_at=max(now, latest), trigger="service", complete=True, evidence_sha256="")
    after = apply(part, meta, verdicts, RULES)
    if after is part:
        return state
    # apply() copies what it is given, so this is a FleetState still.
    after = cast("FleetState", after).model_copy(
        update={"findings": state.findings | after.findings, "unpublished": ()}
    )
    announced = cast("FleetState", with_entry(after, verdicts))
    # The service has no first scan, before which nothing was known: each of its findings is announced.
    outbox = tuple(entry.model_copy(update={"first": False}) for entry in announced.outbox)
    return announced.model_copy(update={"outbox": outbox})


def forget_tenant(store: Store, tenant_id: str) -> None:
    """Remove all that the service remembers about a tenant."""

    def change(state: FleetState) -> FleetState:
        announced = tuple(
            announced_id for announced_id in state.announcement_memory.announced if tenant_id not in announced_id
        )
        return state.model_copy(
            update={
                "revision": state.revision + 1,
                "findings": {
                    key: finding for key, finding in state.findings.items() if finding.subject.id != tenant_id
                },
                "configured": _other_than(tenant_id, state.configured),
                "refused": _other_than(tenant_id, state.refused),
                "scans": tuple(scan for scan in state.scans if tenant_id not in scan.id),
                "outbox": tuple(_without(entry, tenant_id) for entry in state.outbox if tenant_id not in entry.id),
                "announcement_memory": state.announcement_memory.model_copy(update={"announced": announced}),
            }
        )

    if store.documents.read(NAME) is not None:
        change_fleet(store, change)


def _other_than(tenant_id: str, moments: Mapping[str, datetime]) -> dict[str, datetime]:
    return {key: moment for key, moment in moments.items() if key != tenant_id}


def _without(entry: OutboxEntry, tenant_id: str) -> OutboxEntry:
    """Return an outbox entry without its changes of a tenant."""
    changes = tuple(change for change in entry.changes if not change.key.endswith(f"/{tenant_id}"))
    return entry.model_copy(update={"changes": changes})


def _decoded(content: bytes | None) -> FleetState:
    if content is None:
        return FleetState.new(TenantInfo(id=FLEET, name="The service"))
    return FleetState.from_bytes(content, NAME)
