"""What every rule owes: words, an answer whatever was read, and keys and evidence that no name can change."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from policies.evaluate import evaluate
from policies.rule import MetaRule
from policies.rules import RULE_IDS, RULES
from policies.runbooks import GENERIC, OLD_NAMES
from policies.vocabulary import Outcome, Severity
from tests.making import UNREAD, blind, evidence, snapshot
from tests.policies.judging import as_bytes, short
from tests.policies.rules.tenants import backwards, doubled, renamed, troubled

if TYPE_CHECKING:
    from common.errors import SectionStatus
    from policies.rule import AnyRule, Verdict

ALL_ON = {rule.id: {"enabled": True} for rule in RULES}
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
USUALLY = {
    "GRP001": "high",
    "GRP002": "info",
    "GRP003": "medium",
    "GRP004": "info",
    "CON001": "medium",
    "VER001": "high",
    "VER002": "high",
    "VER003": "medium",
    "REG003": "high",
    "REG004": "high",
}


@cache
def trouble() -> dict[str, list[Verdict]]:
    """Return what each rule says of the troubled tenant."""
    spoken = evaluate(evidence(troubled(), policy={"rules": ALL_ON}), RULES)
    return {rule.id: [verdict for verdict in spoken if verdict.rule == rule.id] for rule in RULES}


def test_ids_are_unique() -> None:
    """No two rules share an id."""
    assert len(RULE_IDS) == len(RULES)


def test_usual_severities() -> None:
    """What does not fail is shown with the severity that a failure usually has; single failures may differ."""
    usual = {rule.id: str(rule.severity) for rule in RULES}

    assert usual | USUALLY == usual


@EVERY_RULE
def test_words(rule: AnyRule) -> None:
    """Each rule has an id of the usual form, says what it wants, why, what to do, and where to read on."""
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.id)
    assert min(map(len, (rule.title, rule.why, rule.when_empty, rule.remedy.summary))) > 10
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.remedy.summary.endswith(".")
    assert len(rule.remedy.steps) > 1
    assert all(step.endswith(".") and step[0].isupper() for step in rule.remedy.steps)
    assert rule.remedy.links
    assert all(re.fullmatch(r"https://\S+", link) for link in rule.remedy.links)
    assert not rule.when_empty.endswith(".")


@EVERY_RULE
def test_steps_can_be_shown_anywhere(rule: AnyRule) -> None:
    """A step holds no mark-up but whole pairs of backticks, in which every command stands, and no unknown word."""
    told = " ".join((rule.remedy.summary, *rule.remedy.steps))

    assert all(step.count("`") % 2 == 0 for step in rule.remedy.steps)
    assert not set(told) & set("<>{}*[]")
    assert not re.search(r"(Get|Set|Start|Register|Import)-\w", re.sub(r"`[^`]*`", "", told))
    assert _words_of(*rule.runbook.steps) <= GENERIC.keys()
    assert _words_of(rule.runbook.summary) == set()


def test_every_word_of_the_steps_is_used() -> None:
    """No word that a step may hold is left over from a step of the past."""
    assert GENERIC.keys() - OLD_NAMES.keys() <= _words_of(*(step for rule in RULES for step in rule.runbook.steps))


def _words_of(*steps: str) -> set[str]:
    return {word for step in steps for _, word, _, _ in Formatter().parse(step) if word is not None}


@EVERY_RULE
@pytest.mark.parametrize("status", UNREAD)
def test_nothing_read(rule: AnyRule, status: SectionStatus) -> None:
    """Where nothing could be read each rule says just that; late rules read nothing and have no waiver to speak of."""
    spoken = evaluate(evidence(blind(status), policy={"rules": ALL_ON}), [rule])
    expected = Outcome.NOT_APPLICABLE if isinstance(rule, MetaRule) else Outcome.NOT_ASSESSED

    assert {verdict.outcome for verdict in spoken} == {expected}


@EVERY_RULE
def test_nothing_there(rule: AnyRule) -> None:
    """In a tenant that was read in full and holds nothing each rule speaks, and none complains.

    The one thing that an empty tenant lacks, somebody who can register a connector, is not asked for here.
    """
    spoken = evaluate(evidence(snapshot(), policy={"rules": ALL_ON, "min_registrars": 0}), [rule])

    assert {verdict.outcome for verdict in spoken} <= {Outcome.PASS, Outcome.NOT_APPLICABLE}
    assert spoken != ()


def test_most_rules_fail_in_the_troubled_tenant() -> None:
    """The tests below see failures of most rules; the others need a policy, a memory or a crowd to fail."""
    failing = {rule for rule, spoken in trouble().items() if any(v.outcome is Outcome.FAIL for v in spoken)}

    assert len(failing) >= 18


@EVERY_RULE
def test_verdicts_fit_their_rule(rule: AnyRule) -> None:
    """Each verdict carries its rule's title and remedy, its key, the rule's type of subject, and a message."""
    for verdict in trouble()[rule.id]:
        assert (verdict.key, verdict.title) == (f"{rule.id}/{verdict.subject.id}", rule.title)
        assert verdict.remediation == rule.remedy
        assert verdict.subject.type in {rule.subject, "tenant"}
        assert verdict.message.strip() == verdict.message != ""


@EVERY_RULE
def test_silenced_by_policy(rule: AnyRule) -> None:
    """The policy silences one rule, and every other one speaks as before."""
    judged = evidence(troubled(), policy={"rules": ALL_ON | {rule.id: {"enabled": False}}})
    others = [verdict for each, spoken in trouble().items() if each != rule.id for verdict in spoken]

    assert as_bytes(evaluate(judged, RULES)) == as_bytes(tuple(others))


@EVERY_RULE
def test_severity_by_policy(rule: AnyRule) -> None:
    """The policy's severity is that of each failure, and changes nothing else."""
    loud = {rule.id: {"enabled": True, "severity": "critical"}}
    spoken = evaluate(evidence(troubled(), policy={"rules": ALL_ON | loud}), [rule])
    expected = [
        replace(verdict, severity=Severity.CRITICAL) if verdict.outcome is Outcome.FAIL else verdict
        for verdict in trouble()[rule.id]
    ]

    assert list(spoken) == expected


@EVERY_RULE
def test_the_same_again(rule: AnyRule) -> None:
    """The same evidence gives the same bytes, however often it is judged, in whatever order and however often told."""
    judged = evidence(troubled(), policy={"rules": ALL_ON})
    again = [evidence(change(troubled()), policy={"rules": ALL_ON}) for change in (backwards, doubled)]
    spoken = {as_bytes(evaluate(each, [rule])) for each in (judged, judged, *again)}

    assert spoken == {as_bytes(tuple(trouble()[rule.id]))}


@EVERY_RULE
def test_names_change_nothing_that_is_compared(rule: AnyRule) -> None:
    """After everything was renamed the verdicts have the same keys, outcomes and evidence: no name stands in them."""
    spoken = evaluate(evidence(renamed(troubled()), policy={"rules": ALL_ON}), [rule])
    before = trouble()[rule.id]

    assert [(v.key, short(v), v.evidence, v.volatile) for v in spoken] == [
        (v.key, short(v), v.evidence, v.volatile) for v in before
    ]
