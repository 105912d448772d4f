"""The engine: every rule speaks about every subject, what was not read is not assessed, and silence is a defect."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from common.errors import NotReadError, RuleError
from inventory.models import Organization
from policies.evaluate import enabled_rules, evaluate, tenant_subject
from policies.rule import Judgement, Rule, Verdict, failed, not_applicable, not_assessed, passed
from policies.runbooks import Runbook
from policies.vocabulary import Outcome, Remediation, Severity, Subject
from tests.making import TENANT, evidence, snapshot, unread
from tests.policies.judging import short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policies.evidence import Evidence
    from policies.rule import AnyRule, Fact

CUT = "!"
"""In a list of subjects: from here on, nothing could be read."""
WORDS = {
    "p": passed("fine", seen=["a"]),
    "f": failed(Severity.HIGH, "bad", count=1).with_volatile(days=3),
    "n": not_applicable("no"),
    "u": not_assessed("hidden"),
    "i": failed(Severity.INFO, "odd"),
}


def listing(names: str) -> Iterator[tuple[Subject, str]]:
    """List subjects, named by letters, until the list cannot be read any further."""
    for name in names:
        if name == CUT:
            raise NotReadError("connectors", "Graph said no")
        yield Subject(type="connector", id=name, name=name.upper()), name


def saying(name: str) -> Judgement:
    """Judge a subject by its letter: see WORDS; of any other, something needed was not read."""
    if name not in WORDS:
        raise NotReadError("groups", "Graph asked us to wait")
    return WORDS[name]


def rule(names: str, rule_id: str = "CON001", *, enabled: bool = True) -> AnyRule:
    """Return a rule about subjects named by letters."""
    return Rule(
        id=rule_id,
        title="A title",
        subject="connector",
        severity=Severity.MEDIUM,
        why="because",
        runbook=Runbook(summary="Mend it."),
        subjects=lambda _: listing(names),
        check=lambda _, name: saying(name),
        when_empty="there is nobody",
        controls=(),
        enabled=enabled,
    )


def told(rule_: AnyRule, policy: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return what a rule says, in words, by subject."""
    return {verdict.subject.id: short(verdict) for verdict in evaluate(evidence(policy=policy), [rule_])}


def test_each_subject_gets_a_verdict() -> None:
    """Each subject that a rule lists is judged, in the order of their ids."""
    assert list(told(rule("upfn")).items()) == [
        ("f", "fail high"),
        ("n", "not_applicable"),
        ("p", "pass"),
        ("u", "not_assessed"),
    ]


def test_verdict_in_full() -> None:
    """A verdict holds the rule's words, the judgement's facts, and a key of rule and subject id."""
    one = rule("f")
    (verdict,) = evaluate(evidence(), [one])

    assert verdict == Verdict(
        key="CON001/f",
        rule="CON001",
        title="A title",
        outcome=Outcome.FAIL,
        severity=Severity.HIGH,
        subject=Subject(type="connector", id="f", name="F"),
        message="bad",
        evidence={"count": 1},
        volatile={"days": 3},
        remediation=Remediation(summary="Mend it."),
    )


def test_verdicts_come_in_the_order_of_the_rules() -> None:
    """The rules speak in the order in which they are given."""
    spoken = evaluate(evidence(), [rule("pf", "VER001"), rule("p", "CON001")])

    assert [verdict.key for verdict in spoken] == ["VER001/f", "VER001/p", "CON001/p"]


def test_subject_that_could_not_be_judged() -> None:
    """A subject of which something needed was not read is not assessed, with the section and the reason."""
    (first, second) = evaluate(evidence(), [rule("p?")])

    assert (short(first), first.speaks_for_rest, first.evidence) == ("not_assessed", False, {"section": "groups"})
    assert first.message == "could not be judged, because groups was not read: Graph asked us to wait"
    assert short(second) == "pass"


def test_list_that_breaks_off_keeps_what_was_judged() -> None:
    """What was listed before a list broke off is judged, and the rule says of the tenant that there may be more."""
    spoken = evaluate(evidence(), [rule(f"fp{CUT}f")])
    (rest,) = (verdict for verdict in spoken if verdict.speaks_for_rest)

    assert {verdict.key: short(verdict) for verdict in spoken} == {
        "CON001/f": "fail high",
        "CON001/p": "pass",
        f"CON001/{TENANT}": "not_assessed",
    }
    assert (rest.subject.name, rest.evidence) == ("Contoso", {"section": "connectors"})


def test_list_that_cannot_be_read_at_all() -> None:
    """Where nothing could be listed the rule says so, and does not say that there is nobody."""
    assert told(rule(CUT)) == {TENANT: "not_assessed"}


