"""One order of writing, so that a kill between any two steps loses nothing and announces nothing twice.

evidence, created once → state by compare-and-swap (scan applied, changes recorded, scan unpublished) → artefacts, each
created once, findings.json last → latest/ and views (latest_and_views.py) → state: published. Whoever comes next
finishes what is unpublished before adding its own. What is to be announced is written with the state, and delivered
later.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from common.errors import ConflictError, EvidenceError, RenderError
from common.telemetry import span
from common.version import VERSION
from connectorwatch.scanning.latest_and_views import FINDINGS, changed_state, refresh, scan_folder, state_name
from connectorwatch.scanning.set_aside import set_aside, setting_aside
from findings.build import build_document, superseded, tenant_info
from findings.reports.formats import BY_FILE
from findings.reports.json_file import parse_json
from findings.state.apply_scan import remembered
from findings.state.document import ScanMeta, State
from findings.state.outbox import with_entry
from findings.stores.change import change_document
from policies.evaluate import evaluate
from policies.evidence_file import pack, unpack
from policies.memory import Memory
from policies.registration.events import memory_after
from policies.rules import RULES

if TYPE_CHECKING:
    from findings.document import FindingsDocument
    from findings.stores.ports import Store
    from policies.evidence import Evidence
    from policies.rule import Verdict

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class StoredEvidence:
    """Evidence as it lies in storage, with the SHA-256 of the stored bytes in hex."""

    evidence: Evidence
    sha256: str


def keep_evidence(store: Store, evidence: Evidence) -> StoredEvidence:
    """Store evidence unless this scan already has some, and return what is stored: the first evidence counts."""
    content = pack(evidence)
    if store.scans.create(_evidence_name(evidence.snapshot.tenant_id, evidence.scan.id), content):
        return StoredEvidence(evidence, hashlib.sha256(content).hexdigest())
    stored = stored_evidence(store, evidence.snapshot.tenant_id, evidence.scan.id)
    return stored or StoredEvidence(evidence, hashlib.sha256(content).hexdigest())


def stored_evidence(store: Store, tenant_id: str, scan_id: str) -> StoredEvidence | None:
    """Return a scan's evidence, or None where it has none yet.

    Raises:
        EvidenceError: It is damaged or of a newer version.
    """
    name = _evidence_name(tenant_id, scan_id)
    content = store.scans.read(name)
    return None if content is None else StoredEvidence(unpack(content, name), hashlib.sha256(content).hexdigest())


def _evidence_name(tenant_id: str, scan_id: str) -> str:
    return f"{scan_folder(tenant_id, scan_id)}/evidence.json.gz"


@dataclass(frozen=True)
class Judged:
    """A scan's evidence and its verdicts."""

    evidence: Evidence
    sha256: str
    verdicts: tuple[Verdict, ...]

    @property
    def meta(self) -> ScanMeta:
        """What the state keeps of the scan."""
        return ScanMeta(
            id=self.evidence.scan.id,
            taken_at=self.evidence.snapshot.taken_at,
            trigger=self.evidence.scan.trigger,
            complete=self.evidence.snapshot.complete,
            evidence_sha256=self.sha256,
        )

    def memory_after(self, memory: Memory) -> Memory:
        """Return what is remembered after this scan.

        The rules have computed the inventory's part already, unless another scan was remembered since this one began.
        """
        inventory = self.evidence.lives if memory.inventory == self.evidence.memory.inventory else None
        return memory_after(memory, self.evidence, inventory)


@span("judge")
def judge(stored: StoredEvidence) -> Judged:
    """Return a scan's evidence with the verdicts of all rules on it."""
    return Judged(stored.evidence, stored.sha256, evaluate(stored.evidence, RULES))


def applied(state: State, judged: Judged, *, every: bool = False) -> State:
    """Return the state after a scan, with what is to be announced; the very same one where the scan changes nothing."""
    after = remembered(state, judged.meta, judged.evidence, judged.verdicts)
    if after is state:
        return state
    memory = judged.memory_after(state.memory)
    moved = sum(change.at == judged.meta.taken_at for change in memory.inventory.changes)
    return with_entry(after, judged.verdicts, moved, every=every).model_copy(update={"memory": memory})


def publish(store: Store, stored: StoredEvidence, *, every: bool = False) -> FindingsDocument:
    """Remember a scan whose evidence is stored, write its reports, and return its result.

    May be called any number of times for one scan, by any number of processes: it is remembered once.

    Args:
        store: Where everything is kept.
        stored: The scan's evidence.
        every: Whether the scan is announced even without changes, for a log that records every scan.

    Raises:
        StorageError: Storage refused.
        EvidenceError: The state is damaged or of a newer version.
        RenderError: Its reports cannot be written; it is remembered and set aside.
    """
    judged, evidence = judge(stored), stored.evidence
    state = _remember(store, judged, every=every)
    tenant_id, scan_id = evidence.snapshot.tenant_id, evidence.scan.id
    written = store.scans.read(f"{scan_folder(tenant_id, scan_id)}/{FINDINGS}")
    if not state.has_applied(scan_id):
        document = parse_json(written) if written else superseded(build_document(evidence, judged.verdicts, None))
        # Written again even if findings.json is there: versions that wrote it first may have died after it.
        _write_artefacts(store, document, evidence)
        return document
    finish_set_aside(store, state, newer_version=True)
    with setting_aside(store, tenant_id, scan_id):
        if written is not None and scan_id not in state.unpublished:
            # Another process may have published it meanwhile: what this one wrote into latest/ may be out of date.
            refresh(store, tenant_id)
            return parse_json(written)
        document = build_document(evidence, judged.verdicts, _lifecycles(state, scan_id))
        del judged, state  # tens of megabytes for a large tenant, and the document says what they say
        _finish(store, document, evidence)
        return document


