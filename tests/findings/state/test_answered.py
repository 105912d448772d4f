"""What an answer does to a finding about an event, over the scans that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.state.document import State
from policies.vocabulary import Severity
from tests.examples import examples
from tests.findings.state.answering import (
    ANN,
    CON003,
    CON005,
    EVE,
    NEW,
    REG011,
    STOPPED,
    answer,
    opened,
    policy,
    tenant,
)
from tests.findings.state.events_over_time import lives, new_state, scanned
from tests.people import grant, role
from tests.policies.registration.directory import ADMIN
from tests.policies.snapshots import on

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot

OPEN, ANSWERED, LEFT, NOT_ASKED = "open", "resolved answered", "resolved left_scope", "resolved not_asked"
CUSTOM = role("Connector Registrar")


def after(said: dict[str, Any], *looks: tuple[float, Snapshot]) -> State:
    """Return the state after the tenant's first three scans and these, judged by a policy with answers."""
    state = opened()
    for day, seen in looks:
        state = scanned(state, seen, day, said)
    return state


@pytest.mark.parametrize("key", [CON003, CON005, REG011])
@pytest.mark.parametrize(("verdict", "life"), [("expected", ANSWERED), ("handled", ANSWERED), ("wrong", OPEN)])
def test_each_answer_to_each_kind_of_event(key: str, verdict: str, life: str) -> None:
    """One answer ends or confirms the finding it is given to, and leaves the others open."""
    state = after(policy(answer(key, verdict, 2.5)), (3, tenant(NEW)), (4, tenant(NEW, logged=False)))

    assert lives(state) == {CON003: OPEN, CON005: OPEN, REG011: OPEN} | {key: life}
    assert [entry.verdict for entry in state.findings[key].answers] == [verdict]
    assert state.findings[key].severity is Severity.HIGH or verdict != "wrong"


@pytest.mark.parametrize(
    ("verdict", "looks", "life"),
    [
        ("expected", [(3, tenant(STOPPED)), (4, tenant(NEW))], ANSWERED),
        ("handled", [(3, tenant(NEW)), (400, tenant(NEW))], ANSWERED),
        ("handled", [(3, tenant(STOPPED)), (400, tenant(STOPPED))], ANSWERED),
        ("handled", [(3, tenant(STOPPED)), (4, tenant(NEW))], OPEN),
        ("handled", [(3, tenant(STOPPED)), (4, tenant(NEW)), (5, tenant(STOPPED))], OPEN),
        ("handled", [(3, tenant()), (4, tenant(NEW))], OPEN),
        ("handled", [(3, tenant(quiet=(NEW,)))], ANSWERED),
        ("handled", [(3, tenant(quiet=(NEW,))), (4, tenant(NEW))], OPEN),
        ("handled", [(3, tenant()), (4, tenant())], LEFT),
        ("wrong", [(3, tenant(STOPPED)), (300, tenant(STOPPED))], OPEN),
        ("wrong", [(3, tenant())], LEFT),
    ],
)
def test_a_connector_after_an_answer(verdict: str, looks: list[tuple[float, Snapshot]], life: str) -> None:
    """A handled connector is asked about again once it is active again, or among applications; an expected one not."""
    assert lives(after(policy(answer(CON003, verdict, 2.5)), *looks))[CON003] == life


def test_what_a_handled_connector_did_is_named() -> None:
    """The finding that opens again says that it was handled, what its subject did since, and on which day."""
    state = after(policy(answer(CON003, "handled", 2.5)), (3, tenant(STOPPED)), (4, tenant(NEW)))

    assert state.findings[CON003].change == "reopened"
    assert state.findings[CON003].message.endswith("; active again since 24 November 2026, after it was handled")
    moved = after(policy(answer(CON003, "handled", 2.5)), (3, tenant(quiet=(NEW,))), (4, tenant(NEW)))
    assert "; in a group with applications since 24 November 2026, after" in moved.findings[CON003].message


