"""Let every rule speak about every subject, and turn what it could not see into `not_assessed`. Silence is no pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from common.errors import NotReadError, RuleError
from policies.policy_file.waivers import in_force_by_rule
from policies.rule import AnyRule, Judgement, MetaRule, Review, Rule, Verdict, not_applicable, not_assessed
from policies.runbook_words import words_for
from policies.vocabulary import Outcome, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policies.evidence import Evidence
    from policies.policy_file.model import Policy
    from policies.policy_file.waivers import Waiver
    from policies.rule import BaseRule

E = TypeVar("E", "Evidence", Review)


def enabled_rules(rules: Sequence[AnyRule], policy: Policy) -> tuple[AnyRule, ...]:
    """Return the rules that the policy lets speak, in their order."""
    return tuple(rule for rule in rules if policy.is_enabled(rule.id, default=rule.enabled))


def evaluate(evidence: Evidence, rules: Sequence[AnyRule]) -> tuple[Verdict, ...]:
    """Judge the evidence by every enabled rule, waive what the policy waives, and let the late rules review that.

    The same evidence gives the same verdicts in the same order, whenever and wherever it is judged.

    Raises:
        RuleError: A rule said nothing, or spoke twice about one subject: a defect of ours.
    """
    running = enabled_rules(rules, evidence.policy)
    waivers = in_force_by_rule(evidence.policy.waivers, evidence.snapshot)
    said = {
        rule.id: [_waived(verdict, waivers.get(rule.id, ())) for verdict in _speak(rule, evidence, evidence)]
        for rule in running
        if isinstance(rule, Rule)
    }
    review = Review(evidence, said)
    late = {rule.id: _speak(rule, review, evidence) for rule in running if isinstance(rule, MetaRule)}
    return tuple(verdict for rule in running for verdict in (said | late)[rule.id])


def _waived(verdict: Verdict, waivers: Sequence[Waiver]) -> Verdict:
    """Return a verdict as waived where one of these waivers covers it, however bad the failure may be."""
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    waiver = next((waiver for waiver in waivers if waiver.matches(verdict.rule, verdict.subject)), None)
    return verdict if waiver is None else verdict.model_copy(update={"outcome": Outcome.WAIVED, "waiver": waiver})


def tenant_subject(evidence: Evidence) -> Subject:
    """Return the tenant as a subject, by its name where that was read."""
    organization = evidence.snapshot.organization
    name = next((entry.display_name for entry in organization.records if entry.display_name), None)
    return Subject(type="tenant", id=evidence.snapshot.tenant_id, name=name or evidence.snapshot.tenant_id)


def _speak(rule: BaseRule[E, Any], seen: E, evidence: Evidence) -> list[Verdict]:
    """Return all that one rule says of what it looks at, sorted by subject."""
    said = [_verdict(rule, evidence, *judged) for judged in _judge_all(rule, seen, evidence)]
    if not said:
        raise RuleError(f"rule {rule.id} said nothing, which would look like a pass; report this as a defect")
    keys = {verdict.key for verdict in said}
    if len(keys) != len(said):
        raise RuleError(f"rule {rule.id} spoke twice about one subject; report this as a defect")
    return sorted(said, key=lambda verdict: verdict.key)


def _judge_all(rule: BaseRule[E, Any], seen: E, evidence: Evidence) -> Iterator[tuple[Subject, Judgement, bool]]:
    """Judge each subject that can be listed; say so, with True as the last part, where not all of them could be."""
    anybody = False
    try:
        for subject, thing in rule.subjects(seen):
            anybody = True
            yield subject, _judge(rule, seen, thing), False
    except NotReadError as error:
        yield tenant_subject(evidence), _unseen(error), True
        return
    if not anybody and rule.when_empty:
        yield tenant_subject(evidence), not_applicable(rule.when_empty), False


def _judge(rule: BaseRule[E, Any], seen: E, thing: object) -> Judgement:
    try:
        return rule.check(seen, thing)
    except NotReadError as error:
        return _unseen(error)


def _unseen(error: NotReadError) -> Judgement:
    return not_assessed(
        f"could not be judged, because {error.section} was not read: {error.reason}", section=error.section
    )


def _verdict(
    rule: BaseRule[Any, Any],
    evidence: Evidence,
    subject: Subject,
    judgement: Judgement,
    rest: bool,  # noqa: FBT001 - a flag of the verdict, passed on
) -> Verdict:
    own: Severity = judgement.severity or rule.severity
    fails = judgement.outcome is Outcome.FAIL
    override = evidence.policy.severity_of(rule.id) if fails else None
    return Verdict(
        key=f"{rule.id}/{subject.id}",
        rule=rule.id,
        title=rule.title,
        outcome=judgement.outcome,
        severity=override or own,
        subject=subject,
        message=judgement.message,
        evidence=judgement.evidence,
        volatile=judgement.volatile,
        partial=judgement.partial,
        ending=judgement.ending,
        remediation=rule.remedy,
        steps=_steps(rule, evidence, subject, judgement) if fails else (),
        speaks_for_rest=rest,
    )


def _steps(rule: BaseRule[Any, Any], evidence: Evidence, subject: Subject, judgement: Judgement) -> tuple[str, ...]:
    """Return a remedy's steps with the subject's own words in them, or nothing where that changes none."""
    filled = rule.runbook.filled(words_for(evidence, subject, judgement))
    return () if filled == rule.remedy.steps else filled
