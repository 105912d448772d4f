"""Remember a scan whole: what its verdicts do to the findings, what of that the policy did, and the scan in numbers.

Pure. A change is the policy's where the policy that judged last, asked about the very same evidence, would not have
made it. Where that policy is not known, nothing is said about causes; nor is it where a finding could not be looked at
on the day of the new policy, and moves on a later one: rather no cause than one that may be wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.state.lifecycle import apply
from findings.state.trend import point, with_point
from policies.evaluate import enabled_rules, evaluate
from policies.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findings.state.document import ScanMeta, State
    from findings.state.record import FindingState
    from policies.evidence import Evidence
    from policies.policy_file.model import Policy
    from policies.rule import AnyRule, Verdict


def remembered(
    state: State,
    scan: ScanMeta,
    evidence: Evidence,
    verdicts: Sequence[Verdict],
    rules: Sequence[AnyRule] = RULES,
) -> State:
    """Return the state after a scan; the very same state if the scan was applied already or is superseded.

    Args:
        state: What was remembered before; left untouched.
        scan: Which scan it is.
        evidence: What it saw.
        verdicts: The verdicts on it under its own policy.
        rules: All rules there are, whether the policy lets them speak or not.

    Raises:
        RuleError: A verdict cannot be stored: a defect of the product.
    """
    after = _applied(state, scan, evidence, verdicts, rules)
    if after is state:
        return state
    before = _with_answers_of(state.judged_by(), evidence.policy)
    if before is not None and before != evidence.policy:
        by_old = evidence.model_copy(update={"policy": before})
        after = caused(after, _applied(state, scan, by_old, evaluate(by_old, rules), rules), scan.id)
    return after.model_copy(
        update={
            "policy": evidence.policy.model_dump(mode="json", by_alias=True),
            "trend": with_point(state.trend, point(evidence, verdicts)),
        }
    )


def _with_answers_of(before: Policy | None, policy: Policy) -> Policy | None:
    """Return an earlier policy with the answers of this one: an answer is about the tenant, and no policy's change."""
    return None if before is None else before.model_copy(update={"answers": policy.answers})


def _applied(
    state: State, scan: ScanMeta, evidence: Evidence, verdicts: Sequence[Verdict], rules: Sequence[AnyRule]
) -> State:
    return apply(state, scan, verdicts, frozenset(rule.id for rule in enabled_rules(rules, evidence.policy)))


def caused(after: State, otherwise: State, scan_id: str) -> State:
    """Return the state with cause `policy` on every change that only the new policy made.

    Args:
        after: The state after the scan, judged by its own policy.
        otherwise: The state after the same scan, judged by the policy before.
        scan_id: The scan.
    """
    findings = {
        key: _by_policy(record)
        if record.change_scan == scan_id and _made(record, scan_id) != _made(otherwise.findings.get(key), scan_id)
        else record
        for key, record in after.findings.items()
    }
    return after.model_copy(update={"findings": findings})


def _made(record: FindingState | None, scan_id: str) -> tuple[object, ...] | None:
    """Return which change a scan made to a finding: only its kind and, of a resolved one, by what."""
    if record is None or record.change_scan != scan_id:
        return None
    return record.change, record.resolved_by


def _by_policy(record: FindingState) -> FindingState:
    """Return a finding whose newest change only the policy made; one that it ended is no longer asked about."""
    update: dict[str, object] = {"cause": "policy"}
    if record.change == "resolved" and record.ending != "answered":
        update["ending"] = "not_asked"
    event = record.events[-1].model_copy(update=update)
    return record.model_copy(update={**update, "events": (*record.events[:-1], event)})
