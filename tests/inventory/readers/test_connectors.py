"""Connectors and their groups, with all the ways in which a list can say that it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory.models import Application, Connector, ConnectorGroup
from inventory.readers.connectors import PROFILE, read_connectors, read_contents, read_foreign, read_groups
from tests.inventory.networks import ROOT, ByHand, batched, client, in_virtual_time, page, refusal, reply, serving

if TYPE_CHECKING:
    from inventory.answer import Answer
    from inventory.snapshot import Section

GONE = refusal(404, "ConnectorGroup_NotFound")
NO_APPLICATIONS = refusal(404, "ApplicationsForGroup_NotFound")
DENIED = refusal(403, "Authorization_RequestDenied")
FAULT = refusal(500, "InternalServerError")


def _connector(number: int, status: str = "active") -> dict[str, object]:
    return {"id": f"c{number}", "machineName": f"M{number}", "externalIp": "192.0.2.1", "status": status}


def _group(name: str, kind: str = "applicationProxy") -> dict[str, object]:
    return {"id": name, "name": name, "connectorGroupType": kind, "isDefault": False}


def _groups(*names: str) -> list[ConnectorGroup]:
    return [ConnectorGroup.model_validate(_group(name)) for name in names]


def _path(name: str, what: str = "") -> str:
    return f"{PROFILE}/connectorGroups/{name}{what and '/'}{what}"


async def _contents(table: dict[str, Answer], *names: str) -> dict[str, tuple[object, object]]:
    """Return what was read of groups: the ids in both of their lists, or why a list was not read."""
    entries = await read_contents(client(serving(table)), _groups(*names))

    def told(section: Section[Connector] | Section[Application]) -> object:
        return [record.id for record in section.items] if section.known else section.code

    return {entry.group_id: (told(entry.members), told(entry.applications)) for entry in entries}


@in_virtual_time
async def test_a_connector_listed_twice_is_one() -> None:
    """A list that moves while its pages are read can repeat a record; the later one counts."""
    pages = page(_connector(1), _connector(2), _connector(1, "inactive"))
    section = await read_connectors(client(serving({f"{PROFILE}/connectors": pages})))

    assert [(record.id, record.status) for record in section.items] == [("c1", "inactive"), ("c2", "active")]


@in_virtual_time
async def test_connectors_that_cannot_be_read() -> None:
    """An unread list is a section with the reason, the permission and what to do."""
    section = await read_connectors(client(serving({f"{PROFILE}/connectors": DENIED})))

    assert (section.name, section.status, section.permission) == ("connectors", "denied", "Directory.Read.All")


@in_virtual_time
async def test_groups_of_other_kinds_stand_apart() -> None:
    """The list also holds groups of other services; types are compared without case."""
    listed = page(_group("a"), _group("b", "syncFabric"), _group("c", "ApplicationProxy"), _group("d", ""))
    own, others = await read_groups(client(serving({f"{PROFILE}/connectorGroups": listed})))

    assert ([group.id for group in own.items], [group.id for group in others]) == (["a", "c"], ["b", "d"])


@in_virtual_time
async def test_groups_that_cannot_be_read() -> None:
    """Without the list of groups there are no groups of either kind, and the section says why."""
    own, others = await read_groups(client(serving({f"{PROFILE}/connectorGroups": refusal(400, "BadRequest")})))

    assert (own.status, own.code, others) == ("failed", "BadRequest", ())


@in_virtual_time
async def test_each_groups_own_lists() -> None:
    """Every group has its connectors and its applications."""
    table = {
        _path("a", "members"): page(_connector(1), _connector(2), _connector(1)),
        _path("a", "applications"): page({"id": "app"}),
        _path("b", "members"): page(_connector(3)),
    }

    assert await _contents(table, "a", "b") == {"a": (["c1", "c2"], ["app"]), "b": (["c3"], [])}


@in_virtual_time
async def test_a_group_without_applications_may_say_404() -> None:
    """`ApplicationsForGroup_NotFound` is an empty list."""
    table = {_path("a", "members"): page(_connector(1)), _path("a", "applications"): NO_APPLICATIONS}

    assert await _contents(table, "a") == {"a": (["c1"], [])}


@pytest.mark.parametrize("what", ["members", "applications"])
@in_virtual_time
async def test_a_group_that_says_it_is_not_there_is_read_again(what: str) -> None:
    """`ConnectorGroup_NotFound` of a group that is still there is an empty list."""
    table = {_path("a", what): GONE, _path("a"): reply(_group("a"))}

    assert await _contents(table, "a") == {"a": ([], [])}


@in_virtual_time
async def test_a_group_that_was_deleted_meanwhile_is_left_out() -> None:
    """A group that is gone on the second look as well is no group any more; the others stay."""
    table = {_path("a", "members"): GONE, _path("a"): GONE, _path("b", "members"): page(_connector(1))}

    assert await _contents(table, "a", "b") == {"b": (["c1"], [])}


@pytest.mark.parametrize(("look", "code"), [(FAULT, "http_500"), (reply({}), "malformed")])
@in_virtual_time
async def test_a_second_look_that_fails_leaves_the_list_unread(look: Answer, code: str) -> None:
    """Where nobody can say whether the group is still there, its list is unread, and the other one is kept."""
    table = {_path("a", "members"): GONE, _path("a"): look, _path("a", "applications"): page({"id": "app"})}

    assert await _contents(table, "a") == {"a": (code, ["app"])}


@in_virtual_time
async def test_one_list_that_fails_costs_itself_only() -> None:
    """A denied list leaves the group's other list and the other groups as they are."""
    table = {_path("a", "members"): DENIED, _path("b", "members"): page(_connector(1))}

    assert await _contents(table, "a", "b") == {"a": ("Authorization_RequestDenied", []), "b": (["c1"], [])}


