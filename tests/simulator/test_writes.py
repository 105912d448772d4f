"""Granting through the simulated Graph: who may, what is refused, and that what was granted is there."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.connectorwatch.grants.granting import waiting
from tests.simulator.helpers import PROXY, ROLES, asking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.simulator.helpers import Asker

GRAPH = "00000003-0000-0000-c000-000000000000"
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"


@asynccontextmanager
async def administrator(**settings: object) -> AsyncIterator[tuple[Asker, str]]:
    """Yield a client with the administrator's token, and the id of the identity that waits."""
    tenant = waiting(**settings)  # type: ignore[arg-type]  # the settings of the tenant, which its model checks
    async with asking(tenant) as ask:
        ask.token = ask.sim.administrator_token
        yield ask, tenant.guid("service_principal", "watcher")


async def wish(ask: Asker, principal: str, name: str = "Directory.Read.All") -> dict[str, Any]:
    """Return the body that grants a permission, its id looked up by its name."""
    graph = (await ask.get(f"/v1.0/servicePrincipals?$filter=appId eq '{GRAPH}'")).rows[0]
    role = next(role["id"] for role in graph["appRoles"] if role["value"] == name)
    return {"principalId": principal, "resourceId": graph["id"], "appRoleId": role}


def held(principal: str, role: str = READER) -> dict[str, str]:
    """Return the body that assigns a role."""
    return {"principalId": principal, "roleDefinitionId": role, "directoryScopeId": "/"}


async def test_a_permission_granted_opens_with_the_next_token() -> None:
    """A token tells what was granted before it was made; the next one opens more."""
    async with administrator() as (ask, principal):
        path = f"/v1.0/servicePrincipals/{principal}/appRoleAssignments"
        before = ask.sim.token
        made = await ask.send("POST", path, body=await wish(ask, principal))
        listed = await ask.get(path)
        assert (made.status, listed.column("id")) == (201, [made.json["id"]])
        after = ask.sim.token
        for token, status in ((before, 403), (after, 200)):
            ask.token = token
            assert (await ask.get("/v1.0/organization")).status == status


async def test_a_role_opens_connectors_at_once() -> None:
    """A directory role holds for the tokens that are there, and no longer once it is taken back."""
    async with administrator(permissions=("Directory.Read.All",)) as (ask, principal):
        identity = ask.sim.token
        made = await ask.send("POST", f"{ROLES}/roleAssignments", body=held(principal))
        seen = []
        for change in (None, "DELETE"):
            if change:
                ask.token = ask.sim.administrator_token
                await ask.send(change, f"{ROLES}/roleAssignments/{made.json['id']}")
            ask.token = identity
            seen.append((await ask.get(f"{PROXY}/connectors")).status)

    assert (made.status, seen) == (201, [200, 403])


@pytest.mark.parametrize("token", ["token", "renewed"])
async def test_only_an_administrator_grants(token: str) -> None:
    """The scanning identity cannot grant itself anything."""
    async with administrator() as (ask, principal):
        body = await wish(ask, principal)
        ask.token = ask.sim.token if token == "token" else ask.sim.renewed_token
        reply = await ask.send("POST", f"/v1.0/servicePrincipals/{principal}/appRoleAssignments", body=body)

    assert reply.status == (403 if token == "token" else 401)


async def test_what_is_there_is_refused() -> None:
    """Granting or assigning the same twice, and a second role of one name, is a 400."""
    role = {"displayName": "R", "isEnabled": True, "rolePermissions": [{"allowedResourceActions": ["a/b/read"]}]}
    async with administrator() as (ask, principal):
        for path, body in (
            (f"/v1.0/servicePrincipals/{principal}/appRoleAssignments", await wish(ask, principal)),
            (f"{ROLES}/roleAssignments", held(principal)),
            (f"{ROLES}/roleDefinitions", role),
        ):
            first, second = [await ask.send("POST", path, body=body) for _ in range(2)]
            assert (first.status, second.status, second.code) == (201, 400, "Request_BadRequest")


async def test_a_role_that_is_held_is_not_deleted() -> None:
    """A custom role goes after its last assignment, and a built-in one never."""
    role = {"displayName": "R", "isEnabled": True, "rolePermissions": [{"allowedResourceActions": ["a/b/read"]}]}
    async with administrator() as (ask, principal):
        own = (await ask.send("POST", f"{ROLES}/roleDefinitions", body=role)).json["id"]
        assigned = (await ask.send("POST", f"{ROLES}/roleAssignments", body=held(principal, own))).json["id"]
        wanted = [f"roleDefinitions/{own}", f"roleAssignments/{assigned}", f"roleDefinitions/{own}"]
        statuses = [
            (await ask.send("DELETE", f"{ROLES}/{path}")).status for path in (*wanted, f"roleDefinitions/{READER}")
        ]

    assert statuses == [400, 204, 204, 400]


@pytest.mark.parametrize(
    "path",
    [
        "servicePrincipals/{}/appRoleAssignments/none",
        "roleManagement/directory/roleAssignments/none",
        "roleManagement/directory/roleDefinitions/none",
    ],
)
async def test_what_is_not_there_is_not_found(path: str) -> None:
    """Removing something unknown is a 404."""
    async with administrator() as (ask, principal):
        assert (await ask.send("DELETE", f"/v1.0/{path.format(principal)}")).status == 404


async def test_bodies_that_make_no_sense() -> None:
    """What is no JSON object, names somebody else, or a role that is not there is refused."""
    async with administrator() as (ask, principal):
        path = f"/v1.0/servicePrincipals/{principal}/appRoleAssignments"
        good = await wish(ask, principal)
        bodies = (b"{", [1], good | {"principalId": "other"}, good | {"appRoleId": "other"})
        assert [(await ask.send("POST", path, body=body)).status for body in bodies] == [400] * 4
        when_empty = await ask.send("POST", path.replace(principal, "nobody"), body=good)
        unknown = await ask.send("POST", f"{ROLES}/roleAssignments", body=held("nobody"))
        assert (when_empty.status, unknown.status) == (404, 404)


async def test_a_custom_role_takes_a_licence() -> None:
    """Without any premium licence no custom role is made."""
    tenant = waiting()
    organization = tenant.tenant.model_copy(update={"licenses": frozenset()})
    async with asking(tenant.model_copy(update={"tenant": organization})) as ask:
        ask.token = ask.sim.administrator_token
        assert (await ask.send("POST", f"{ROLES}/roleDefinitions", body={"displayName": "R"})).status == 403


@pytest.mark.parametrize("permissions", [None, 5, [5], [{"allowedResourceActions": 5}]])
async def test_a_role_that_is_none_is_refused(permissions: object) -> None:
    """A definition that says not what it allows is a bad request, whatever it says instead."""
    async with administrator() as (ask, _):
        body = {"displayName": "R", "rolePermissions": permissions}
        assert (await ask.send("POST", f"{ROLES}/roleDefinitions", body=body)).status == 400