@pytest.mark.parametrize(
    ("answers", "life"),
    [
        ((("expected", 2.2), ("wrong", 2.4)), OPEN),
        ((("wrong", 2.2), ("expected", 2.4)), ANSWERED),
        ((("wrong", 2.4), ("expected", 2.2)), OPEN),
        ((("expected", 2.2), ("wrong", 2.2)), OPEN),
        ((("wrong", 2.2), ("handled", 2.2)), ANSWERED),
        ((("expected", 3.5),), OPEN),
        ((("expected", 0.9),), OPEN),
    ],
)
def test_the_newest_answer_counts(answers: tuple[tuple[str, float], ...], life: str) -> None:
    """Of several the newest counts; one from before the event or after the scan counts for nothing."""
    given_ = policy(*(answer(CON003, verdict, day) for verdict, day in answers))

    assert lives(after(given_, (3, tenant(NEW))))[CON003] == life


def test_an_answer_in_another_tenant() -> None:
    """An answer that names another tenant counts for nothing here; one that names this one in capitals counts."""
    other = answer(CON003, "expected", 2.5, tenant="0b1c3a1e-0d55-4c53-9a52-1f0a2f7c9d11")
    own = answer(CON003.upper(), "expected", 2.5, tenant=opened().tenant.id.upper())

    assert lives(after(policy(other), (3, tenant(NEW))))[CON003] == OPEN
    assert lives(after(policy(own), (3, tenant(NEW))))[CON003] == ANSWERED


def test_a_new_event_is_not_covered() -> None:
    """Who was expected to become a registrar is asked about again when gaining another path, and only for that."""
    said = policy(answer(REG011, "expected", 2.5))
    held = [grant(ANN, ADMIN), grant(EVE, ADMIN, None), grant(EVE, CUSTOM, None)]
    wider = tenant(NEW, roles=[ADMIN, CUSTOM], eligibilities=held)
    state = after(said, (3, tenant(NEW)), (5, wider))

    assert lives(state)[REG011] == OPEN
    assert state.findings[REG011].message.endswith("; the newest path since 25 November 2026")
    both = policy(answer(REG011, "expected", 2.5), answer(REG011, "expected", 5.5))
    assert lives(scanned(state, wider, 6, both))[REG011] == ANSWERED


def test_who_went_and_came_back_is_a_new_event() -> None:
    """An answer to somebody's first appearance does not cover a second one."""
    said = policy(answer(REG011, "expected", 2.5))
    state = after(said, (3, tenant(NEW)), (4, tenant(NEW, eve=False)), (5, tenant(NEW)))

    assert lives(state)[REG011] == OPEN


def test_a_waiver_does_not_cover_what_is_wrong() -> None:
    """What somebody confirmed fails although a waiver and a milder severity in the policy cover its rule."""
    waiver = {"id": "w", "rule": "CON003", "subject": NEW.id, "from": "2026-11-01", "until": "2027-01-01"}
    milder = {
        "waivers": [waiver | {"reason": "r", "owner": "o"}],
        "rules": {"CON003": {"severity": "low"}},
    }
    waived = after(milder, (3, tenant(NEW))).findings[CON003]
    wrong = after(milder | policy(answer(CON003, "wrong", 2.5)), (3, tenant(NEW))).findings[CON003]

    assert (waived.outcome, waived.severity) == ("waived", Severity.LOW)
    assert (wrong.outcome, wrong.severity) == ("fail", Severity.HIGH)


@pytest.mark.parametrize(
    ("key", "clearing"),
    [
        (CON003, {"expected_registrars": ["eve@contoso.example"]}),
        (CON003, {"expected_connectors": [{"machine": "PAR02"}]}),
        (CON005, {"expected_connectors": [{"machine": "ghost"}]}),
        (REG011, {"expected_registrars": ["eve@contoso.example"]}),
    ],
)
def test_the_policy_does_not_clear_what_is_wrong(key: str, clearing: dict[str, Any]) -> None:
    """A name in the policy that would clear an event clears none that somebody confirmed."""
    wrong = clearing | policy(answer(key, "wrong", 2.5))

    assert lives(after(clearing, (3, tenant(NEW))))[key] != OPEN
    assert lives(after(wrong, (3, tenant(NEW))))[key] == OPEN
    assert after(wrong, (3, tenant(NEW))).findings[key].severity is Severity.HIGH


def test_an_answer_to_what_the_policy_clears() -> None:
    """An answered event that a change of the policy clears as well ends by the policy, and its answer is kept."""
    cleared = {"expected_registrars": ["eve@contoso.example"]} | policy(answer(CON003, "expected", 2.5))
    state = after(cleared, (3, tenant(NEW)))

    assert (lives(state)[CON003], len(state.findings[CON003].answers)) == (NOT_ASKED, 1)


