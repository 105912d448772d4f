"""Predicted deployments: what Microsoft's Bicep compiler says that infra/ deploys, in three shapes.

`make snapshots` writes them anew below tests/infra/shapes/, and `make infra` compares them with infra/. Whoever reads
them here needs no compiler.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tools.arm_expressions import PUBLIC, evaluated

SHAPES = Path(__file__).parent.parent / "tests/infra/shapes"
NAMES = ("smallest", "private", "everything")
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings"
ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
}
"""Built-in roles by their ids (Microsoft Learn, "Azure built-in roles", 2026-10)."""


class Resource(NamedTuple):
    """One predicted resource."""

    type: str
    identity: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """The last part of its name."""
        return evaluated(self.body["name"]).rpartition("/")[2]

    @property
    def properties(self) -> dict[str, Any]:
        """What it is made with, beside name, place and kind."""
        held: dict[str, Any] = self.body.get("properties", {})
        return held

    @property
    def scope(self) -> str:
        """The identity of the resource that a role assignment or a diagnostic setting is about."""
        return self.identity.partition(f"/providers/{self.type}/")[0]


class Assignment(NamedTuple):
    """One role on one resource for one identity."""

    who: str
    role: str
    scope: str


@cache
def document(shape: str) -> dict[str, Any]:
    """Return the whole prediction of a shape."""
    held: dict[str, Any] = json.loads((SHAPES / f"{shape}.snapshot.json").read_text(encoding="utf-8"))
    return held


def resources(shape: str, kind: str = "") -> list[Resource]:
    """Return the resources of a shape, all or those of a type, in the order of the prediction."""
    every = [Resource(body["type"], body["id"], body) for body in document(shape)["predictedResources"]]
    return [resource for resource in every if kind in ("", resource.type)]


def only(shape: str, kind: str) -> Resource:
    """Return the one resource of a type."""
    (resource,) = resources(shape, kind)
    return resource


def below(identity: str) -> str:
    """Return an identity below its resource group, without the words that every one has."""
    return identity.partition("/resourceGroups/")[2].partition("/providers/")[2] or identity


def assignments(shape: str) -> list[Assignment]:
    """Return the role assignments of a shape; an unknown role is named by its id."""
    return [
        Assignment(
            who=evaluated(resource.properties["principalId"]).removesuffix(":principalId"),
            role=_role(resource.properties["roleDefinitionId"].rpartition("/")[2]),
            scope=below(resource.scope),
        )
        for resource in resources(shape, ASSIGNMENT)
    ]


def _role(identity: str) -> str:
    return ROLES.get(identity, identity)


def app_settings(shape: str, cloud: str = PUBLIC) -> dict[str, str]:
    """Return the app settings of a shape, as they are in a cloud."""
    settings = only(shape, "Microsoft.Web/sites").properties["siteConfig"]["appSettings"]
    return {setting["name"]: evaluated(setting["value"], cloud) for setting in settings}


def queries(shape: str) -> dict[str, str]:
    """Return the queries of the alerts by the names of their rules, without the suffix."""
    return {
        rule.name.removeprefix("alert-").rpartition("-")[0]: rule.properties["criteria"]["allOf"][0]["query"]
        for rule in resources(shape, "Microsoft.Insights/scheduledQueryRules")
    }