@span("remember")
def _remember(store: Store, judged: Judged, *, every: bool) -> State:
    """Apply a scan to the tenant's state, after finishing what another process left unpublished."""
    snapshot, scan_id = judged.evidence.snapshot, judged.evidence.scan.id
    name = state_name(snapshot.tenant_id)

    def decode(content: bytes | None) -> State:
        return State.new(tenant_info(snapshot)) if content is None else State.from_bytes(content, name)

    def change(state: State) -> State:
        unpublished = [other for other in state.unpublished if other != scan_id]
        if unpublished:
            _finish_other(store, state, unpublished[0])
            raise ConflictError(f"{name} was changed: the unpublished scan {unpublished[0]} is finished.")
        return applied(state, judged, every=every)

    return change_document(store.documents, name, decode, change, advice="scan again when fewer scans run")


def _finish_other(store: Store, state: State, scan_id: str) -> bool:
    """Write the reports of a scan whose process ended before it wrote them; return False where it is set aside."""
    log.info("finishing a scan without reports", scan=scan_id)
    try:
        stored = _evidence_of(store, state.tenant.id, scan_id)
        with setting_aside(store, state.tenant.id, scan_id):
            document = build_document(stored.evidence, judge(stored).verdicts, _lifecycles(state, scan_id))
            _finish(store, document, stored.evidence)
    except RenderError:
        return False
    except EvidenceError as error:
        set_aside(store, state.tenant.id, scan_id, str(error))
        return False
    return True


def _evidence_of(store: Store, tenant_id: str, scan_id: str) -> StoredEvidence:
    stored = stored_evidence(store, tenant_id, scan_id)
    if stored is None:
        raise EvidenceError(f"{_evidence_name(tenant_id, scan_id)} is gone from storage; restore it.")
    return stored


def _lifecycles(state: State, scan_id: str) -> State | None:
    """Return the state where it still says what it said after a scan; None once a newer scan was applied."""
    return state if state.scans[-1].id == scan_id else None


def finish_set_aside(store: Store, state: State, *, newer_version: bool = False) -> list[str]:
    """Write the reports of scans that were set aside, and return the ids of those that still cannot be written.

    Args:
        store: Where.
        state: The tenant's state.
        newer_version: Whether only those are tried that another version of connectorwatch could not write.

    Raises:
        StorageError: Storage refused.
    """
    due = [entry.scan for entry in state.set_aside if not newer_version or entry.version != VERSION]
    return [scan_id for scan_id in due if not _finish_other(store, state, scan_id)]


@span("publish")
def _finish(store: Store, document: FindingsDocument, evidence: Evidence) -> None:
    """Write what is left to write of a remembered scan, and mark it published."""
    sha256 = _write_artefacts(store, document, evidence)
    # Kept until the mark is made: a state in use is decoded once.
    _state = refresh(store, document.tenant.id, document)
    _mark_published(store, document.tenant.id, document.scan.id, sha256)


def _write_artefacts(store: Store, document: FindingsDocument, evidence: Evidence) -> str:
    """Write a scan's reports, findings.json last: where it is, all are. Return that one's SHA-256 as it is stored."""
    folder = scan_folder(document.tenant.id, document.scan.id)
    content = b""
    for file, report in sorted(BY_FILE.items(), key=lambda item: item[0] == FINDINGS):
        content = report.render(document, evidence.snapshot)
        if not store.scans.create(f"{folder}/{file}", content) and file == FINDINGS:
            content = store.scans.read(f"{folder}/{file}") or content
    return hashlib.sha256(content).hexdigest()


def state_before(store: Store, tenant_id: str) -> State | None:
    """Return a tenant's state, None before its first scan; read before Graph is queried, so that damage fails early.

    Raises:
        EvidenceError: The state is damaged or of a newer version.
    """
    name = state_name(tenant_id)
    stored = store.documents.read(name)
    return None if stored is None else State.from_bytes(stored.content, name)


def memory_of(state: State | None) -> Memory:
    """Return what a state remembers; nothing before the first scan."""
    return Memory() if state is None else state.memory


def _mark_published(store: Store, tenant_id: str, scan_id: str, findings_sha256: str) -> None:
    def change(state: State) -> State:
        if scan_id not in state.unpublished and all(entry.scan != scan_id for entry in state.set_aside):
            return state
        unpublished = tuple(other for other in state.unpublished if other != scan_id)
        digest = {"findings_sha256": findings_sha256}
        scans = tuple(scan.model_copy(update=digest) if scan.id == scan_id else scan for scan in state.scans)
        left = tuple(entry for entry in state.set_aside if entry.scan != scan_id)
        return state.model_copy(update={"unpublished": unpublished, "scans": scans, "set_aside": left})

    changed_state(store, tenant_id, change, advice="scan again later")
