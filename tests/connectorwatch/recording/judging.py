"""What the rules say of the demo tenant when Graph's answers are changed on the way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from inventory.collect import collect
from policies.evaluate import evaluate
from policies.evidence import Evidence, ScanInfo
from policies.memory import Memory, remember
from policies.policy_file.model import RulePolicy
from policies.policy_file.read import read_policy_file
from policies.releases.catalogue import built_in_catalogue
from policies.rules import RULE_IDS, RULES
from policies.vocabulary import Outcome
from simulator import DEMO_POLICY
from tests.connectorwatch.recording.changed import Changed, unchanged
from tests.inventory.networks import VirtualLoop, client

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.answer import Answer
    from inventory.snapshot import Snapshot
    from policies.rule import Verdict

    Change = Callable[[str, Answer], Answer]

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


def snapshot(change: Change, at: datetime = NOW) -> Snapshot:
    """Return what a scan of the changed demo tenant reads."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(collect(client(Changed(change)), "5f6c3a1e-0d55-4c53-9a52-1f0a2f7c9d10", lambda: at))


def judged(seen: Snapshot, memory: Memory) -> Evidence:
    """Return the evidence with which every rule judges, also those that are off by default."""
    policy = read_policy_file(DEMO_POLICY, RULE_IDS).for_tenant(seen.tenant_id).policy
    rules = {rule.id: policy.rules.get(rule.id, RulePolicy()).model_copy(update={"enabled": True}) for rule in RULES}
    return Evidence(
        scan=ScanInfo(id="20261120T060000Z-00000000"),
        snapshot=seen,
        policy=policy.model_copy(update={"rules": rules}),
        releases=built_in_catalogue(),
        memory=memory,
    )


@cache
def _yesterday() -> Memory:
    before = judged(snapshot(unchanged, NOW - timedelta(days=1)), Memory())
    return remember(Memory(), before.snapshot, before.holders_or_why)


@cache
def verdicts(change: Change) -> tuple[tuple[Verdict, ...], ...]:
    """Return what all rules say of the changed demo tenant at a first scan, and at one a day after another."""
    seen = snapshot(change)
    return tuple(evaluate(judged(seen, memory), RULES) for memory in (Memory(), _yesterday()))


def passes(change: Change) -> list[set[str]]:
    """Return the keys of the verdicts that pass, for each of the two scans."""
    return [{said.key for said in scan if said.outcome is Outcome.PASS} for scan in verdicts(change)]


def not_assessed(change: Change) -> set[str]:
    """Return the rules that could not judge something."""
    return {said.rule for scan in verdicts(change) for said in scan if said.outcome is Outcome.NOT_ASSESSED}
