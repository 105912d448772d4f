"""Waivers: which failure one covers, on which days, and what becomes of the verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from policies.evaluate import evaluate
from policies.vocabulary import Outcome, Subject
from tests.making import TENANT, evidence, snapshot
from tests.policies.policy_file.waiving import day, entry, lasting, waiver
from tests.policies.test_evaluate import WORDS, rule

GUID = "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4a"
OTHER = "5f6c3a1e-0d55-4c53-9a52-000000000000"


def told(*waivers: dict[str, object], names: str = "f", at: datetime | None = None) -> dict[str, str | None]:
    """Return which waiver covers each subject's failure; None where none does."""
    seen = snapshot() if at is None else snapshot(at=at)
    spoken = evaluate(evidence(seen, policy={"waivers": waivers}), [rule(names)])
    for verdict in spoken:
        assert (verdict.outcome is Outcome.WAIVED) is (verdict.waiver is not None)
    return {verdict.subject.id: verdict.waiver.id if verdict.waiver else None for verdict in spoken}


def test_a_failure_is_waived_and_keeps_what_it_says() -> None:
    """Outcome and waiver are all that changes: severity, evidence, message and remedy stay for whoever looks."""
    (before,) = evaluate(evidence(), [rule("f")])
    (after,) = evaluate(evidence(policy={"waivers": [entry(ticket="CHG-1")]}), [rule("f")])

    assert after == replace(before, outcome=Outcome.WAIVED, waiver=waiver(ticket="CHG-1"))


def test_only_failures_are_waived() -> None:
    """What passes, does not apply, or was not seen is not waived, whatever the waiver matches."""
    spoken = evaluate(evidence(policy={"waivers": [entry(name="*")]}), [rule("pfniu?")])

    assert {verdict.subject.id: str(verdict.outcome) for verdict in spoken} == {
        "p": "pass",
        "f": "waived",
        "n": "not_applicable",
        "i": "waived",
        "u": "not_assessed",
        "?": "not_assessed",
    }


def test_what_is_seen_by_half_is_waived_all_the_same() -> None:
    """A waiver is about a rule and a subject, however bad the failure; a night that read less does not end it."""
    half = replace(rule("f"), check=lambda _evidence, _name: WORDS["f"].when_partial(partial=True))
    (verdict,) = evaluate(evidence(policy={"waivers": [entry()]}), [half])

    assert (verdict.outcome, verdict.partial) == (Outcome.WAIVED, True)


@pytest.mark.parametrize(
    ("said", "covers"),
    [
        ({}, True),
        ({"rule": "CON002"}, False),
        ({"subject": "g"}, False),
        ({"subject": "F"}, False),
        ({"tenant": TENANT}, True),
        ({"tenant": TENANT.upper()}, True),
        ({"tenant": OTHER}, False),
        (lasting(0, 0), True),
        (lasting(-1, 0), True),
        (lasting(0, 1), True),
        (lasting(1, 2), False),
        (lasting(-2, -1), False),
        (lasting(-100, 266), True),
        (lasting(-100, 267), False),
        ({"until": None}, False),
        ({"reason": None}, False),
        ({"reason": " \t"}, False),
        ({"owner": None}, False),
        ({"owner": ""}, False),
        ({"ticket": None}, True),
    ],
)
def test_what_a_waiver_covers(said: dict[str, object], covers: bool) -> None:  # noqa: FBT001 - the table's answers
    """A waiver covers its rule's failure of its subject on its days in its tenant, unless it is void."""
    assert told(entry(**said)) == {"f": "w1" if covers else None}


@pytest.mark.parametrize(
    ("hours", "zone", "covers"),
    [(0, 0, True), (23.99, 0, True), (24, 0, False), (-0.01, 0, False), (25, 2, True), (1, 2, False)],
)
def test_days_are_days_in_utc(hours: float, zone: int, covers: bool) -> None:  # noqa: FBT001 - the table's answers
    """The first day counts from its start and the last one to its end, in UTC wherever the clock stands."""
    midnight = datetime(2026, 11, 20, tzinfo=timezone(timedelta(hours=zone)))

    assert told(entry(**lasting(0, 0)), at=midnight + timedelta(hours=hours)) == {"f": "w1" if covers else None}


