"""The simulator held against Microsoft's own schemas.

`CONNECTORWATCH_FACTS` names a folder with `openapi-beta-slice.yaml` and `openapi-v1-slice.yaml`.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.connectorwatch.grants.granting import waiting
from tests.simulator.helpers import EVENTUAL, Asker, asking, bundled
from tests.simulator.test_writes import held, wish

FACTS = os.environ.get("CONNECTORWATCH_FACTS")
pytestmark = pytest.mark.skipif(FACTS is None, reason="CONNECTORWATCH_FACTS names no folder with Microsoft's schemas")

_FILES = {"beta": "openapi-beta-slice.yaml", "v1.0": "openapi-v1-slice.yaml"}
_PROXY = "/onPremisesPublishingProfiles/applicationProxy"
_ROLES = "/roleManagement/directory"


@cache
def _schemas(version: str) -> dict[str, Any]:
    """Return the OpenAPI document with its schemas made fit for JSON Schema."""
    document = YAML(typ="safe", pure=True).load(Path(str(FACTS)) / _FILES[version])
    fitted: dict[str, Any] = _fitted(document)
    return fitted


def _fitted(node: Any) -> Any:  # noqa: ANN401 - any part of a document
    """Strip what answers are known to break (enums), and say `nullable` the way JSON Schema does."""
    if isinstance(node, list):
        return [_fitted(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _fitted(value) for key, value in node.items() if key not in {"enum", "nullable", "discriminator"}}
    if node.get("nullable") is True:
        return {"anyOf": [kept, {"type": "null"}]}
    return kept


def _schema_of(version: str, path: str) -> dict[str, Any]:
    """Return the schema of a path's successful answer."""
    document = _schemas(version)
    for template, item in document["paths"].items():
        pattern = re.sub(r"\\\{[^/]*?\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and "get" in item:
            responses = item["get"]["responses"]
            content = next(one for status, one in responses.items() if status.startswith("2"))
            schema = content["content"]["application/json"]["schema"]
            return {**schema, "components": document["components"]}
    pytest.fail(f"no schema for {version}{path}")


def _problems(version: str, path: str, body: object) -> list[str]:
    found = Draft202012Validator(_schema_of(version, path)).iter_errors(body)
    return [f"{error.json_path}: {error.message}" for error in found]


def _requests(name: str) -> list[tuple[str, str]]:
    """Return a version and a target for everything worth looking at."""
    tenant = bundled(name)
    paris, user, app = (
        tenant.guid("connector_group", "paris"),
        tenant.guid("user", "gita"),
        tenant.guid("application", "intranet"),
    )
    group, connector = tenant.guid("group", "proxy-admins"), tenant.guid("connector", "par-01")
    more = "id,userType,accountEnabled,onPremisesSyncEnabled,identities,userPrincipalName,externalUserState"
    both = [
        "/organization",
        "/applications",
        f"/applications/{app}",
        "/servicePrincipals",
        "/users",
        f"/users?$select={more}",
        f"/users/{user}?$select={more}",
        f"/groups/{group}",
        f"/groups/{group}/members",
        f"/groups/{group}/transitiveMembers",
        f"{_ROLES}/roleDefinitions",
        f"{_ROLES}/roleDefinitions/{tenant.guid('role', 'connector-operators')}",
        f"{_ROLES}/roleAssignments?$expand=principal",
        f"{_ROLES}/roleAssignments?$expand=roleDefinition",
        f"{_ROLES}/roleAssignmentScheduleInstances?$expand=principal,roleDefinition",
        f"{_ROLES}/roleEligibilityScheduleInstances?$expand=principal,roleDefinition",
        "/auditLogs/directoryAudits",
    ]
    beta = [
        _PROXY,
        f"{_PROXY}/connectors",
        f"{_PROXY}/connectors/{connector}",
        f"{_PROXY}/connectors/{connector}/memberOf",
        f"{_PROXY}/connectorGroups",
        f"{_PROXY}/connectorGroups/{paris}",
        f"{_PROXY}/connectorGroups/{paris}/members",
        f"{_PROXY}/connectorGroups/{paris}/applications",
        f"/applications/{app}/connectorGroup",
        f"/applications/{app}/onPremisesPublishing",
        f"/applications/{app}?$select=id,onPremisesPublishing&$expand=connectorGroup",
    ]
    return [("v1.0", one) for one in both] + [("beta", one) for one in (*both, *beta)]


async def _pages(ask: Asker, link: str) -> list[Any]:
    pages = []
    following: str | None = link
    while following is not None:
        reply = await ask.get(following, EVENTUAL)
        assert reply.status == 200, reply.body
        pages.append(reply.json)
        following = reply.json.get("@odata.nextLink")
    return pages


@pytest.mark.parametrize("name", ["contoso", "hostile"])
async def test_answers_follow_the_schemas(name: str) -> None:
    """Every page of every kind of answer is what Microsoft's schema of it allows."""
    problems = []
    async with asking(name) as ask:
        for version, target in _requests(name):
            for page in await _pages(ask, f"/{version}{target}"):
                found = _problems(version, target.partition("?")[0], page)
                problems += [f"{version}{target}: {problem}" for problem in found]
    assert problems == []


@pytest.mark.parametrize(("version", "target"), [("beta", f"{_PROXY}/connectors/none"), ("v1.0", "/users/none")])
async def test_errors_follow_the_schema(version: str, target: str) -> None:
    """An error is what Microsoft's schema of errors allows."""
    schemas = _schemas(version)
    error = schemas["components"]["responses"]["error"]["content"]["application/json"]["schema"]
    async with asking() as ask:
        reply = await ask.get(f"/{version}{target}")
    assert list(Draft202012Validator({**error, "components": schemas["components"]}).iter_errors(reply.json)) == []


async def test_what_grants_answer_follows_the_schemas() -> None:
    """A permission and a role that were granted are objects as Microsoft's schemas allow, alone and in their lists."""
    tenant = waiting()
    own = tenant.guid("service_principal", "watcher")
    grants = f"/servicePrincipals/{own}/appRoleAssignments"
    role = {"displayName": "R", "isEnabled": True, "rolePermissions": [{"allowedResourceActions": ["a/b/read"]}]}
    async with asking(tenant) as ask:
        ask.token = ask.sim.administrator_token
        made = [
            (f"{_ROLES}/roleDefinitions", role),
            (f"{_ROLES}/roleAssignments", held(own)),
            (grants, await wish(ask, own)),
        ]
        problems = []
        for path, body in made:
            reply = await ask.send("POST", f"/v1.0{path}", body=body)
            name = {"roleDefinitions": "unifiedRoleDefinition", "roleAssignments": "unifiedRoleAssignment"}
            kind = name.get(path.rpartition("/")[2], "appRoleAssignment")
            schema = {
                "$ref": f"#/components/schemas/microsoft.graph.{kind}",
                "components": _schemas("v1.0")["components"],
            }
            problems += [f"{path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(reply.json)]
            problems += _problems("v1.0", path, (await ask.get(f"/v1.0{path}")).json)
    assert problems == []
