"""Who registered a connector is remembered; and what holds of memory whatever was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.history_records import InventoryMemory
from inventory.memory import remember_inventory
from tests.examples import examples
from tests.inventory.snapshots import at, looks, moves, on
from tests.making import connector, group, holds, snapshot, unread, without
from tests.people import registered, user
from tests.policies.rules.tenants import some_tenant

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot

PARIS = group("Paris")
PAR01, PAR02 = connector("PAR01"), connector("PAR02")
ANN = user("Ann")


def test_who_registered_it_is_asked_until_it_is_told_and_then_remembered() -> None:
    """The log lags: it may tell a day later, a surer answer replaces a probable one, an unread day takes nothing."""
    first, event = snapshot({PARIS: holds(PAR01)}), registered(on(0.5), (PAR02.id, None), by=ANN, key="sure")
    probable = registered(on(0.6), by=ANN, key="probable")
    groups = {PARIS: holds(PAR01, PAR02)}
    silent, half, sure = (snapshot(groups, audit=events) for events in ((), (probable,), (probable, event)))
    unheard = snapshot(groups, audit=unread())

    def told(*seen: Snapshot) -> list[str]:
        return [one.event for one in looks(first, *seen).connectors[PAR02.id].attribution]

    assert told(silent) == []
    assert told(silent, half) == ["probable"]
    assert told(silent, half, sure) == ["sure"]
    assert told(unheard, sure, silent, unheard) == ["sure"]
    assert told(half, silent) == ["probable"]
    assert told(sure, half) == ["sure"]
    assert looks(sure).connectors[PAR02.id].attribution == ()


def test_an_event_that_comes_late_is_told_too() -> None:
    """Two people registered the same machine name; the one whose event arrived first hides nobody."""
    early, late = (registered(on(days), (None, "PAR02"), by=ANN, key=key) for days, key in ((0.6, "b"), (0.5, "a")))
    groups = {PARIS: holds(PAR01, PAR02)}
    first = snapshot({PARIS: holds(PAR01)})
    seen = looks(first, snapshot(groups, audit=[early]), snapshot(groups, audit=[early, late]))

    assert [one.event for one in seen.connectors[PAR02.id].attribution] == ["a", "b"]


def test_probable_events_are_bounded() -> None:
    """Of very many events that name nothing the newest few are kept, so that memory cannot grow with their square."""
    events = [registered(on(0.1 + number / 1000), key=f"e{number:03}") for number in range(50)]
    seen = looks(snapshot({PARIS: holds(PAR01)}), snapshot({PARIS: holds(PAR01, PAR02)}, audit=events))

    assert [one.event for one in seen.connectors[PAR02.id].attribution] == ["e045", "e046", "e047", "e048", "e049"]


def test_nobody_is_asked_for_what_the_log_cannot_hold_any_more() -> None:
    """A month after its first sight a connector's origin is not looked for again."""
    memory = looks(snapshot({PARIS: holds(PAR01)}), snapshot({PARIS: holds(PAR01, PAR02)}))
    late = snapshot({PARIS: holds(PAR01, PAR02)}, audit=[registered(on(0.5), (PAR02.id, None), by=ANN)])

    assert remember_inventory(memory, at(late, 31)).connectors[PAR02.id].attribution != ()
    assert remember_inventory(memory, at(late, 33)).connectors[PAR02.id].attribution == ()


@settings(deadline=None, derandomize=True, max_examples=examples(50))
@given(some_tenant(), some_tenant())
def test_the_same_look_again_moves_nothing(first: Snapshot, second: Snapshot) -> None:
    """Whatever was seen before, seeing the same once more tells nothing; and what is stored is read the same."""
    memory = looks(first, second)
    again = remember_inventory(memory, at(second, 2))

    assert moves(again, 2) == []
    assert InventoryMemory.model_validate_json(again.model_dump_json()) == again


@settings(deadline=None, derandomize=True, max_examples=examples(50))
@given(some_tenant(), some_tenant(), st.data())
def test_whatever_was_not_read_is_never_gone(first: Snapshot, second: Snapshot, data: st.DataObject) -> None:
    """Whichever list of the second look was not read, nothing is told as gone that was not with it."""
    name = data.draw(st.sampled_from([section.name for section in second.sections]))
    gone = {move for move in moves(looks(first, second)) if move[1] == "gone"}
    blind = {move for move in moves(looks(first, without(second, name))) if move[1] == "gone"}

    assert blind <= gone
