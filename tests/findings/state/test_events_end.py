"""How findings about events end: because their subject left, never because time passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.state.document import State
from inventory.history_records import ConnectorRecord, InventoryMemory
from policies.memory import Memory, RememberedRegistrar
from tests.examples import examples
from tests.findings.state.events_over_time import EVENTS, lives, new_state, scanned
from tests.findings.state.lifecycle_data import Day, after, verdict
from tests.making import connector, group, holds, snapshot, unread
from tests.people import grant, registered, user
from tests.policies.registration.directory import ADMIN
from tests.policies.snapshots import on

if TYPE_CHECKING:
    from pydantic import JsonValue

    from inventory.snapshot import Snapshot

PARIS = group("Paris")
OLD, NEW = connector("PAR01"), connector("PAR02")
ANN, EVE = user("Ann"), user("Eve")
GHOST, ROGUE = registered(on(0.5), (None, "GHOST"), by=EVE), registered(on(0.6), (NEW.id, None), by=EVE)
CON003, CON005, REG011 = f"CON003/{NEW.id}", f"CON005/event:{GHOST.id}", f"REG011/{EVE.id}"


def tenant(
    *, rogue: bool = True, eve: bool = True, logged: bool = True, read: bool = True, roles: bool = True
) -> Snapshot:
    """Return the tenant with or without a rogue connector, a second registrar, and the audit log's old events."""
    held = [grant(ANN, ADMIN), *([grant(EVE, ADMIN, None)] if eve else [])]
    audit: Any = ([ROGUE, GHOST] if logged else []) if read else unread()
    lists: dict[str, Any] = {"roles": [ADMIN], "principals": [ANN, EVE], "assignments": [], "eligibilities": held}
    if not roles:
        lists["eligibilities"] = unread()
    return snapshot({PARIS: holds(OLD, *([NEW] if rogue else []))}, audit=audit, **lists)


def first() -> State:
    """Return the state after a first scan, and a second one that showed everything while Eve had no role."""
    started = scanned(new_state(), tenant(rogue=False, eve=False, logged=False), 0)
    return scanned(scanned(started, tenant(eve=False), 1), tenant(), 2)


def test_which_rules_speak_of_events() -> None:
    """The rules about registrations and about new registrars speak of events."""
    assert {rule.id for rule in EVENTS} == {"CON003", "CON005", "REG011"}


def test_nobody_looked_for_a_year() -> None:
    """After holidays, an audit log that dropped everything and a role given later, every finding is still open."""
    state = scanned(first(), tenant(logged=False), 400)

    assert lives(state) == {CON003: "open", CON005: "open", REG011: "open"}


def test_who_and_what_left() -> None:
    """A connector that is gone and a role that was taken away end their findings; what nobody ever saw stays."""
    state = scanned(first(), tenant(rogue=False, eve=False, logged=False), 3)

    assert lives(state) == {CON003: "resolved left_scope", CON005: "open", REG011: "resolved left_scope"}


def test_a_registration_that_is_shown_late() -> None:
    """A registration is fixed once a scan has shown what was registered, and stays so when the log drops it."""
    late = connector("Ghost")
    seen = tenant().model_copy(update={"contents": snapshot({PARIS: holds(OLD, NEW, late)}).contents})
    shown = snapshot({PARIS: holds(OLD, NEW, late)}, audit=[ROGUE, GHOST])
    started = scanned(new_state(), tenant(rogue=False, eve=False, logged=False), 0)
    state = scanned(scanned(started, shown, 1), seen, 2)

    assert CON005 not in lives(scanned(state, tenant(logged=False), 60))


def test_the_policy_no_longer_asks() -> None:
    """Where the policy begins to name people, a new registrar is no longer asked about."""
    state = scanned(first(), tenant(), 3, {"expected_registrars": ["ann@contoso.example"]})

    assert (lives(state)[REG011], state.findings[REG011].resolved_by) == ("resolved not_asked", "not_applicable")


days = st.lists(
    st.tuples(
        st.integers(1, 200),
        st.fixed_dictionaries({name: st.booleans() for name in ("rogue", "eve", "logged", "read", "roles")}),
    ),
    max_size=6,
)


@settings(deadline=None, derandomize=True, max_examples=examples(60))
@given(days)
def test_time_never_ends_an_event(history: list[tuple[int, dict[str, bool]]]) -> None:
    """Whatever happened before, a finding about an event stays open however long the same tenant is scanned."""
    state, day, last = first(), 2, tenant()
    for gap, seen in history:
        day, last = day + gap, tenant(**seen)
        state = scanned(state, last, day)
    before = {key for key, life in lives(state).items() if life == "open"}

    for gap in (1, 8, 31, 500):
        day += gap
        state = scanned(state, last.model_copy(update={"audit": tenant(logged=False).audit}), day)
        assert before <= {key for key, life in lives(state).items() if life == "open"}