def test_an_answer_is_no_change_of_the_policy() -> None:
    """An answer in the policy file ends a finding as an answer, and not as a change that the policy made."""
    life = after(policy(answer(CON003, "expected", 2.5)), (3, tenant(NEW))).lifecycle_of(CON003, "scan-3")

    assert life is not None
    assert (life.change, life.resolved_by, life.ending, life.cause) == ("resolved", "not_applicable", "answered", None)


def test_what_is_answered_is_remembered_for_a_year() -> None:
    """A registration that no scan showed is remembered; a year after its answer it is not, unless it was wrong."""

    def kept(verdict: str, *days: int) -> int:
        looks = ((day, tenant(NEW, logged=False)) for day in days)
        return len(after(policy(answer(CON005, verdict, 2.5)), *looks).memory.known_events.unseen)

    assert [kept(verdict, 3, 300) for verdict in ("expected", "handled", "wrong")] == [1, 1, 1]
    assert [kept(verdict, 3, 400) for verdict in ("expected", "handled", "wrong")] == [0, 0, 1]


def test_an_answer_is_taken_back_after_the_log_forgot() -> None:
    """A later answer that an expected registration was wrong opens its finding again, although the log is silent."""
    state = after(policy(answer(CON005, "expected", 2.5)), (3, tenant(NEW)), (60, tenant(NEW, logged=False)))
    both = policy(answer(CON005, "expected", 2.5), answer(CON005, "wrong", 60.5))

    assert lives(scanned(state, tenant(NEW, logged=False), 61, both))[CON005] == OPEN


def test_an_answered_registration_stays_answered() -> None:
    """What was answered stays so when the audit log has forgotten it."""
    gone = after(policy(answer(CON005, "expected", 2.5)), (3, tenant(NEW)), (60, tenant(NEW, logged=False)))
    again = scanned(gone, tenant(NEW, logged=False), 61, policy(answer(CON005, "expected", 2.5)))

    assert lives(again)[CON005] == ANSWERED


def test_an_answer_survives_its_removal_from_the_policy() -> None:
    """Where an answer is taken out of the policy file the finding opens again and still names it."""
    state = scanned(after(policy(answer(CON003, "expected", 2.5)), (3, tenant(NEW))), tenant(NEW), 4)

    assert (lives(state)[CON003], len(state.findings[CON003].answers)) == (OPEN, 1)


def test_an_answer_without_a_finding() -> None:
    """An answer about what never failed is no finding, and changes nothing else."""
    said = policy(answer(f"CON003/{ANN.id}", "wrong", 2.5), answer("GRP001/id-Paris", "expected", 2.5))

    assert lives(after(said, (3, tenant(NEW)))) == {CON003: OPEN, CON005: OPEN, REG011: OPEN}
    assert lives(scanned(new_state(), tenant(eve=False), 0, said)) == {}


answers = st.lists(
    st.tuples(
        st.sampled_from([CON003, CON005, REG011]), st.sampled_from(["expected", "wrong", "handled"]), st.integers(2, 9)
    ),
    max_size=5,
)
days = st.lists(st.tuples(st.sampled_from([NEW, STOPPED, None]), st.booleans()), min_size=1, max_size=6)


@settings(deadline=None, derandomize=True, max_examples=examples(60))
@given(answers, days)
def test_only_an_answer_or_a_departure_ends_an_event(
    given_: list[tuple[str, str, int]], looks: list[tuple[Any, bool]]
) -> None:
    """Whatever is answered in whatever order, what is wrong or unanswered is open while its subject is there."""
    said = policy(*(answer(key, verdict, day + 0.5) for key, verdict, day in given_))
    state, day = opened(), 2
    for machine, eve in looks:
        day += 1
        state = scanned(state, tenant(*([machine] if machine else []), eve=eve, logged=False), day, said)
    there = {CON003: looks[-1][0] is not None, CON005: True, REG011: looks[-1][1]}
    for key, present in there.items():
        told = [verdict for own, verdict, when in sorted(given_, key=lambda one: one[2]) if own == key and when < day]
        if present and (not told or told[-1] == "wrong"):
            assert lives(state)[key] == OPEN
        if lives(state)[key] == ANSWERED:
            assert told
    assert State.from_bytes(state.to_bytes()) == state
    assert all(record.last_seen <= on(day) for record in state.findings.values())
