"""What is remembered of the inventory from look to look, and what moved between them."""

from __future__ import annotations

import pytest

from inventory.history_records import VersionChange
from inventory.memory import CHANGES_KEPT, FORGET_AFTER, STEPS_KEPT, remember_inventory
from tests.inventory.snapshots import at, looks, moves, on
from tests.making import (
    AUTOMATIC,
    AUTOMATIC_BEFORE,
    NEWEST,
    NOW,
    application,
    connector,
    group,
    holds,
    snapshot,
    unread,
    without,
)

PARIS, DEFAULT = group("Paris"), group("Default", default=True)
PAR01, PAR02 = connector("PAR01"), connector("PAR02")
EXPENSES = application("Expenses")


PLAIN = snapshot({PARIS: holds(PAR01, PAR02, apps=[EXPENSES]), DEFAULT: holds()})


def test_the_first_look_moves_nothing() -> None:
    """What is there at the first look was there before; nobody knows since when."""
    memory = looks(PLAIN)
    life = memory.connectors[PAR01.id]

    assert (memory.first_read, memory.last_read, memory.groups_read) == (NOW, NOW, NOW)
    assert (life.from_start, life.seen_before, life.first_seen, life.last_active) == (True, None, NOW, NOW)
    assert life.versions == (VersionChange(at=NOW, value=AUTOMATIC),)
    assert life.groups == (VersionChange(at=NOW, value=PARIS.id),)
    assert memory.applications[EXPENSES.id].group == PARIS.id
    assert memory.changes == ()


def test_a_connector_comes_goes_and_returns() -> None:
    """Each step is told on its day and once; who was there the look before is remembered."""
    one = snapshot({PARIS: holds(PAR01)})
    two = snapshot({PARIS: holds(PAR01, PAR02)})
    memory = looks(one, two, two, one, one, two)
    life = memory.connectors[PAR02.id]

    assert moves(memory) == [
        ("connector", "new", "PAR02", None, None),
        ("connector", "gone", "PAR02", None, None),
        ("connector", "back", "PAR02", None, None),
    ]
    assert [change.at for change in memory.changes] == [on(1), on(3), on(5)]
    assert (life.first_seen, life.seen_before, life.last_seen, life.gone_at) == (on(1), on(0), on(5), None)
    assert not life.from_start
    assert looks(one, two, two, one, one).connectors[PAR02.id].gone_at == on(3)


def test_inactive_since_and_last_active() -> None:
    """Inactivity counts from the first look that showed it; being active ends it."""
    down = connector("PAR01", status="inactive")
    days = [snapshot({PARIS: holds(one)}) for one in (PAR01, down, down, PAR01, down)]

    life = looks(*days[:3]).connectors[PAR01.id]
    assert (life.last_active, life.inactive_since, life.last_seen) == (on(0), on(1), on(2))
    life = looks(*days).connectors[PAR01.id]
    assert (life.last_active, life.inactive_since) == (on(3), on(4))
    assert looks(days[1]).connectors[PAR01.id].last_active is None


def test_versions_and_groups_over_time() -> None:
    """Only changes are kept; groups are told by the names they had."""
    newer = connector("PAR01", version=NEWEST)
    memory = looks(
        snapshot({PARIS: holds(), DEFAULT: holds(PAR01)}),
        snapshot({PARIS: holds(), DEFAULT: holds(PAR01)}),
        snapshot({PARIS: holds(PAR01), DEFAULT: holds()}),
        snapshot({PARIS: holds(newer), DEFAULT: holds()}),
    )
    life = memory.connectors[PAR01.id]

    assert life.versions == (VersionChange(at=on(0), value=AUTOMATIC), VersionChange(at=on(3), value=NEWEST))
    assert life.groups == (VersionChange(at=on(0), value=DEFAULT.id), VersionChange(at=on(2), value=PARIS.id))
    assert moves(memory) == [
        ("connector", "moved", "PAR01", "Default", "Paris"),
        ("connector", "updated", "PAR01", AUTOMATIC, NEWEST),
    ]