def test_ids_are_the_same_in_either_case() -> None:
    """A subject's object id is compared without case, as everywhere."""
    covers = waiver(subject=GUID.upper()).matches

    assert covers("CON001", Subject(type="group", id=GUID, name="Paris"))
    assert not covers("CON001", Subject(type="group", id=OTHER, name=GUID))


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("Paris", "paris", True),
        ("PAR*", "par01.contoso.example", True),
        ("*01", "PAR01", True),
        ("PAR??", "PAR01", True),
        ("PAR?", "PAR01", False),
        ("PAR", "PAR01", False),
        ("*", "", True),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("[ab]*", "[AB]1", True),
        ("a*b", "a\nb", True),
        ("Paris", "Paris\n", False),
        ("straße", "STRASSE", True),
    ],
)
def test_name_patterns(pattern: str, name: str, matches: bool) -> None:  # noqa: FBT001 - the table's answers
    """In a pattern `*` stands for any text and `?` for one character; everything else is itself, without case."""
    subject = Subject(type="connector", id="c1", name=name)

    assert waiver(name=pattern).matches("CON001", subject) is matches


def test_a_hostile_name_is_matched_at_once() -> None:
    """A long name that almost fits a pattern of many stars costs no time to speak of."""
    subject = Subject(type="connector", id="c1", name="a" * 20_000)

    assert not waiver(name="*a" * 30 + "*b").matches("CON001", subject)


@pytest.mark.parametrize("rule_id", ["CON003", "CON005", "REG001", "REG011"])
def test_a_name_that_strangers_choose_matches_nothing(rule_id: str) -> None:
    """Even in a policy that no file was checked for, no pattern covers a rule whose names an attacker can choose."""
    subject = Subject(type="principal", id="f", name="f")

    assert not waiver(rule=rule_id, name="f").matches(rule_id, subject)
    assert waiver(rule=rule_id, subject="f").matches(rule_id, subject)


def test_neither_subject_nor_name() -> None:
    """Without either a waiver matches nothing; with both, both have to fit."""
    subject = Subject(type="connector", id="f", name="F")

    assert not waiver(subject=None).matches("CON001", subject)
    assert waiver(name="f", subject="f").matches("CON001", subject)
    assert not waiver(name="g", subject="f").matches("CON001", subject)
    assert not waiver(name="f", subject="g").matches("CON001", subject)


def test_the_one_that_ends_last_is_told() -> None:
    """Of several waivers the one that ends last is told, and of those the first by id; their order says nothing."""
    several = [entry("b", **lasting(-1, 9)), entry("c", **lasting(-2, 9)), entry("a", **lasting(-1, 8))]

    assert told(*several) == told(*several[::-1]) == {"f": "b"}
    assert told(*several, entry("z", reason="", **lasting(-1, 20))) == {"f": "b"}


def test_severity_by_policy_is_kept() -> None:
    """The policy's severity is that of a waived failure too."""
    policy = {"waivers": [entry()], "rules": {"CON001": {"severity": "low"}}}
    (verdict,) = evaluate(evidence(policy=policy), [rule("f")])

    assert (verdict.outcome, verdict.severity) == ("waived", "low")


@pytest.mark.parametrize(
    ("said", "flaws"),
    [
        ({}, ()),
        ({"reason": None, "owner": " ", "until": None}, ("no reason", "no owner", "no end")),
        (lasting(0, 367), ("longer than 366 days",)),
        (lasting(0, 366), ()),
    ],
)
def test_what_makes_a_waiver_void(said: dict[str, object], flaws: tuple[str, ...]) -> None:
    """A waiver says itself what it lacks."""
    assert waiver(**said).flaws == flaws


def test_a_waiver_without_an_end_is_never_in_force() -> None:
    """A void waiver is in force on no day, and one that is whole from its first day to its last."""
    assert not waiver(until=None).in_force(day(0))
    assert [waiver(**lasting(0, 1)).in_force(day(number)) for number in (-1, 0, 1, 2)] == [False, True, True, False]
    assert waiver(**{"from": "2026-01-01"}).from_ == date(2026, 1, 1)
