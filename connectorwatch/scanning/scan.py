"""The use case: scan one tenant: collect, evaluate, store state and evidence, publish reports."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from common.errors import CredentialError, NothingReadError
from common.exit_codes import exit_code
from common.ids import scan_id
from common.telemetry import span
from connectorwatch.scanning.answers import stored_answers
from connectorwatch.scanning.clocks import check_clock, frozen_by_clock
from connectorwatch.scanning.metrics import ScanWatch
from connectorwatch.scanning.publish import keep_evidence, memory_of, publish, state_before, stored_evidence
from connectorwatch.scanning.repeated import made_before
from findings.build import build_document
from inventory.collect import collect
from inventory.models import PrincipalId
from policies.evaluate import evaluate
from policies.evidence import Evidence, ScanInfo
from policies.evidence_file import unpack
from policies.policy_file.answers import Answer
from policies.rules import RULES
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.exit_codes import ExitCode
    from connectorwatch.scanning.job import Scan
    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot
    from policies.memory import Memory
    from policies.policy_file.read import LoadedPolicy
    from policies.vocabulary import Severity

log = structlog.get_logger(__name__)


@dataclass(frozen=True, repr=False)  # asyncio.run makes the repr of what it returns: megabytes for a large tenant
class Result:
    """A scan's result, its evidence, and messages about a scan id that already existed or changed nothing."""

    document: FindingsDocument
    evidence: Evidence
    repeated: tuple[str, ...] = ()

    @property
    def snapshot(self) -> Snapshot:
        """What was read from Graph."""
        return self.evidence.snapshot


def expect_many_objects() -> None:
    """Tune Python's garbage collector for a process that makes one scan, whose objects live to its end.

    With the defaults, repeated full collections grow faster than the tenant (docs/benchmarks.md).
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def run(scan: Scan) -> Result:
    """Make one scan from end to end. A scan id that already has evidence reuses it, without queries to Graph.

    Raises:
        NothingReadError: Not one section could be read; nothing was written.
        ClockError: This machine's clock is wrong by an hour or more; nothing was written.
        CredentialError: Another tenant answered; nothing was written.
        StorageError: Storage refused; what was written is whole.
        EvidenceError: The tenant's stored state is damaged or of a newer version.
    """
    run_id = scan.asked_id or scan_id(scan.now(), scan.tenant_id, scan.trigger)
    with (
        structlog.contextvars.bound_contextvars(scan=run_id, tenant=scan.tenant_id),
        ScanWatch(scan.tenant_id, run_id, scan.trigger) as watch,
    ):
        scan.store.check_writable()
        before = state_before(scan.store, scan.tenant_id)
        answers = stored_answers(scan.store, scan.tenant_id).answers
        stored = stored_evidence(scan.store, scan.tenant_id, run_id)
        repeated = made_before(scan, stored.evidence) if stored else ()
        if stored is None:
            stored = keep_evidence(scan.store, await _collect(scan, run_id, memory_of(before), answers))
        else:
            log.info("scan was made before, its evidence is used again")
        document = watch.done(publish(scan.store, stored, every=scan.every))
        if document.scan.superseded and scan.own_clock:
            repeated += frozen_by_clock(scan.store, scan.tenant_id, run_id, scan.now())
        log.info("scan stored", complete=document.scan.complete, requests=document.scan.graph.requests)
        return Result(document, stored.evidence, repeated)


async def _collect(scan: Scan, run_id: str, memory: Memory, answers: Sequence[Answer]) -> Evidence:
    named = frozenset(map(PrincipalId, scan.policy.policy.named_principals()))
    with span("read"):
        snapshot = await collect(scan.graph, scan.tenant_id, scan.now, named=named, progress=scan.progress)
    if not any(section.status == "read" for section in snapshot.sections):
        first = next(section for section in snapshot.sections if section.reason)
        raise NothingReadError(
            f"Nothing could be read from tenant {scan.tenant_id}: {first.reason}. {first.advice or ''}".strip()
        )
    _same_tenant(scan.tenant_id, snapshot)
    check_clock(scan.graph.exchange.clocks.ahead())
    return Evidence(
        scan=ScanInfo(
            id=run_id,
            trigger=scan.trigger,
            policy_source=scan.policy.source,
            policy_sha256=scan.policy.sha256,
        ),
        snapshot=snapshot,
        policy=scan.policy.policy,
        releases=scan.releases,
        memory=memory,
        answers=tuple(Answer(**answer.model_dump()) for answer in answers),
    )


def _same_tenant(tenant_id: str, snapshot: Snapshot) -> None:
    """Raise CredentialError where the tenant that answered is not the one that is set, as with an opaque token."""
    for entry in snapshot.organization.records:
        if entry.id.lower() != tenant_id.lower():
            raise CredentialError(
                f"The token opens tenant {entry.id}, and CONNECTORWATCH_TENANT_ID says {tenant_id}: "
                "sign in to that tenant, or set the id that the token opens."
            )


def judge_stored(content: bytes, name: str, policy: LoadedPolicy | None) -> Result:
    """Evaluate stored evidence again, offline: the same verdicts as its scan's, unless another policy is given.

    Overrides of that policy for the evidence's tenant apply.

    Raises:
        EvidenceError: It is damaged or of a newer version.
    """
    evidence = unpack(content, name)
    if policy is not None:
        policy = policy.for_tenant(evidence.snapshot.tenant_id)
        info = evidence.scan.model_copy(update={"policy_source": policy.source, "policy_sha256": policy.sha256})
        evidence = evidence.model_copy(update={"policy": policy.policy, "scan": info})
    return Result(build_document(evidence, evaluate(evidence, RULES), None), evidence)


def scan_exit_code(document: FindingsDocument, fail_on: Severity) -> ExitCode:
    """Return FAILING for failures of at least `fail_on`, NOT_ASSESSED for gaps, else DONE."""
    failing = document.summary.failing
    return exit_code(
        failing=any(count for severity, count in failing.items() if severity.rank <= fail_on.rank),
        all_known=document.scan.complete and not document.summary.outcomes[Outcome.NOT_ASSESSED],
    )
