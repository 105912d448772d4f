"""What is remembered of registrars: an unread day moves nothing, and the same look twice is one look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from inventory.history_records import InventoryMemory
from inventory.memory import remember_inventory
from policies.memory import GONE_KEPT, Memory, RememberedRegistrar, lasting_marks, path_key, remember
from policies.registration.holders import Completeness, holders, unread
from tests.examples import examples
from tests.making import NOW
from tests.people import grant, group_grant, path_group, user
from tests.policies.registration.directory import (
    ADMIN,
    FUTURE,
    bare,
    directories,
    memories,
    partly,
    plain,
    team,
    tenant,
)

if TYPE_CHECKING:
    from inventory.models import Principal
    from inventory.snapshot import Snapshot

always = settings(deadline=None, derandomize=True, max_examples=examples(30))

ANN, BOB, ADMINS, CREW = user("Ann"), user("Bob"), team("Admins"), team("Crew")
DAY = timedelta(days=1)
ASSIGNED, ELIGIBLE = f"{ADMIN.id}|assigned|/", f"{ADMIN.id}|eligible|/"


def after(seen: Snapshot, before: Memory | None = None) -> Memory:
    """Return the memory of registrars after a look; that of the inventory has tests of its own."""
    memory = remember(before or Memory(), seen, holders(seen))
    return memory.model_copy(update={"inventory": InventoryMemory()})


def holding(*who: Principal, days: int = 0) -> Snapshot:
    """Return a tenant in which these are eligible for a role, some days on."""
    return tenant(*who, eligible=[grant(one, ADMIN, None) for one in who], at=NOW + days * DAY)


def test_first_scan() -> None:
    """On the first look everybody was there already, and nobody has appeared."""
    memory = after(holding(ANN))

    assert memory.registrars == {ANN.id: RememberedRegistrar(name="Ann", paths={ELIGIBLE: None})}
    assert memory.registrars_read_at == NOW


def test_somebody_appears_goes_and_returns() -> None:
    """Later looks tell since when somebody can register, and since when no more; who returns appears again."""
    first = after(holding(ANN))
    second = after(holding(ANN, BOB, days=1), first)
    third = after(holding(ANN, days=2), second)
    fourth = after(holding(ANN, BOB, days=3), third)

    assert second.registrars[BOB.id] == RememberedRegistrar(name="Bob", appeared=NOW + DAY, paths={ELIGIBLE: NOW + DAY})
    assert third.registrars[BOB.id].gone == NOW + 2 * DAY
    assert fourth.registrars[BOB.id] == RememberedRegistrar(
        name="Bob", appeared=NOW + 3 * DAY, paths={ELIGIBLE: NOW + 3 * DAY}
    )
    assert fourth.registrars[ANN.id] == first.registrars[ANN.id]


def test_paths_are_dated() -> None:
    """A further path is dated by the look that saw it first, one that is gone is forgotten, and names follow."""
    renamed = ANN.model_copy(update={"display_name": "Anna"})
    both = tenant(renamed, active=[grant(ANN, ADMIN)], eligible=[grant(ANN, ADMIN, None)], at=NOW + DAY)
    memory = after(both, after(holding(ANN)))
    later = after(tenant(ANN, active=[grant(ANN, ADMIN)], at=NOW + 2 * DAY), memory)

    assert memory.registrars[ANN.id] == RememberedRegistrar(name="Anna", paths={ASSIGNED: NOW + DAY, ELIGIBLE: None})
    assert later.registrars[ANN.id].paths == {ASSIGNED: NOW + DAY}


def test_gone_for_long() -> None:
    """Who is gone is remembered as long as any window looks back, and then forgotten."""
    gone = after(holding(days=1), after(holding(ANN)))
    kept, left = GONE_KEPT.days + 1, GONE_KEPT.days + 2

    assert after(holding(days=kept), gone).registrars[ANN.id].gone == NOW + DAY
    assert after(holding(days=left), gone).registrars == {}


@pytest.mark.parametrize(
    ("who", "known"),
    [
        (user("Ann", enabled=False), "gone"),
        (user("Ann", issuer="f.example"), "kept"),
        (user("Ann").model_copy(update={"identities": None}), "kept"),
        (user("Ann").model_copy(update={"odata_type": "#microsoft.graph.new"}), "kept"),
    ],
)
def test_who_cannot_be_judged_stays(who: Principal, known: str) -> None:
    """Who is known to be unable is gone; of whom nobody knows stays as it was."""
    memory = after(holding(who, days=1), after(holding(ANN)))

    assert memory.registrars[ANN.id].gone == (NOW + DAY if known == "gone" else None)
    assert memory.registrars_read_at == NOW + DAY


def test_deleted_principals_do_not_stop_the_clock() -> None:
    """A principal that the directory does not return is nobody who appears, and the look counts."""
    memory = after(tenant(eligible=[grant(ANN, ADMIN, None)]))

    assert memory == Memory(registrars_read_at=NOW)


IN_GROUP = tenant(
    *(ANN, ADMINS),
    active=[grant(ADMINS, ADMIN)],
    groups=[path_group(ADMINS, members=[ANN], assignments=[group_grant(ANN, ADMINS)])],
    at=NOW + DAY,
)


@pytest.mark.parametrize(
    "name",
    [
        "role_definitions",
        "role_assignments",
        "role_eligibilities",
        "principals",
        "organization",
        "groups/id-Admins/members",
        "groups/id-Admins/assignments",
        "groups/id-Admins/eligibilities",
    ],
)
def test_an_unread_day_moves_nothing(name: str) -> None:
    """Where a list was not read nothing is remembered of the day, be it the first or a later one."""
    before = after(holding(BOB))

    assert after(IN_GROUP, before) != before
    assert after(partly(IN_GROUP, name), before) == before
    assert after(partly(IN_GROUP, name)) == Memory()


@pytest.mark.parametrize("name", ["groups/id-Admins/owners", "audit", "connectors"])
def test_other_lists_do_not_matter(name: str) -> None:
    """Lists that say nothing of who can register may be unread."""
    assert after(partly(IN_GROUP, name)) == after(IN_GROUP)


def test_days_that_do_not_tell_everything() -> None:
    """Plain assignments move nothing while there is a licence for more, and attributes not read do not either."""
    before = after(holding(ANN))
    seen = tenant(ANN, BOB, active=[grant(BOB, ADMIN)], at=NOW + DAY)

    assert after(plain(seen), before) == before
    assert BOB.id in after(plain(seen, licensed=False), before).registrars
    assert after(tenant(bare(ANN), eligible=[grant(ANN, ADMIN, None)]), before) == before


def marks(seen: Snapshot, *, activated: bool = True) -> set[str]:
    """Return Ann's lasting marks."""
    (ann,) = (holder for holder in holders(seen) if holder.id == ANN.id)
    return set(lasting_marks(ann, activated=activated))