def test_steps_are_bounded() -> None:
    """A connector that changes with every look keeps its newest steps."""
    versions = [AUTOMATIC, AUTOMATIC_BEFORE] * STEPS_KEPT
    memory = looks(*(snapshot({PARIS: holds(connector("PAR01", version=one))}) for one in versions))

    assert len(memory.connectors[PAR01.id].versions) == STEPS_KEPT
    assert memory.connectors[PAR01.id].versions[-1] == VersionChange(at=on(len(versions) - 1), value=versions[-1])


def test_changes_are_bounded_and_the_newest_look_is_whole() -> None:
    """Many changes at once are all told; earlier ones beyond the bound are forgotten."""
    few = snapshot({PARIS: holds(PAR01)})
    many = snapshot({PARIS: holds(PAR01, *(connector(f"M{number:04}") for number in range(CHANGES_KEPT + 50)))})
    memory = looks(few, many)
    assert len(moves(memory, 1)) == CHANGES_KEPT + 50

    memory = looks(few, many, snapshot({PARIS: holds(PAR01, PAR02)}))
    assert len(moves(memory, 1)) == CHANGES_KEPT
    assert len(moves(memory, 2)) == CHANGES_KEPT + 50 + 1


def test_groups_and_applications() -> None:
    """Groups and applications are followed by their ids: new, renamed, moved, gone."""
    lyon = group("Lyon", key=PARIS.id)
    wiki = application("Wiki")
    memory = looks(
        snapshot({PARIS: holds(apps=[EXPENSES]), DEFAULT: holds()}),
        snapshot({lyon: holds(apps=[EXPENSES]), DEFAULT: holds(apps=[wiki])}),
        snapshot({lyon: holds(), DEFAULT: holds(apps=[wiki, EXPENSES])}),
        snapshot({DEFAULT: holds(apps=[EXPENSES])}),
    )

    assert moves(memory, 1) == [
        ("application", "new", "Wiki", None, None),
        ("group", "renamed", "Lyon", "Paris", "Lyon"),
    ]
    assert moves(memory, 2) == [("application", "moved", "Expenses", "Lyon", "Default")]
    assert moves(memory, 3) == [("application", "gone", "Wiki", None, None), ("group", "gone", "Lyon", None, None)]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("connectors", "connectors"),
        ("connector_groups", "groups"),
        ("connector_groups/id-Paris/applications", "applications"),
    ],
)
def test_an_unread_list_moves_nothing(name: str, kept: str) -> None:
    """A day on which a list could not be read leaves what was remembered of it, and is no change the day after."""
    before = looks(PLAIN)
    blind = looks(PLAIN, without(PLAIN, name))

    assert getattr(blind, kept) == getattr(before, kept)
    assert moves(looks(PLAIN, without(PLAIN, name), PLAIN)) == []


def test_a_list_that_is_read_for_the_first_time_is_no_news() -> None:
    """What stood in a list that nobody could read before is not new when it can be read at last."""
    apps_unread = snapshot({PARIS: holds(PAR01, apps=unread()), DEFAULT: holds()})
    assert moves(looks(apps_unread, snapshot({PARIS: holds(PAR01, apps=[EXPENSES]), DEFAULT: holds()}))) == []
    assert moves(looks(without(PLAIN, "connector_groups"), PLAIN)) == []
    assert moves(looks(without(PLAIN, "connectors"), PLAIN)) == []
    assert looks(without(PLAIN, "connectors"), PLAIN).connectors[PAR01.id].from_start


def test_a_new_group_with_an_application_is_news() -> None:
    """A group that was made since, and what it carries, are both new."""
    memory = looks(snapshot({DEFAULT: holds()}), snapshot({DEFAULT: holds(), PARIS: holds(apps=[EXPENSES])}))

    assert moves(memory) == [("application", "new", "Expenses", None, None), ("group", "new", "Paris", None, None)]


def test_unread_members_leave_the_group_unknown() -> None:
    """While some group's connectors are unread nobody knows where a connector stands, and it has not moved."""
    hidden = snapshot({PARIS: holds(members=unread()), DEFAULT: holds()}, connectors=[PAR01])
    both = snapshot({PARIS: holds(PAR01), DEFAULT: holds(PAR01)})
    plain = snapshot({PARIS: holds(PAR01), DEFAULT: holds()})

    assert looks(hidden).connectors[PAR01.id].groups == ()
    assert moves(looks(hidden, plain)) == []
    assert moves(looks(plain, hidden, both, plain)) == []


