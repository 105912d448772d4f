"""Query options and paging, as far as all services share them."""

from __future__ import annotations

import pytest

from tests.simulator.helpers import EVENTUAL, PROXY, ROLES, Asker


async def test_select(contoso: Asker) -> None:
    """Only what is selected comes, and says so in the context."""
    reply = await contoso.get("/v1.0/groups?$select=id,displayName")
    assert set(reply.rows[0]) == {"id", "displayName"}
    assert reply.json["@odata.context"].endswith("/v1.0/$metadata#groups(id,displayName)")


async def test_a_tip_when_nothing_is_selected(contoso: Asker) -> None:
    """The first page recommends `$select` to those who do without."""
    assert "@microsoft.graph.tips" in (await contoso.get("/v1.0/groups")).json
    assert "@microsoft.graph.tips" not in (await contoso.get("/v1.0/groups?$select=id")).json


@pytest.mark.parametrize(
    ("path", "name"),
    [("/v1.0/users?$select=shoeSize", "user"), (f"{PROXY}/connectors?$select=lastSeen", "connector")],
)
async def test_select_of_what_is_not_there(contoso: Asker, path: str, name: str) -> None:
    """An unknown property is refused by name."""
    reply = await contoso.get(path)
    assert (reply.status, reply.code) == (400, "BadRequest")
    assert f"on type 'microsoft.graph.{name}'" in reply.message


@pytest.mark.parametrize(
    "query",
    ["$filter=shoeSize eq 46", "$filter=displayName eq", "$filter=displayName eq 'x", "$orderby=shoeSize", "$skip=5",
     "$top=0", "$top=some", "$top=1000", "$expand=(", "$expand=manager", "$filter=concat(displayName,'x') eq 'y'",
     "$filter='a' eq displayName", "$filter=displayName eq mail", "$filter=createdDateTime ge 2026-02-31",
     "$filter=displayName has 'x'", "$filter=userType/all(x:x eq 'a')", "$filter=displayName"],
)  # fmt: skip
async def test_queries_that_are_refused(contoso: Asker, query: str) -> None:
    """What the service cannot read or does not know is a 400, or matches nothing."""
    reply = await contoso.get(f"/v1.0/users?{query}")
    assert reply.status == 400 or not reply.rows


@pytest.mark.parametrize("query", ["$filter=displayName eq 'x'", "$top=3"])
async def test_no_list_options_on_one_object(contoso: Asker, query: str) -> None:
    """An object is neither filtered nor paged."""
    assert (await contoso.get(f"/v1.0/users/ada.martin@contoso.com?{query}")).status == 400


async def test_advanced_filters(contoso: Asker) -> None:
    """Negations need eventual consistency and the count; the count comes on the first page only."""
    query = "/v1.0/users?$filter=userType ne 'Guest'"
    assert (await contoso.get(query)).code == "Request_UnsupportedQuery"
    assert (await contoso.get(f"{query}&$count=true")).status == 400
    assert (await contoso.get(query, EVENTUAL)).status == 400
    first = await contoso.get(f"{query}&$count=true", EVENTUAL)
    assert first.json["@odata.count"] == 26
    link = first.json["@odata.nextLink"]
    assert "@odata.count" not in (await contoso.get(link, EVENTUAL)).json
    assert (await contoso.get(link)).status == 400


async def test_count_without_the_header(contoso: Asker) -> None:
    """Without the header the directory ignores the count, silently."""
    assert "@odata.count" not in (await contoso.get("/v1.0/users?$count=true")).json
    assert (await contoso.get(f"{ROLES}/roleDefinitions?$count=true")).json["@odata.count"] == 18


async def test_search(contoso: Asker) -> None:
    """Searching needs eventual consistency, and is the directory's alone."""
    query = '?$search="displayName:break glass"'
    assert (await contoso.get(f"/v1.0/users{query}")).status == 400
    assert (await contoso.get(f"{PROXY}/connectors{query}", EVENTUAL)).status == 400
    assert len((await contoso.get(f"/v1.0/users{query}", EVENTUAL)).rows) == 2


async def test_order(contoso: Asker) -> None:
    """Lists are ordered by one property, either way."""
    names = (await contoso.get("/v1.0/groups?$orderby=displayName")).column("displayName")
    assert names == ["All Staff", "Network Team", "Project Takeover", "Proxy Admins", "Works Council"]
    assert (await contoso.get("/v1.0/groups?$orderby=displayName desc")).column("displayName") == names[::-1]


async def test_options_without_a_dollar(contoso: Asker) -> None:
    """The dollar sign may be left out, and a plus sign is a space."""
    assert len((await contoso.get("/v1.0/users?top=2")).rows) == 2
    assert len((await contoso.get("/v1.0/users?$filter=displayName+eq+'Ada+Martin'")).rows) == 1


async def test_next_link_carries_the_query(contoso: Asker) -> None:
    """A next link repeats the whole query and holds for this query only."""
    first = await contoso.get("/v1.0/users?$select=id&$top=3&$filter=accountEnabled%20eq%20true")
    link = first.json["@odata.nextLink"]
    assert "$select=id&$top=3&$filter=accountEnabled%20eq%20true&$skiptoken=" in link
    second = await contoso.get(link)
    assert (len(second.rows), "$skiptoken" in second.json["@odata.nextLink"]) == (3, True)
    assert second.json["@odata.nextLink"].count("$skiptoken") == 1
    token = link.partition("$skiptoken=")[2]
    for stolen in (token, "a", "%C3%A9", "AAAA"):
        assert (await contoso.get(f"/v1.0/users?$skiptoken={stolen}")).code == "Directory_ExpiredPageToken"


async def test_large_pages(contoso: Asker) -> None:
    """A page holds what `$top` asks for, in some services at most 999."""
    assert len((await contoso.get("/v1.0/users?$top=999")).rows) == 28
    assert len((await contoso.get(f"{ROLES}/roleAssignments?$top=2000")).rows) == 26


@pytest.mark.parametrize("path", ["/v1.0/nothing", "/v1.0", "/v2.0/users", "/", "/v1.0/users/a/b/c"])
async def test_unknown_paths(contoso: Asker, path: str) -> None:
    """A path that is not there is a 400, as is another version."""
    assert ((await contoso.get(path)).status, (await contoso.get(path)).code) == (400, "BadRequest")


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_writing(contoso: Asker, method: str) -> None:
    """Nothing can be written."""
    reply = await contoso.send(method, f"{PROXY}/connectorGroups", body={})
    assert (reply.status, reply.code, reply.headers["Allow"]) == (405, "Request_BadRequest", "GET")


async def test_paths_without_case(contoso: Asker) -> None:
    """Graph's paths do not mind the case."""
    assert (await contoso.get("/beta/onpremisespublishingprofiles/applicationProxy/connectorgroups")).status == 200