def old_state(
    *, by: str, rule: str = "CON003", subject: str = NEW.id, evidence: dict[str, JsonValue] | None = None
) -> State:
    """Return a state as version 1 wrote it, with one finding that was resolved this way."""
    about = verdict(rule=rule, evidence=evidence).subject.model_copy(update={"id": subject})
    state = after(Day((verdict(rule=rule, subject=about, evidence=evidence),), frozenset({rule})))
    life = {"first_seen": on(1), "seen_before": on(0), "last_seen": on(20), "groups": ()}
    inventory = InventoryMemory(
        first_read=on(0),
        last_read=on(20),
        connectors={
            OLD.id: ConnectorRecord(name="PAR01", from_start=True, first_seen=on(0), last_seen=on(20)),
            NEW.id: ConnectorRecord.model_validate({"name": "PAR02", **life}),
            "id-late": ConnectorRecord.model_validate({"name": "late", **life}),
        },
    )
    registrars: dict[str, RememberedRegistrar] = {
        ANN.id: RememberedRegistrar(name="Ann", paths={f"{ADMIN.id}|eligible|/": None}),
        EVE.id: RememberedRegistrar(name="Eve", appeared=on(2), paths={f"{ADMIN.id}|eligible|/": on(2)}),
    }
    record = next(iter(state.findings.values()))
    update = {"state": "open"} if by == "open" else {"state": "resolved", "resolved_by": by, "resolved_at": on(10)}
    return state.model_copy(
        update={
            "findings": {record.key: record.model_copy(update=update)},
            "memory": Memory(inventory=inventory, registrars=registrars, registrars_read_at=on(20)),
            "scans": (),
        }
    )


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("not_applicable", ("open", "reopened", "time")),
        ("open", ("open", "changed", None)),
        ("fixed", ("resolved", None, None)),
        ("rule_disabled", ("resolved", None, None)),
    ],
)
def test_what_time_had_closed(by: str, expected: tuple[str, str | None, str | None]) -> None:
    """A new connector whose finding was closed by time is opened once and says so; what was settled stays so."""
    late = connector("late", key="id-late")
    seen = tenant(logged=False).model_copy(
        update={
            "contents": snapshot({PARIS: holds(OLD, NEW, late)}).contents,
            "connectors": snapshot({PARIS: holds(OLD, NEW, late)}).connectors,
        }
    )
    once = scanned(State.from_bytes(old_state(by=by).to_bytes()), seen, 30)
    twice = scanned(once, seen, 31)
    life = once.lifecycle_of(CON003, "scan-30")
    later = twice.lifecycle_of(CON003, "scan-31")

    assert life is not None
    assert later is not None
    assert (life.state, life.change, life.correction) == expected
    assert (later.state, later.change, later.correction) == (expected[0], None, None)
    assert set(twice.findings) == {CON003}  # neither the connector without a finding nor old news on registrars


def test_a_registration_that_the_log_had_dropped() -> None:
    """A registration that nobody saw, closed when the audit log dropped it, is opened again from its own evidence."""
    facts: dict[str, JsonValue] = {"registered_at": on(3).isoformat(), "registered_by": "eve@contoso.example"}
    old = old_state(by="subject_gone", rule="CON005", subject="event:e1", evidence=facts)
    state = scanned(State.from_bytes(old.to_bytes()), tenant(logged=False), 60)
    life = state.lifecycle_of("CON005/event:e1", "scan-60")

    assert life is not None
    assert (life.state, life.change, life.correction) == ("open", "reopened", "time")
    assert "by eve@contoso.example" in state.findings["CON005/event:e1"].message


def test_evidence_without_a_time() -> None:
    """A stored registration without its time cannot be judged again: it stays as it is, and stops nothing."""
    old = old_state(by="subject_gone", rule="CON005", subject="event:e1", evidence={"registered_at": None})
    migrated = State.from_bytes(old.to_bytes())

    assert migrated.memory.known_events.unseen == {}
    assert migrated.findings["CON005/event:e1"].state == "resolved"


def test_news_that_was_open() -> None:
    """A registrar whose news was open when events came is asked about as an event; settled ones are not."""
    old = old_state(by="open", rule="REG011", subject=EVE.id, evidence={"change": "appeared"})
    state = State.from_bytes(old.to_bytes())

    assert {own: entry.settled for own, entry in state.memory.registrars.items()} == {ANN.id: on(20), EVE.id: None}
    assert State.from_bytes(state.to_bytes()) == state
    assert lives(scanned(state, tenant(logged=False, rogue=False), 40)) == {REG011: "open"}
