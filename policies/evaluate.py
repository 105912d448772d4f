"""Evaluate rules on evidence: one verdict per subject, `not_assessed` where data was not read, never no verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from common.defects import DEFECTS, place_of
from common.errors import NotReadError, RuleError
from inventory.records import UnreadableRecord
from policies.policy_file.waivers import in_force_by_rule
from policies.rule import AnyRule, Judgement, MetaRule, Review, Rule, Verdict, not_applicable, not_assessed
from policies.runbook_words import words_for
from policies.runbooks import day
from policies.vocabulary import Outcome, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policies.evidence import Evidence
    from policies.policy_file.answers import Answer
    from policies.policy_file.model import Policy
    from policies.policy_file.waivers import Waiver
    from policies.rule import BaseRule

E = TypeVar("E", "Evidence", Review)


def enabled_rules(rules: Sequence[AnyRule], policy: Policy) -> tuple[AnyRule, ...]:
    """Return the rules that the policy enables, in their order."""
    return tuple(rule for rule in rules if policy.is_enabled(rule.id, default=rule.enabled))


def evaluate(evidence: Evidence, rules: Sequence[AnyRule]) -> tuple[Verdict, ...]:
    """Evaluate all enabled rules, apply answers and waivers, then evaluate the meta rules on those verdicts.

    The same evidence always gives the same verdicts in the same order.

    Raises:
        RuleError: A rule gave no verdict, or two for one subject: a defect in the rule.
    """
    running = enabled_rules(rules, evidence.policy)
    waivers = in_force_by_rule(evidence.policy.waivers, evidence.snapshot)
    verdicts = {
        rule.id: [_waived(verdict, waivers.get(rule.id, ())) for verdict in _verdicts_of(rule, evidence, evidence)]
        for rule in running
        if isinstance(rule, Rule)
    }
    review = Review(evidence, verdicts)
    meta_verdicts = {rule.id: _verdicts_of(rule, review, evidence) for rule in running if isinstance(rule, MetaRule)}
    return tuple(verdict for rule in running for verdict in (verdicts | meta_verdicts)[rule.id])


def _waived(verdict: Verdict, waivers: Sequence[Waiver]) -> Verdict:
    """Return a failure as waived if one of these waivers covers it; all other verdicts as they are.

    What somebody confirmed as wrong is not waived.
    """
    if verdict.outcome is not Outcome.FAIL or (verdict.answers and verdict.answers[-1].verdict == "wrong"):
        return verdict
    waiver = next((waiver for waiver in waivers if waiver.matches(verdict.rule, verdict.subject)), None)
    return verdict if waiver is None else replace(verdict, outcome=Outcome.WAIVED, waiver=waiver)


def tenant_subject(evidence: Evidence) -> Subject:
    """Return the tenant as a subject, by its name where that was read."""
    organization = evidence.snapshot.organization
    name = next((entry.display_name for entry in organization.records if entry.display_name), None)
    return Subject(type="tenant", id=evidence.snapshot.tenant_id, name=name or evidence.snapshot.tenant_id)


def _verdicts_of(rule: BaseRule[E, Any], seen: E, evidence: Evidence) -> list[Verdict]:
    """Return the verdicts of one rule, sorted by key."""
    try:
        verdicts = [_verdict(rule, evidence, *judged) for judged in _judge_all(rule, seen, evidence)]
    except DEFECTS as error:
        raise RuleError(f"rule {rule.id} failed ({place_of(error)}); report this as a defect") from error
    if not verdicts:
        raise RuleError(f"rule {rule.id} said nothing, which would look like a pass; report this as a defect")
    keys = {verdict.key for verdict in verdicts}
    if len(keys) != len(verdicts):
        raise RuleError(f"rule {rule.id} spoke twice about one subject; report this as a defect")
    return sorted(verdicts, key=lambda verdict: verdict.key)


def _judge_all(rule: BaseRule[E, Any], seen: E, evidence: Evidence) -> Iterator[tuple[Subject, Judgement, bool]]:
    """Yield each subject with its judgement, and True where the judgement stands for subjects that were not listed."""
    any_listed = False
    try:
        for subject, item in rule.subjects(seen):
            any_listed = True
            yield subject, _judge(rule, seen, item), False
    except NotReadError as error:
        yield tenant_subject(evidence), _unread(error), True
        return
    if not any_listed and rule.when_empty:
        yield tenant_subject(evidence), not_applicable(rule.when_empty), False


def _judge(rule: BaseRule[E, Any], seen: E, item: object) -> Judgement:
    if isinstance(item, UnreadableRecord):
        return not_assessed(f"could not be judged, because its record could not be read: {item.reason}")
    try:
        return rule.check(seen, item)
    except NotReadError as error:
        return _unread(error)


def _unread(error: NotReadError) -> Judgement:
    return not_assessed(
        f"could not be judged, because {error.section} was not read: {error.reason}", section=error.section
    )


def _verdict(
    rule: BaseRule[Any, Any],
    evidence: Evidence,
    subject: Subject,
    judgement: Judgement,
    for_rest: bool,  # noqa: FBT001 - stored in the verdict as it is
) -> Verdict:
    severity: Severity = judgement.severity or rule.severity
    fails = judgement.outcome is Outcome.FAIL
    override = evidence.policy.severity_of(rule.id) if fails else None
    verdict = Verdict(
        key=f"{rule.id}/{subject.id}",
        rule=rule.id,
        title=rule.title,
        outcome=judgement.outcome,
        severity=override or severity,
        subject=subject,
        message=judgement.message,
        evidence=judgement.evidence,
        volatile=judgement.volatile,
        partial=judgement.partial,
        ending=judgement.ending,
        remediation=rule.remedy,
        steps=_steps(rule, evidence, subject, judgement) if fails else (),
        speaks_for_rest=for_rest,
    )
    return _answered(verdict, judgement, evidence.answers_to(verdict.key))


def _answered(verdict: Verdict, judgement: Judgement, answers: tuple[Answer, ...]) -> Verdict:
    """Return the verdict on an event with what somebody answered to it; all other verdicts as they are.

    The newest answer counts. One that covers the event ends the finding; one that says it was wrong makes it at least
    high; after any other the event is not covered: it is newer, or its subject has acted anew.
    """
    if judgement.since is None or not answers:
        return verdict
    verdict, newest = replace(verdict, answers=answers), answers[-1]
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    if newest.covers(judgement.since, judgement.acted):
        return replace(verdict, outcome=Outcome.NOT_APPLICABLE, ending="answered", steps=())
    if newest.verdict == "wrong":
        worst = min(verdict.severity, Severity.HIGH, key=lambda severity: severity.rank)
        return replace(verdict, severity=worst)
    if judgement.acted is not None and newest.at >= judgement.since:
        anew = f"; {judgement.act} since {day(judgement.acted)}, after it was handled"
        return replace(verdict, message=verdict.message + anew)
    return verdict


def _steps(rule: BaseRule[Any, Any], evidence: Evidence, subject: Subject, judgement: Judgement) -> tuple[str, ...]:
    """Return the runbook's steps filled in for a subject, or nothing where they equal the general ones."""
    filled = rule.runbook.filled(words_for(evidence, subject, judgement))
    return () if filled == rule.remedy.steps else filled
