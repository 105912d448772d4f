"""Connectors that the policy plans: each entry clears one registration, whoever makes it, and that is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policies.memory import Memory
from tests.making import connector, evidence, group, holds, snapshot
from tests.people import registered, user
from tests.policies.judging import short, verdicts
from tests.policies.registration.directory import ADMIN
from tests.policies.snapshots import after, at, on, said_of

if TYPE_CHECKING:
    from inventory.models import Connector
    from inventory.snapshot import Snapshot

PARIS, ROME = group("Paris"), group("Rome")
OLD, NEW, TWIN = connector("PAR01"), connector("PAR02"), connector("par02 ", key="id-twin")
EVE = user("Eve")
BY_EVE = registered(on(0.5), (None, "PAR02"), by=EVE)
HIGH, MEDIUM, PASS, NONE = "fail high", "fail medium", "pass", "not_applicable"


def plans(*entries: dict[str, str]) -> dict[str, Any]:
    """Return a policy that plans these connectors."""
    return {"expected_connectors": list(entries)}


def look(*paris: Connector, rome: tuple[Connector, ...] = (), logged: bool = True) -> Snapshot:
    """Return a tenant in which nobody may register connectors, and Eve did."""
    contents = {PARIS: holds(*paris), ROME: holds(*rome)}
    return snapshot(contents, roles=[ADMIN], principals=[EVE], audit=[BY_EVE] if logged else [])


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        ((), HIGH),
        (({"machine": "PAR02"},), PASS),
        (({"machine": " par02"},), PASS),
        (({"machine": "PAR03"},), HIGH),
        (({"machine": "PAR02", "group": "Paris"},), PASS),
        (({"machine": "PAR02", "group": PARIS.id.upper()},), PASS),
        (({"machine": "PAR02", "group": "Rome"},), HIGH),
        (({"machine": "PAR02", "group": "Rome"}, {"machine": "PAR02", "group": "Paris", "reason": "CHG-1"}), PASS),
    ],
)
def test_a_plan_clears_a_machine(entries: tuple[dict[str, str], ...], outcome: str) -> None:
    """A new connector passes where an entry has its machine's name and, if it names one, its group."""
    assert said_of("CON003", {0: look(OLD), 1: look(OLD, NEW)}, plans(*entries))[NEW.id] == outcome


def test_a_connector_that_is_moved_where_it_was_planned() -> None:
    """A connector that starts in another group passes once it stands in the planned one, and from then on."""
    policy = plans({"machine": "PAR02", "group": "Rome"})
    looks: dict[float, Snapshot] = {0: look(OLD), 1: look(OLD, NEW), 2: look(OLD, rome=(NEW,))}

    assert said_of("CON003", looks, policy)[NEW.id] == PASS
    assert said_of("CON003", {**looks, 3: look(OLD, NEW)}, policy)[NEW.id] == PASS


def test_an_entry_clears_one_connector() -> None:
    """A second connector on a planned machine is asked about; one that an entry cleared stays so without the entry."""
    entry = {"machine": "PAR02"}
    looks: dict[float, Snapshot] = {0: look(OLD), 1: look(OLD, NEW), 2: look(OLD, NEW, TWIN)}
    second = {"machine": "PAR02", "reason": "a new disk"}

    assert said_of("CON003", looks, plans(entry)) == {OLD.id: NONE, NEW.id: PASS, TWIN.id: MEDIUM}
    memory = after({0: look(OLD), 1: look(OLD, NEW)}, plans(entry))
    judged = evidence(at(look(OLD, NEW, TWIN), 2), policy=plans(second), memory=memory)
    assert {own: short(verdict) for own, verdict in verdicts("CON003", judged).items()} == {
        OLD.id: NONE,
        NEW.id: PASS,
        TWIN.id: PASS,
    }
    without = evidence(at(look(OLD, NEW, TWIN), 2), memory=memory)
    assert short(verdicts("CON003", without)[NEW.id]) == PASS


def test_two_at_once() -> None:
    """Of two that appear in one scan under a planned name, one entry clears neither, and two clear both."""
    looks: dict[float, Snapshot] = {0: look(OLD), 1: look(OLD, NEW, TWIN)}

    assert set(said_of("CON003", looks, plans({"machine": "PAR02"})).values()) == {NONE, HIGH}
    two = plans({"machine": "PAR02"}, {"machine": "PAR02", "reason": "twice"})
    assert said_of("CON003", looks, two) == {OLD.id: NONE, NEW.id: PASS, TWIN.id: PASS}


def test_an_older_entry_of_the_same_machine() -> None:
    """A connector that was there before, with or without a finding, takes no plan from one that is registered later."""
    twice: dict[float, Snapshot] = {
        0: look(connector("PAR02", key="id-old")),
        1: look(connector("PAR02", key="id-old"), NEW),
    }
    later: dict[float, Snapshot] = {0: look(OLD), 1: look(OLD, TWIN), 2: look(OLD, TWIN, NEW)}
    memory = after({day: later[day] for day in (0, 1)})
    judged = evidence(at(later[2], 2), policy=plans({"machine": "PAR02"}), memory=memory)

    assert said_of("CON003", twice, plans({"machine": "PAR02"}))[NEW.id] == PASS
    assert {own: short(verdict) for own, verdict in verdicts("CON003", judged).items()}[NEW.id] == PASS
    assert short(verdicts("CON003", judged)[TWIN.id]) == HIGH


def test_a_registration_that_no_scan_showed() -> None:
    """A planned registration passes CON005, also without log and policy later, unless a connector used the plan."""
    policy, own = plans({"machine": "PAR02"}), f"event:{BY_EVE.id}"
    assert said_of("CON005", {0: look(OLD), 1: look(OLD)})[own] == HIGH
    assert said_of("CON005", {0: look(OLD), 1: look(OLD)}, policy)[own] == PASS

    memory = after({0: look(OLD), 1: look(OLD)}, policy)
    judged = evidence(at(look(OLD, logged=False), 60), memory=memory)
    assert short(verdicts("CON005", judged)[own]) == PASS

    used = after({0: look(OLD, logged=False), 0.2: look(OLD, NEW, logged=False)}, policy)
    judged = evidence(at(look(OLD), 1), policy=policy, memory=used)
    assert short(verdicts("CON005", judged)[own]) == HIGH


def test_what_is_forgotten() -> None:
    """What used a plan is remembered while it is, and survives being stored."""
    policy = plans({"machine": "PAR02", "group": "Paris", "reason": "CHG-1"})
    memory = after({0: look(OLD), 1: look(OLD, NEW)}, policy)
    gone = after({0: look(OLD), 1: look(OLD, NEW), 2: look(OLD), 500: look(OLD)}, policy)

    assert memory.known_events.planned == {NEW.id: "par02|Paris|CHG-1"}
    assert Memory.model_validate_json(memory.model_dump_json()) == memory
    assert gone.known_events.planned == {}


def test_a_connector_without_a_name() -> None:
    """A connector without a machine name is cleared by no plan."""
    nameless = connector(None, key="id-nameless")

    assert said_of("CON003", {0: look(OLD), 1: look(OLD, nameless)}, plans({"machine": "PAR02"}))[nameless.id] == MEDIUM
