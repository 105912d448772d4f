"""The same reading and decoding by the SDK's typed models. Runs in an environment of its own; see `make bench-peers`.

Prints one JSON object: seconds of reading the tenant in a loop per group, and of decoding 10,000 assignments.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from azure.core.credentials import AccessToken
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.models.unified_role_assignment_collection_response import UnifiedRoleAssignmentCollectionResponse
from msgraph_beta import GraphRequestAdapter, GraphServiceClient

PROFILE = "applicationProxy"
ROLES = ("62e90394-69f5-4237-9190-012177145e10", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3")


class _Token:
    """A token given by hand."""

    def get_token(
        self,
        *_scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **_options: Any,
    ) -> AccessToken:
        """Return it, whatever it is asked for."""
        del claims, tenant_id, enable_cae
        return AccessToken(os.environ["CONNECTORWATCH_GRAPH_TOKEN"], int(time.time()) + 3600)


async def _all(builder: Any) -> list[Any]:
    """Read a list as Microsoft's samples do: page after page."""
    page = await builder.get()
    records = list(page.value)
    while page.odata_next_link:
        page = await builder.with_url(page.odata_next_link).get()
        records += page.value
    return records


async def _read() -> dict[str, int]:
    """Read connectors, groups, each group's lists, roles, and who holds the two that matter."""
    root = os.environ["CONNECTORWATCH_GRAPH_ROOT"]
    signer = AzureIdentityAuthenticationProvider(_Token(), scopes=["x/.default"], allowed_hosts=["127.0.0.1"])
    adapter = GraphRequestAdapter(signer)
    adapter.base_url = f"{root}/beta"
    client = GraphServiceClient(request_adapter=adapter)
    profile = client.on_premises_publishing_profiles.by_on_premises_publishing_profile_id(PROFILE)
    counts = {"connectors": len(await _all(profile.connectors)), "members": 0, "applications": 0}
    groups = await _all(profile.connector_groups)
    for group in groups:
        group_builder = profile.connector_groups.by_connector_group_id(group.id)
        counts["members"] += len(await _all(group_builder.members))
        counts["applications"] += len(await _all(group_builder.applications))
    directory = client.role_management.directory
    counts["roles"] = len(await _all(directory.role_definitions))
    for role in ROLES:
        for builder in (directory.role_assignment_schedule_instances, directory.role_eligibility_schedule_instances):
            filtered = f"{root}/beta/roleManagement/directory/{_segment(builder)}?$filter=roleDefinitionId eq '{role}'"
            await _all(builder.with_url(filtered.replace(" ", "%20")))
    return {"groups": len(groups), **counts}


def _segment(builder: Any) -> str:
    return str(builder.url_template.rpartition("directory/")[2].partition("{")[0])


def main() -> None:
    """Measure and print."""
    began = time.perf_counter()
    counts = asyncio.run(_read())
    reading = time.perf_counter() - began
    body = Path(sys.argv[1]).read_bytes()
    began = time.perf_counter()
    node = JsonParseNodeFactory().get_root_parse_node("application/json", body)
    page = node.get_object_value(UnifiedRoleAssignmentCollectionResponse)
    decoding = time.perf_counter() - began
    measured = {"reading": reading, "decoding": decoding, "records": len(page.value or ()), "counts": counts}
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
