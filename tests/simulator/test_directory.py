"""Users, groups, service principals, the organization and audit events."""

from __future__ import annotations

import pytest

from tests.simulator.helpers import EVENTUAL, Asker, asking, bundled


def _id(kind: str, key: str) -> str:
    return bundled("contoso").guid(kind, key)


async def test_organization(contoso: Asker) -> None:
    """The organization has the tenant's id, name and domains."""
    row = (await contoso.get("/v1.0/organization")).rows[0]
    assert (row["displayName"], row["verifiedDomains"][0]["name"]) == ("Contoso", "contoso.com")
    assert (await contoso.get(f"/v1.0/organization/{row['id']}")).json["id"] == row["id"]


async def test_subscriptions(contoso: Asker) -> None:
    """Licences show as subscriptions."""
    assert (await contoso.get("/v1.0/subscribedSkus")).column("skuPartNumber") == ["AAD_PREMIUM", "AAD_PREMIUM_P2"]


async def test_users_come_with_a_few_properties(contoso: Asker) -> None:
    """v1.0 gives eleven properties of a user unasked, beta nearly all."""
    assert set((await contoso.get("/v1.0/users")).rows[0]) == {
        *("businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation"),
        *("preferredLanguage", "surname", "userPrincipalName"),
    }
    assert {"userType", "accountEnabled"} <= set((await contoso.get("/beta/users")).rows[0])


async def test_selected_properties_of_a_user(contoso: Asker) -> None:
    """What tells a user's kind comes with `$select`, by id or by name."""
    wanted = "?$select=userType,accountEnabled,onPremisesSyncEnabled,identities,userPrincipalName"
    gita = (await contoso.get(f"/v1.0/users/{_id('user', 'gita')}{wanted}")).json
    assert (gita["userType"], gita["userPrincipalName"]) == (
        "Guest",
        "gita.rao_fabrikam.com#EXT#@contoso.onmicrosoft.com",
    )
    assert gita["identities"][0]["issuer"] == "ExternalAzureAD"
    sven = (await contoso.get(f"/v1.0/users/sven.lind@contoso.com{wanted}")).json
    assert (sven["onPremisesSyncEnabled"], sven["accountEnabled"]) == (True, True)
    uma = (await contoso.get(f"/v1.0/users/{_id('user', 'uma')}?$select=userType,mailNickname")).json
    assert {name: uma[name] for name in ("userType", "mailNickname")} == {"userType": None, "mailNickname": None}


async def test_unknown_user(contoso: Asker) -> None:
    """An unknown id is a 404 of the directory."""
    assert (await contoso.get("/v1.0/users/none")).code == "Request_ResourceNotFound"


async def test_group_and_its_people(contoso: Asker) -> None:
    """A group's members are the permanent and the activated, never the eligible; beta lists them all."""
    group = f"/beta/groups/{_id('group', 'proxy-admins')}"
    assert (await contoso.get(group)).json["isAssignableToRole"] is True
    members = await contoso.get(f"{group}/members")
    assert members.column("displayName") == ["Grace Kim", "Deployment pipeline", "Irene Papas"]
    assert members.column("@odata.type") == [
        "#microsoft.graph.user",
        "#microsoft.graph.servicePrincipal",
        "#microsoft.graph.user",
    ]
    assert (await contoso.get(f"{group}/owners")).column("displayName") == ["Olga Petrova"]


@pytest.mark.parametrize("what", ["members", "owners"])
async def test_service_principals_in_groups(what: str) -> None:
    """v1.0 leaves service principals out of members and owners and lists them where the path is cast to them."""
    contoso = bundled("contoso")
    team = contoso.groups["proxy-admins"].model_copy(update={what: ("grace", "pipeline", "ops-agent"), "pim": ()})
    async with asking(contoso.model_copy(update={"groups": contoso.groups | {"proxy-admins": team}})) as ask:
        path = f"/groups/{_id('group', 'proxy-admins')}/{what}"
        software = await ask.get(f"/v1.0{path}/microsoft.graph.servicePrincipal?$count=true", EVENTUAL)
        names = [(await ask.get(f"/{version}{path}")).column("displayName") for version in ("v1.0", "beta")]

    assert names == [["Grace Kim"], ["Grace Kim", "Deployment pipeline", "Operations agent"]]
    assert software.column("displayName") == ["Deployment pipeline", "Operations agent"]


async def test_transitive_members(contoso: Asker) -> None:
    """Transitive members are the members and theirs, of every type."""
    rows = await contoso.all(f"/v1.0/groups/{_id('group', 'all-staff')}/transitiveMembers")
    names = [row["displayName"] for row in rows]
    assert names == [
        "Ada Martin",
        "Bruno Keller",
        "Network Team",
        "Operations agent",
        "Automation account",
        "Nina Rossi",
        "Noah Jansen",
    ]
    assert rows[3]["@odata.type"] == "#microsoft.graph.agentIdentity"


