"""POL001 and POL002: waivers that end, ended, are void, or waive nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from policies.evaluate import evaluate
from policies.rules.waivers import POL001, POL002
from tests.making import TENANT, evidence
from tests.policies.judging import short
from tests.policies.policy_file.waiving import day, entry, lasting
from tests.policies.test_evaluate import CUT, rule

if TYPE_CHECKING:
    from policies.rule import Verdict

OTHER = "5f6c3a1e-0d55-4c53-9a52-000000000000"
PASS, INFO, OPEN, NOT = "pass", "fail info", "not_assessed", "not_applicable"


def verdicts(rule_id: str, *waivers: dict[str, object], names: str = "fp") -> dict[str, Verdict]:
    """Return what a rule says of waivers, where CON001 says of subjects what their letters mean."""
    judged = evidence(policy={"waivers": waivers})
    spoken = evaluate(judged, [POL002, rule(names), POL001])
    return {verdict.subject.id: verdict for verdict in spoken if verdict.rule == rule_id}


def said(rule_id: str, own: dict[str, object], names: str = "fp") -> str:
    """Return what a rule says of one waiver, in words."""
    return short(verdicts(rule_id, own, names=names)["w1"])


@pytest.mark.parametrize(
    ("own", "names", "ending"),
    [
        (lasting(-10, 15), "f", PASS),
        (lasting(-10, 14), "f", INFO),
        (lasting(-10, 0), "f", INFO),
        (lasting(-10, 14), "p", INFO),
        (lasting(1, 5), "f", PASS),
        (lasting(-10, -1), "f", INFO),
        (lasting(-10, -1), "p", PASS),
        (lasting(-10, -1), "", PASS),
        (lasting(-10, -1), f"p{CUT}", OPEN),
        (lasting(-10, -1), f"f{CUT}", INFO),
        (lasting(-10, -1), "pu", OPEN),
        (lasting(-10, -1) | {"rule": "CON002"}, "f", PASS),
        (lasting(-500, -1), "p", INFO),
        ({"reason": None}, "p", INFO),
        ({"owner": None}, "f", INFO),
        ({"until": None}, "f", INFO),
        (lasting(0, 367), "f", INFO),
        ({"tenant": OTHER}, "f", NOT),
        ({"tenant": OTHER, "reason": None}, "f", NOT),
        ({"tenant": TENANT.upper()}, "f", PASS),
    ],
)
def test_ending(own: dict[str, object], names: str, ending: str) -> None:
    """A waiver is told that ends within 14 days, has ended while what it waived still fails, or is void."""
    assert said("POL001", entry(**own), names) == ending


def test_a_renewed_waiver_is_not_told_as_ended() -> None:
    """Where another waiver covers the failure, the one that ended has nothing left to say."""
    renewed = verdicts("POL001", entry("w1", **lasting(-10, -1)), entry("w2", **lasting(0, 100)))

    assert {own: short(verdict) for own, verdict in renewed.items()} == {"w1": PASS, "w2": PASS}


@pytest.mark.parametrize(
    ("own", "names", "used"),
    [
        ({}, "f", PASS),
        ({}, "p", INFO),
        ({}, "", INFO),
        ({"name": "*"}, "pn", INFO),
        ({"name": "*"}, "pi", PASS),
        ({}, "pu", OPEN),
        ({}, f"p{CUT}", OPEN),
        ({}, CUT, OPEN),
        ({}, f"f{CUT}", PASS),
        (lasting(1, 5), "p", NOT),
        (lasting(-10, -1), "p", INFO),
        (lasting(-10, -1), "f", PASS),
        ({"reason": None}, "p", INFO),
        ({"reason": None}, "f", PASS),
        ({"rule": "CON002"}, "f", NOT),
        ({"tenant": OTHER}, "p", NOT),
        ({"tenant": TENANT}, "p", INFO),
    ],
)
def test_unused(own: dict[str, object], names: str, used: str) -> None:
    """A waiver is told that matches no failure of a rule that ran and could look at all its subjects."""
    assert said("POL002", entry(**own), names) == used


def test_words_and_facts() -> None:
    """The message says what is the matter; the evidence says it in days that move by themselves only aside."""
    told = verdicts(
        "POL001",
        entry("ending", **lasting(-10, 9)),
        entry("today", **lasting(-10, 0)),
        entry("over", subject="i", **lasting(-10, -3)),
        entry("void", reason="", owner=None),
        names="fi",
    )

    assert {own: (verdict.message, verdict.evidence, verdict.volatile) for own, verdict in told.items()} == {
        "ending": (
            f"the waiver of CON001 ends on {day(9)}",
            {"waives": "CON001", "state": "ending", "until": str(day(9))},
            {"days_left": 9},
        ),
        "today": (
            f"the waiver of CON001 ends on {day(0)}",
            {"waives": "CON001", "state": "ending", "until": str(day(0))},
            {"days_left": 0},
        ),
        "over": (
            f"the waiver of CON001 ended on {day(-3)}, and what it waived still fails",
            {"waives": "CON001", "state": "ended", "until": str(day(-3)), "failing": ["i"]},
            {},
        ),
        "void": (
            "the waiver of CON001 is void and waives nothing: no reason, no owner",
            {"waives": "CON001", "state": "void", "flaws": ["no reason", "no owner"]},
            {},
        ),
    }


def test_text_of_a_waiver_is_no_evidence() -> None:
    """Another reason, owner or ticket moves nothing that is compared."""
    first = [entry("w1", **lasting(-10, 9)), entry("w2", subject="p")]
    other = [own | {"reason": "other", "owner": "other", "ticket": "other"} for own in first]
    facts = [
        {key: (short(verdict), verdict.evidence) for key, verdict in verdicts(rule_id, *waivers).items()}
        for rule_id in ("POL001", "POL002")
        for waivers in (first, other)
    ]

    assert (facts[0], facts[2]) == (facts[1], facts[3])


@pytest.mark.parametrize("own", [POL001, POL002])
def test_they_have_the_severity_and_the_switch_of_every_rule(own: object) -> None:
    """The policy sets their severity and switches them off."""
    rule_id = "POL001" if own is POL001 else "POL002"
    base = {"waivers": [entry(subject="x", **lasting(-10, 9))]}
    rules = [POL001, POL002, rule("f")]
    loud = evaluate(evidence(policy=base | {"rules": {rule_id: {"severity": "high"}}}), rules)
    silent = evaluate(evidence(policy=base | {"rules": {rule_id: {"enabled": False}}}), rules)

    assert [short(verdict) for verdict in loud if verdict.rule == rule_id] == ["fail high"]
    assert rule_id not in {verdict.rule for verdict in silent}


def test_they_are_never_waived() -> None:
    """Not even by a policy that no file was checked for."""
    own = entry("w1", "POL002", subject="w2")
    spoken = verdicts("POL002", own, entry("w2", subject="x"))

    assert short(spoken["w2"]) == INFO


def test_verdicts_keep_the_order_of_the_rules() -> None:
    """They judge last and stand where the catalogue has them; without a waiver they do not apply."""
    spoken = evaluate(evidence(), [POL002, rule("f"), replace(POL001)])

    assert [(verdict.rule, short(verdict)) for verdict in spoken] == [
        ("POL002", NOT),
        ("CON001", "fail high"),
        ("POL001", NOT),
    ]


@pytest.mark.parametrize(
    ("rule_id", "own", "message", "facts"),
    [
        (
            "POL001",
            entry(**lasting(-10, 15)),
            f"it ends on {day(15)}",
            {"waives": "CON001", "until": str(day(15))},
        ),
        (
            "POL001",
            entry(subject="p", **lasting(-10, -1)),
            f"it ended on {day(-1)}, and nothing that it waived fails",
            {"waives": "CON001", "until": str(day(-1))},
        ),
        ("POL002", entry(), "it matches a failure", {"waives": "CON001"}),
        ("POL002", entry(tenant=OTHER), "it names another tenant", {}),
    ],
)
def test_words_and_facts_of_waivers_in_order(
    rule_id: str, own: dict[str, object], message: str, facts: dict[str, object]
) -> None:
    """A waiver with which nothing is the matter is told with the rule that it waives and its last day."""
    verdict = verdicts(rule_id, own)["w1"]

    assert (verdict.message, verdict.evidence) == (message, facts)