@in_virtual_time
async def test_a_group_that_vanishes_between_two_pages_is_not_empty() -> None:
    """After a first page with connectors, "there is no such group" cannot mean that it has none."""
    table = {
        _path("a", "members"): page(_connector(1), link=f"{ROOT}/beta{PROFILE}/connectorGroups/a/members?$skiptoken=2"),
        _path("a", "members?$skiptoken=2"): GONE,
        _path("a"): reply(_group("a")),
    }

    assert await _contents(table, "a") == {"a": ("broken_off", [])}


@pytest.mark.parametrize("status", [301, 500, 599])
@in_virtual_time
async def test_only_a_refusal_can_say_that_a_group_is_gone(status: int) -> None:
    """The code in a fault or a redirect proves nothing: the list is unread, not empty (found by the fuzz test)."""
    table = {_path("a", "members"): refusal(status, "ConnectorGroup_NotFound"), _path("a"): reply(_group("a"))}

    assert await _contents(table, "a", "b") == {"a": (f"http_{status}", []), "b": ([], [])}


@in_virtual_time
async def test_members_of_other_kinds_of_groups() -> None:
    """The agents of other services are found by their groups; a list that was refused is told, a gone one is not."""
    table = {_path("s", "members"): page(_connector(1)), _path("t", "members"): DENIED, _path("u", "members"): GONE}
    found, refused = await read_foreign(client(serving(table)), _groups("s", "t", "u"))

    assert found == {"c1"}
    assert refused
    assert (await read_foreign(client(serving(table)), _groups("s", "u")))[1] is None


@in_virtual_time
async def test_no_groups_no_requests() -> None:
    """A tenant without groups costs no request."""
    network = ByHand(lambda _: page())
    assert await read_contents(client(network), []) == ()
    assert await read_foreign(client(network), []) == (frozenset(), None)

    assert network.sent == []


@in_virtual_time
async def test_twenty_groups_are_two_requests() -> None:
    """Twenty groups' connectors are one request, their applications another."""
    network = ByHand(batched(lambda _: page()))
    await read_contents(client(network), _groups(*(f"g{n}" for n in range(20))))

    assert [sent.url for sent in network.sent] == [f"{ROOT}/beta/$batch"] * 2


def test_a_connectors_status_has_no_case() -> None:
    """Graph writes `active` and `Active`; any other word is not active."""
    seen = [
        Connector.model_validate(_connector(1, status)).is_active for status in ("active", "Active", "inactive", "")
    ]

    assert seen == [True, True, False, False]