async def test_cast_needs_eventual_consistency(contoso: Asker) -> None:
    """A cast to one type needs the header and the count."""
    path = f"/v1.0/groups/{_id('group', 'all-staff')}/transitiveMembers/microsoft.graph.user"
    assert (await contoso.get(path)).code == "Request_UnsupportedQuery"
    assert (await contoso.get(path, EVENTUAL)).status == 400
    reply = await contoso.get(f"{path}?$count=true", EVENTUAL)
    assert (len(reply.rows), reply.json["@odata.count"]) == (4, 4)
    assert (await contoso.get(f"{path}/$count", EVENTUAL)).body == b"4"
    assert (await contoso.get("/v1.0/users/microsoft.graph.user?$count=true", EVENTUAL)).status == 400


async def test_bare_count(contoso: Asker) -> None:
    """A `/$count` path answers a bare number, with the header only."""
    assert (await contoso.get("/v1.0/users/$count")).status == 400
    reply = await contoso.get("/v1.0/users/$count", EVENTUAL)
    assert (reply.body, reply.headers["Content-Type"]) == (b"28", "text/plain")
    assert (await contoso.get(f"/v1.0/users/{_id('user', 'ada')}/$count", EVENTUAL)).status == 400


async def test_hidden_memberships(contoso: Asker) -> None:
    """A hidden membership is refused, or shows types and ids only."""
    refused = await contoso.get(f"/v1.0/groups/{_id('group', 'works-council')}/members")
    assert (refused.status, refused.code) == (403, "Authorization_RequestDenied")
    rows = (await contoso.get(f"/v1.0/groups/{_id('group', 'takeover')}/members")).rows
    assert rows[0]["id"] == _id("user", "ulla")
    assert {value for name, value in rows[0].items() if name not in {"@odata.type", "id"}} == {None}


async def test_service_principals(contoso: Asker) -> None:
    """An application has a service principal with its tags and more."""
    row = (await contoso.get("/v1.0/servicePrincipals?$filter=displayName eq 'quick access'")).rows[0]
    assert row["tags"] == ["NetworkAccessQuickAccessApplication"]
    alone = await contoso.get(f"/v1.0/servicePrincipals/{row['id']}?$select=appId,tags")
    assert alone.json["appId"] == row["appId"]


async def test_by_ids(contoso: Asker) -> None:
    """Objects of any type are found by their ids, and the unknown ones are missing without a word."""
    ids = [_id("user", "ada"), _id("group", "all-staff"), "none", _id("agent", "orchestrator")]
    path = "/v1.0/directoryObjects/getByIds"
    reply = await contoso.send("POST", path, body={"ids": ids})
    assert reply.column("@odata.type") == [
        "#microsoft.graph.user",
        "#microsoft.graph.group",
        "#microsoft.graph.orchestratorIdentity",
    ]
    assert "userType" not in reply.rows[0]
    chosen = await contoso.send(
        "POST", f"{path}?$select=id,userType,isAssignableToRole", body={"ids": ids, "types": ["user"]}
    )
    assert [set(row) for row in chosen.rows] == [{"@odata.type", "id", "userType"}]


@pytest.mark.parametrize("body", [b"{", {"ids": "x"}, {"ids": [1]}, [], {"ids": [f"{n}" for n in range(1001)]}])
async def test_by_ids_refuses(contoso: Asker, body: object) -> None:
    """More than a thousand ids, or anything but a list of them, is refused."""
    assert (await contoso.send("POST", "/v1.0/directoryObjects/getByIds", body=body)).status == 400


async def test_audit_events(contoso: Asker) -> None:
    """Registrations are found by service, activity and time, newest first."""
    query = "loggedByService eq 'Application Proxy' and activityDisplayName eq 'register connector'"
    rows = await contoso.all(
        f"/v1.0/auditLogs/directoryAudits?$filter={query} and activityDateTime ge 2026-11-15T12:00:00Z"
    )
    assert [row["targetResources"][0]["displayName"] for row in rows] == [
        *("NYC-PNC03", "par-pnc02.contoso.com", "LAPTOP-7731", "CONTOSO-SYNC02"),
    ]
    assert rows[1]["targetResources"][0]["id"] == _id("connector", "par-02")
    assert rows[0]["initiatedBy"]["user"]["userPrincipalName"] == "chloe.dubois@contoso.com"
    assert (await contoso.get("/v1.0/auditLogs/directoryAudits?$filter=result ne 'failure'")).status == 400


async def test_audit_event_of_the_service_itself() -> None:
    """An event without a person names the service."""
    contoso = bundled("contoso")
    event = contoso.audit["failed"].model_copy(update={"by": None, "targets": ()})
    async with asking(contoso.model_copy(update={"audit": {"failed": event}})) as ask:
        row = (await ask.get("/v1.0/auditLogs/directoryAudits")).rows[0]
        assert row["initiatedBy"] == {
            "user": None,
            "app": {
                "appId": None,
                "displayName": "Application Proxy",
                "servicePrincipalId": None,
                "servicePrincipalName": None,
            },
        }


async def test_hostile_names_arrive_unharmed() -> None:
    """Hostile names are served as they stand in the file."""
    async with asking("hostile") as ask:
        row = (await ask.get(f"/v1.0/users/{_id('user', 'gita')}")).json
        assert row["displayName"] == "\u202eatig\u202c\n\nGuest"
