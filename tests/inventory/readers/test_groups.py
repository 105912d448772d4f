"""Groups on a path to a role: their lists, the groups that feed them, and everybody found on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory.models import GroupGrant, Principal
from inventory.readers.groups import MOST_ROUNDS, PIM, ids_in, read_path_groups
from inventory.snapshot import PathGroup, Section
from tests.inventory.networks import client, in_virtual_time, page, refusal, reply, serving

if TYPE_CHECKING:
    from inventory.answer import Answer

ASSIGNED, ELIGIBLE = f"{PIM}/assignmentScheduleInstances", f"{PIM}/eligibilityScheduleInstances"
DENIED = refusal(403, "Authorization_RequestDenied")


def _principal(name: str, kind: str = "user") -> dict[str, object]:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": name}


def _holders(*names: str) -> Section[Principal]:
    rows = (Principal.model_validate(_principal(name, "group" if name.startswith("g") else "user")) for name in names)
    return Section[Principal].read("principals", tuple(rows))


def _grant(who: str, group: str, access: str = "member") -> dict[str, object]:
    return {"groupId": group, "principalId": who, "accessId": access}


def _of(path: str, group: str) -> str:
    return f"{path}?$filter=groupId%20eq%20%27{group}%27"


async def _read(table: dict[str, Answer], *holders: str) -> tuple[dict[str, PathGroup], Section[Principal]]:
    groups, people = await read_path_groups(client(serving(table)), _holders(*holders))
    return {group.group_id: group for group in groups}, people


@in_virtual_time
async def test_holders_that_are_no_groups_need_no_reading() -> None:
    """Users and service principals have no members."""
    network = serving({})
    groups, people = await read_path_groups(client(network), _holders("ann", "bob"))

    assert (groups, people, network.sent) == ((), _holders("ann", "bob"), [])


@in_virtual_time
async def test_a_groups_four_lists() -> None:
    """Members, owners, active and eligible membership are read, and everybody in them is looked up."""
    table = {
        "/groups/g1/members": page(_principal("ann")),
        "/groups/g1/owners": page(_principal("bob")),
        _of(ASSIGNED, "g1"): page(_grant("ann", "g1")),
        _of(ELIGIBLE, "g1"): page(_grant("eve", "g1")),
        "/directoryObjects/getByIds": page(*map(_principal, ("ann", "bob", "eve"))),
    }
    groups, people = await _read(table, "g1")

    assert ids_in(tuple(groups.values())) == {"ann", "bob", "eve"}
    assert [person.id for person in people.items] == ["g1", "ann", "bob", "eve"]


@pytest.mark.parametrize("answer", [refusal(404, "ResourceNotFound"), refusal(404, ""), page()])
@in_virtual_time
async def test_a_group_that_pim_does_not_manage(answer: Answer) -> None:
    """A 404 of PIM's says the same as an empty list."""
    groups, _ = await _read({ASSIGNED: answer, ELIGIBLE: answer}, "g1")

    assert (groups["g1"].assignments.items, groups["g1"].eligibilities.items) == ((), ())


@pytest.mark.parametrize("status", [400, 404, 500])
@in_virtual_time
async def test_a_list_that_cannot_be_read(status: int) -> None:
    """A page that is no error of Graph's, or another error, leaves the list unread, and only that one."""
    answer = reply({"message": "no route"}, status) if status == 404 else refusal(status, "Other")
    groups, _ = await _read({ELIGIBLE: answer}, "g1")

    assert [section.known for section in groups["g1"].sections] == [True, True, True, False]


@in_virtual_time
async def test_without_a_licence_there_is_no_pim_for_groups() -> None:
    """Without Entra ID P2 nobody can be eligible: known to be empty."""
    no_licence = refusal(400, "AadPremiumLicenseRequired")
    groups, _ = await _read({ASSIGNED: no_licence, ELIGIBLE: no_licence}, "g1")

    assert {section.status for section in groups["g1"].sections} == {"read", "not_licensed"}
    assert all(section.known for section in groups["g1"].sections)


@in_virtual_time
async def test_hidden_members_are_asked_for_with_advice() -> None:
    """A group may hide its members, which takes a permission more."""
    groups, _ = await _read({"/groups/g1/members": DENIED}, "g1")

    assert "Member.Read.Hidden" in str(groups["g1"].members.advice)


@in_virtual_time
async def test_feeder_groups_are_followed() -> None:
    """A group that is a member of a group, now or when it likes, is read as well, and so on; an owner is not."""
    table = {
        "/groups/g1/members": page(_principal("g2", "group")),
        _of(ELIGIBLE, "g2"): page(_grant("g3", "g2"), _grant("g4", "g2", "owner")),
        _of(ASSIGNED, "g3"): page(_grant("g1", "g3")),
        "/directoryObjects/getByIds": page(*(_principal(f"g{n}", "group") for n in (1, 2, 3, 4))),
    }
    groups, _ = await _read(table, "g1")

    assert sorted(groups) == ["g1", "g2", "g3"]


@in_virtual_time
async def test_a_chain_without_end_is_cut_with_a_reason() -> None:
    """Groups that feed each other over more steps than anybody builds leave the principals unread."""
    names = [f"g{n}" for n in range(MOST_ROUNDS + 3)]
    table = {f"/groups/{name}/members": page(_principal(f"g{n + 1}", "group")) for n, name in enumerate(names)}
    table["/directoryObjects/getByIds"] = page(*(_principal(name, "group") for name in names))
    groups, people = await _read(table, "g0")

    assert (len(groups), people.known, people.code) == (MOST_ROUNDS, False, "endless")


@in_virtual_time
async def test_people_who_cannot_be_looked_up() -> None:
    """Once a round of principals could not be read, all are unread, with those found before."""
    table = {"/groups/g1/members": page(_principal("ann")), "/directoryObjects/getByIds": DENIED}
    _, people = await _read(table, "g1")

    assert (people.known, [person.id for person in people.records]) == (False, ["g1"])


@in_virtual_time
async def test_holders_that_were_unread_stay_unread() -> None:
    """What was missing before is not made whole by later rounds."""
    before = _holders("g1").model_copy(update={"status": "denied", "reason": "No."})
    table = {"/groups/g1/members": page(_principal("ann")), "/directoryObjects/getByIds": page(_principal("ann"))}
    _, people = await read_path_groups(client(serving(table)), before)

    assert (people.known, people.reason, [person.id for person in people.records]) == (False, "No.", ["g1", "ann"])


@pytest.mark.parametrize(("access", "owner"), [("owner", True), ("Owner", True), ("member", False), ("", False)])
def test_who_owns_a_group(access: str, *, owner: bool) -> None:
    """PIM tells members from owners, in whatever case."""
    assert GroupGrant.model_validate(_grant("ann", "g1", access)).is_owner is owner
