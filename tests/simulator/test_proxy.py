"""Connectors, connector groups and published applications."""

from __future__ import annotations

import pytest

from tests.simulator.helpers import PROXY, Asker, asking, bundled

PARIS = "7d3a9e50-2f41-4c86-b1d7-9a5e6c0f2b18"


def _group(key: str) -> str:
    return f"{PROXY}/connectorGroups/{bundled('contoso').guid('connector_group', key)}"


async def test_profile(contoso: Asker) -> None:
    """The publishing profile is an object of its own."""
    reply = await contoso.get(PROXY)
    assert (reply.json["id"], reply.json["isEnabled"]) == ("applicationProxy", True)


async def test_connectors_come_in_pages(contoso: Asker) -> None:
    """Twenty connectors come in pages of five with absolute, opaque links."""
    first = await contoso.get(f"{PROXY}/connectors")
    assert len(first.rows) == 5
    assert first.json["@odata.nextLink"].startswith(f"{contoso.sim.root}{PROXY}/connectors?$skiptoken=")
    rows = await contoso.all(f"{PROXY}/connectors")
    assert len({row["id"] for row in rows}) == 20


async def test_connectors_are_not_uniform(contoso: Asker) -> None:
    """A status is capitalised, a version is missing, and a field nobody knows turns up."""
    rows = {
        row["machineName"]: row
        for row in await contoso.all(f"{PROXY}/connectors?$filter=startswith(machineName,'nyc')")
    }
    assert rows["NYC-PNC01"]["status"] == "Active"
    assert "version" not in rows["NYC-PNC02"]
    assert rows["NYC-PNC03"]["unknownField"] == {"answer": 42, "more": [1, "two", None]}


async def test_connector_and_its_group(contoso: Asker) -> None:
    """A connector can be read alone and names its group."""
    guid = bundled("contoso").guid("connector", "par-01")
    assert (await contoso.get(f"{PROXY}/connectors/{guid}")).json["machineName"] == "par-pnc01.contoso.com"
    assert (await contoso.get(f"{PROXY}/connectors/{guid}/memberOf")).column("id") == [PARIS]


@pytest.mark.parametrize(
    "path", ["connectors/none", "connectors/none/memberOf", "connectorGroups/none", "connectorGroups/none/applications"]
)
async def test_what_is_not_there(contoso: Asker, path: str) -> None:
    """An unknown id is a 404 with a code of the App Proxy backend."""
    reply = await contoso.get(f"{PROXY}/{path}")
    assert (reply.status, reply.code.endswith("_NotFound")) == (404, True)


async def test_groups_of_other_services_come_too(contoso: Asker) -> None:
    """Groups of type syncFabric are in the list, and so is the region japan."""
    rows = await contoso.all(f"{PROXY}/connectorGroups")
    assert [row["connectorGroupType"] for row in rows].count("syncFabric") == 2
    assert "japan" in [row["region"] for row in rows]
    assert [row["name"] for row in rows if row["isDefault"]] == ["Default"]


async def test_group_alone(contoso: Asker) -> None:
    """A connector group can be read by its id."""
    assert (await contoso.get(_group("paris"))).json["name"] == "Paris"


async def test_no_expand_on_groups(contoso: Asker) -> None:
    """Members cannot be expanded on connector groups."""
    assert (await contoso.get(f"{PROXY}/connectorGroups?$expand=members")).status == 400


async def test_members_and_applications(contoso: Asker) -> None:
    """A group lists its connectors, and its applications with how they are published."""
    members = await contoso.get(f"{_group('paris')}/members")
    assert members.column("machineName") == ["par-pnc01.contoso.com", "par-pnc02.contoso.com"]
    applications = await contoso.get(f"{_group('paris')}/applications")
    assert applications.column("displayName") == ["Intranet", "HR portal", "Wiki"]
    assert applications.rows[0]["onPremisesPublishing"]["applicationType"] == "enterpriseapp"


async def test_empty_group_has_no_members_to_find(contoso: Asker) -> None:
    """An empty group's members answer 404 with the code of a group that is gone."""
    reply = await contoso.get(f"{_group('retired')}/members")
    assert (reply.status, reply.code) == (404, "ConnectorGroup_NotFound")
    assert (await contoso.get(_group("retired"))).status == 200