def test_a_connector_in_no_list_has_not_moved() -> None:
    """Every connector belongs to a group: one that stands in no list was caught on its way, once."""
    nowhere = snapshot({PARIS: holds(), DEFAULT: holds()}, connectors=[PAR01])
    memory = looks(snapshot({PARIS: holds(PAR01), DEFAULT: holds()}), nowhere, nowhere)
    life = memory.connectors[PAR01.id]

    assert life.groups == (VersionChange(at=on(0), value=PARIS.id),)
    assert life.homeless_since == on(1)
    assert memory.changes == ()
    again = looks(nowhere, snapshot({PARIS: holds(PAR01), DEFAULT: holds()}))
    assert again.connectors[PAR01.id].homeless_since is None


def test_a_list_that_repeats_itself_is_no_move() -> None:
    """A group's list that names a connector twice is still one group's list."""
    twice = snapshot({PARIS: holds(PAR01, PAR01), DEFAULT: holds()}, connectors=[PAR01])

    assert looks(twice).connectors[PAR01.id].groups == (VersionChange(at=NOW, value=PARIS.id),)


def test_an_installation_anew_is_told() -> None:
    """A connector under a machine name that was there before replaces it, whatever the case; it stays told."""
    anew = connector("par01", key="anew")
    memory = looks(
        snapshot({PARIS: holds(PAR01)}), snapshot({PARIS: holds(PAR01, anew)}), snapshot({PARIS: holds(anew)})
    )

    assert memory.connectors["anew"].replaces == PAR01.id
    assert memory.connectors[PAR01.id].replaced_by == "anew"
    first = looks(snapshot({PARIS: holds(PAR01, anew)}))
    assert first.connectors["anew"].replaces is None


def test_what_is_gone_for_long_is_forgotten() -> None:
    """Memory is bounded in time too."""
    memory = looks(PLAIN, snapshot({DEFAULT: holds()}))
    kept = remember_inventory(memory, at(snapshot({DEFAULT: holds()}), 1 + FORGET_AFTER.days))
    assert PAR01.id in kept.connectors

    lost = remember_inventory(memory, at(snapshot({DEFAULT: holds()}), 2 + FORGET_AFTER.days))
    assert PAR01.id not in lost.connectors
    assert PARIS.id not in lost.groups


def test_agents_of_another_kind_are_no_connectors() -> None:
    """An agent that turns out to belong to another service is forgotten and never told as gone."""
    foreign = snapshot({PARIS: holds(PAR01)}).model_copy(update={"other_connectors": (PAR02,)})
    memory = looks(snapshot({PARIS: holds(PAR01)}, connectors=[PAR01, PAR02]), foreign)

    assert PAR02.id not in memory.connectors
    assert memory.changes == ()


def test_an_agent_of_unknown_kind_is_met_later() -> None:
    """While another service's group cannot be read, an agent in no group of ours is not a new connector yet."""
    odd = snapshot({PARIS: holds(PAR01)}, connectors=[PAR01, PAR02])
    unsure = odd.model_copy(update={"others_unread": "Graph said denied."})
    memory = looks(snapshot({PARIS: holds(PAR01)}), unsure)
    assert PAR02.id not in memory.connectors
    assert memory.changes == ()
    later = remember_inventory(memory, at(odd, 2))
    assert moves(later, 2) == [("connector", "new", "PAR02", None, None)]
    assert (later.connectors[PAR02.id].first_seen, later.connectors[PAR02.id].seen_before) == (on(1), on(0))
    assert later.maybe == {}


def test_an_agent_of_unknown_kind_at_the_first_look_was_there_from_the_start() -> None:
    """What could not be told from another service's agent on the first day is not new on the second."""
    odd = snapshot({PARIS: holds(members=unread())}, connectors=[PAR01, PAR02])
    unsure = odd.model_copy(update={"others_unread": "Graph said denied."})
    memory = looks(unsure, snapshot({PARIS: holds(PAR01, PAR02)}))

    assert memory.connectors[PAR01.id].from_start
    assert memory.connectors[PAR01.id].first_seen == NOW
    assert moves(memory) == []