def test_marks() -> None:
    """A path is told from others by role, scope, groups, and whether it has to be activated."""
    (ann,) = (holder for holder in holders(IN_GROUP) if holder.id == ANN.id)

    assert [path_key(path) for path in ann.paths] == [f"{ADMIN.id}|assigned|/|id-Admins:permanent"]


def test_activating_is_no_news() -> None:
    """Activating a role, a membership, or a membership through a feeder group leaves the marks as they are."""
    eligible, activated = grant(ANN, ADMIN, None), grant(ANN, ADMIN, "Activated")
    fed, joined = group_grant(CREW, ADMINS, kind=None), group_grant(ANN, ADMINS, kind="activated")
    crew, held = path_group(CREW, members=[ANN]), [grant(ADMINS, ADMIN)]
    idle = tenant(active=held, groups=[path_group(ADMINS, eligibilities=[fed]), crew])
    busy = tenant(
        active=held, groups=[path_group(ADMINS, members=[ANN], assignments=[joined], eligibilities=[fed]), crew]
    )

    assert marks(tenant(eligible=[eligible])) == marks(tenant(eligible=[eligible], active=[activated])) == {ELIGIBLE}
    assert marks(idle) == marks(busy) == {f"{ADMIN.id}|assigned|/|id-Crew:permanent|id-Admins:eligible"}


def test_activated_and_no_longer_eligible() -> None:
    """What is activated and comes from nothing that is known is the eligible path it once was, if it counts at all."""
    seen = tenant(active=[grant(ANN, ADMIN, "Activated")])

    assert (marks(seen), marks(seen, activated=False)) == ({ELIGIBLE}, set())


def test_paths_without_marks() -> None:
    """A narrower path, one by a role with unknown actions, and one that may be either have no marks."""
    seen = tenant(active=[grant(ANN, ADMIN, scope="/x"), grant(ANN, FUTURE), grant(ANN, ADMIN, None)])

    assert marks(seen) == set()


def test_what_a_newer_version_remembers_stays() -> None:
    """Fields that this version does not know are kept."""
    newer = Memory.model_validate(
        {
            "registrars_read_at": datetime(2026, 11, 1, tzinfo=UTC),
            "colour": "red",
            "registrars": {ANN.id: {"name": "Ann", "paths": {}, "shoe_size": 43}},
        }
    )
    dumped = after(holding(ANN), newer).model_dump()

    assert (dumped["colour"], dumped["registrars"][ANN.id]["shoe_size"]) == ("red", 43)


@always
@given(directories(), memories())
def test_the_same_look_twice_is_one(seen: Snapshot, memory: Memory) -> None:
    """A look that is applied again changes nothing, and one that did not read everything changes nothing at all."""
    once = after(seen, memory)

    assert after(seen, once) == once
    assert (once.registrars_read_at == seen.taken_at) or once == memory
    assert once == memory or unread(seen, holders(seen), Completeness.EVERYTHING) is None


def test_an_inventory_that_was_computed_before() -> None:
    """The inventory's memory is taken as it is given, and computed where it is not: both end the same."""
    seen = holding(ANN)
    computed = remember_inventory(InventoryMemory(), seen)

    given_it = remember(Memory(), seen, holders(seen), computed)

    assert given_it.inventory is computed
    assert given_it == remember(Memory(), seen, holders(seen))