async def test_empty_group_has_no_applications_to_find(contoso: Asker) -> None:
    """A group without applications answers 404 for them."""
    reply = await contoso.get(f"{_group('lab')}/applications")
    assert (reply.status, reply.code) == (404, "ApplicationsForGroup_NotFound")


@pytest.mark.parametrize("path", ["", "/connectors", "/connectorGroups"])
async def test_not_in_v1(contoso: Asker, path: str) -> None:
    """The publishing profile is not in v1.0."""
    reply = await contoso.get(f"/v1.0/onPremisesPublishingProfiles/applicationProxy{path}")
    assert (reply.status, reply.code) == (400, "BadRequest")
    assert reply.message == "Resource not found for the segment 'onPremisesPublishingProfiles'."


@pytest.mark.parametrize(
    "path",
    [
        f"{PROXY}/publishedResources",
        "/beta/onPremisesPublishingProfiles/privateAccess/connectors",
        f"{PROXY}/connectors/$count",
    ],
)
async def test_backend_errors_have_an_empty_code(contoso: Asker, path: str) -> None:
    """What the App Proxy backend does not have is a 404 with an empty code."""
    reply = await contoso.get(path)
    assert (reply.status, reply.code) == (404, "")


async def test_application_to_group(contoso: Asker) -> None:
    """A published application names its connector group, alone or expanded; others do not."""
    guid, other = (bundled("contoso").guid("application", key) for key in ("wiki", "website"))
    assert (await contoso.get(f"/beta/applications/{guid}/connectorGroup")).json["name"] == "Paris"
    assert (await contoso.get(f"/beta/applications/{guid}?$expand=connectorGroup")).json["connectorGroup"][
        "id"
    ] == PARIS
    assert (await contoso.get(f"/beta/applications/{other}?$expand=connectorGroup")).json["connectorGroup"] is None
    assert (await contoso.get(f"/v1.0/applications/{guid}?$expand=connectorGroup")).status == 400
    assert (await contoso.get("/beta/applications?$expand=connectorGroup")).status == 400
    for missing in (other, "none"):
        reply = await contoso.get(f"/beta/applications/{missing}/connectorGroup")
        assert (reply.status, reply.code) == (404, "Application_NotFound")


async def test_publishing_of_an_application(contoso: Asker) -> None:
    """How an application is published comes on its own path, and on the application only when selected in beta."""
    guid, other = (bundled("contoso").guid("application", key) for key in ("quick-access", "website"))
    alone = await contoso.get(f"/beta/applications/{guid}/onPremisesPublishing")
    assert alone.json["applicationType"] == "quickaccessapp"
    assert (await contoso.get(f"/beta/applications/{other}/onPremisesPublishing")).status == 404
    assert "onPremisesPublishing" not in (await contoso.get(f"/beta/applications/{guid}")).json
    chosen = await contoso.get(f"/beta/applications/{guid}?$select=id,onPremisesPublishing")
    assert chosen.json["onPremisesPublishing"]["isAccessibleViaZTNAClient"] is True
    assert (await contoso.get(f"/v1.0/applications/{guid}?$select=onPremisesPublishing")).status == 400


async def test_published_applications_by_filter(contoso: Asker) -> None:
    """Published applications are found by a nested property or by their tags."""
    published = await contoso.all("/beta/applications?$filter=onPremisesPublishing/isOnPremPublishingEnabled eq true")
    tagged = await contoso.all("/v1.0/applications?$filter=tags/any(t:t eq 'PrivateAccessNonWebApplication')")
    assert (len(published), [row["displayName"] for row in tagged]) == (15, ["MES remote desktop"])


async def test_unreadable_group() -> None:
    """The bundled variant answers 500 and 403 for one group and leaves the others alone."""
    async with asking("group-unreadable") as ask:
        assert (await ask.get(f"{_group('paris')}/members")).status == 500
        refused = await ask.get(f"{_group('paris')}/applications")
        assert refused.code == "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess"
        assert (await ask.get(f"{_group('london')}/members")).status == 200