def test_nobody_to_judge() -> None:
    """A rule without subjects says of the tenant why it does not apply."""
    (verdict,) = evaluate(evidence(), [rule("")])

    assert (verdict.subject.id, short(verdict), verdict.message, verdict.speaks_for_rest) == (
        TENANT,
        "not_applicable",
        "there is nobody",
        False,
    )


def test_silence_is_a_defect() -> None:
    """A rule that lists nobody and has no word for that would look like a pass, so it is refused with its id."""
    with pytest.raises(RuleError, match="rule CON001 said nothing"):
        evaluate(evidence(), [replace(rule(""), when_empty="")])


def test_a_rule_that_breaks_is_named() -> None:
    """A defect of a rule is a sentence with the rule's id and the place, not a traceback."""

    def breaks(_: object, __: Any) -> Judgement:  # noqa: ANN401 - whatever a rule judges
        raise TypeError("can't compare Contoso's dates")

    with pytest.raises(RuleError, match=r"rule CON001 failed \(TypeError at policies/evaluate\.py:\d+\)") as caught:
        evaluate(evidence(), [replace(rule("f"), check=breaks)])
    assert "Contoso" not in str(caught.value)


def test_speaking_twice_about_one_subject_is_a_defect() -> None:
    """Two verdicts about one subject would overwrite each other, so they are refused with the rule's id."""
    with pytest.raises(RuleError, match="rule CON001 spoke twice about one subject"):
        evaluate(evidence(), [rule("ff")])


def test_two_rules_may_speak_about_one_subject() -> None:
    """The same subject under two rules is two findings."""
    assert len(evaluate(evidence(), [rule("f", "CON001"), rule("f", "CON004")])) == 2


@pytest.mark.parametrize(
    ("said", "default", "runs"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"enabled": True}, False, True),
        ({"enabled": False}, True, False),
        ({"severity": "low"}, False, False),
    ],
)
def test_policy_switches_rules(said: dict[str, object], default: bool, runs: bool) -> None:  # noqa: FBT001 - the table's answers
    """The policy turns rules on and off; where it is silent the rule's own word counts."""
    one, judged = rule("f", enabled=default), evidence(policy={"rules": {"CON001": said}})

    assert bool(enabled_rules([one], judged.policy)) is runs
    assert bool(evaluate(judged, [one])) is runs


def test_policy_sets_the_severity_of_failures() -> None:
    """The policy's severity takes the place of each failure's own, and says nothing of what does not fail."""
    policy = {"rules": {"CON001": {"severity": "critical"}}}
    spoken = {verdict.subject.id: verdict.severity for verdict in evaluate(evidence(policy=policy), [rule("fipnu?")])}

    assert spoken == {
        "f": "critical",
        "i": "critical",
        "p": "medium",
        "n": "medium",
        "u": "medium",
        "?": "medium",
    }


def test_judgement_without_a_severity_takes_the_rules_own() -> None:
    """A failure that names no severity has the rule's usual one."""
    plain = replace(rule("x"), check=lambda _evidence, _name: Judgement(Outcome.FAIL, "bad"))

    assert told(plain) == {"x": "fail medium"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["Contoso"], "Contoso"), ([None, "Contoso"], "Contoso"), ([""], TENANT), ([], TENANT), (None, TENANT)],
)
def test_tenant_as_a_subject(names: list[str | None] | None, expected: str) -> None:
    """The tenant is called by its name where one was read, and by its id elsewhere."""
    read = None if names is None else [Organization(id=TENANT, display_name=name) for name in names]
    judged: Evidence = evidence(snapshot(organization=unread() if read is None else read))

    assert tenant_subject(judged) == Subject(type="tenant", id=TENANT, name=expected)


def test_lists_in_evidence_are_stored_as_lists_and_text_as_text() -> None:
    """Evidence becomes plain JSON, and a text is not taken apart into its letters."""
    facts: dict[str, Fact] = {"text": "abc", "number": 1, "truth": True, "nothing": None, "ids": ("a", "b"), "none": ()}

    assert passed("fine", **facts).evidence == {
        "text": "abc",
        "number": 1,
        "truth": True,
        "nothing": None,
        "ids": ["a", "b"],
        "none": [],
    }


def test_severities_rank_from_the_worst() -> None:
    """Severities are ordered from critical to info."""
    assert sorted(Severity, key=lambda severity: severity.rank) == ["critical", "high", "medium", "low", "info"]


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        (rule("f"), "severity"),
        (WORDS["f"], "outcome"),
        (evaluate(evidence(), [rule("f")])[0], "outcome"),
        (Subject(type="group", id="a", name="A"), "id"),
        (Remediation(summary="Mend it."), "summary"),
    ],
    ids=["rule", "judgement", "verdict", "subject", "remediation"],
)
def test_what_was_said_stays_said(thing: object, field: str) -> None:
    """Rules and what they say are frozen, so that no rule and no report can change them for the next."""
    with pytest.raises((FrozenInstanceError, ValidationError)):
        setattr(thing, field, None)
