"""docs/permissions.md: what a scan asks for, what that takes and what is lost without it, from the code itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectorwatch.doctor.costs import Costs
from connectorwatch.doctor.show import families
from connectorwatch.grants.current import ROLE_DEFINITION, ROLE_NAME
from connectorwatch.platform.credentials import GRAPH_APP_ID
from inventory.permissions import (
    AUDIT_ROLES,
    CONNECTOR_ACTIONS,
    GLOBAL_READER,
    GRANTED,
    NEEDS,
    PIM_ROLES,
    PLAIN,
    PLAIN_ROLES,
)
from tools.costs import costs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.permissions import Requirement

_ROOT = "https://graph.microsoft.com/v1.0"
_BODY = r'"{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}"'
_TEMPLATE = Path(__file__).with_suffix(".md")


def permissions_page() -> str:
    """Return docs/permissions.md."""
    table = Costs.model_validate_json(costs())
    closed = _closed_to_cli()
    return _TEMPLATE.read_text(encoding="utf-8").format(
        given=_given(table),
        name=ROLE_NAME,
        reader=GLOBAL_READER,
        actions="\n".join(f"- `{action}`" for action in CONNECTOR_ACTIONS),
        lost=_rules(table.role),
        plain=f"`{PLAIN_ROLES}`",
        lists=_lists(table),
        cli=f"{', '.join(closed[:-1])} and {closed[-1]}",
        by_hand=by_hand(),
        pim_roles=_either(PIM_ROLES),
        audit_roles=_either(AUDIT_ROLES),
    )


def _given(table: Costs) -> str:
    rows = ["| permission | why | without it, verdicts are lost of |", "|---|---|---|"]
    rows += [
        f"| `{permission.name}` | {permission.why} | {_rules(table.permissions[permission.name])} |"
        for permission in GRANTED
    ]
    return "\n".join(rows)


def _lists(table: Costs) -> str:
    rows = ["| list | endpoint | least | given | without it, verdicts are lost of |", "|---|---|---|---|---|"]
    both = {"role_assignments": table.lists[PLAIN.kind]}
    rows += [_list(need, table.lists[kind], both.get(kind, ())) for kind, need in NEEDS.items()]
    return "\n".join(rows)


def _list(need: Requirement, lost: tuple[str, ...], both: tuple[str, ...]) -> str:
    given = "the same" if need.given_is_least else f"`{need.granted}`"
    marks = f"{' and the role' if need.connectors else ''}"
    p2 = " (P2)" if need.premium else ""
    rules = _rules(lost) + (f"; without the plain list, too: {_rules(both)}" if both else "")
    endpoints = ", ".join(f"`/{endpoint}`" for endpoint in (need.endpoint, *need.also))
    return f"| {need.words}{p2} | {endpoints} | `{need.least}`{marks} | {given} | {rules} |"


def _either(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _closed_to_cli() -> list[str]:
    """Return the lists that only PIM's permissions open."""
    return [need.words for need in NEEDS.values() if need.premium]


def _rules(rules: Iterable[str]) -> str:
    return ", ".join(families(tuple(rules))) or "none"


_START = (
    "```sh",
    "principal=OBJECT-ID   # of the service principal, not of the app registration",
    f"graph={_ROOT}",
    f"resource=$(az rest --method GET --url \"$graph/servicePrincipals(appId='{GRAPH_APP_ID}')\" \\",
    "  --query id -o tsv)",
)
_NAMES = " \\\n  ".join(permission.name for permission in GRANTED)
_EACH_PERMISSION = (
    f"for permission in \\\n  {_NAMES}; do",
    '  role=$(az rest --method GET --url "$graph/servicePrincipals/$resource" \\',
    "    --query \"appRoles[?value=='$permission'].id | [0]\" -o tsv)",
)


def by_hand() -> str:
    """Return the `az rest` lines that do what `grant` does, for whoever wants no program to do it."""
    named = quote(ROLE_NAME)
    lines = [
        *_START,
        *_EACH_PERMISSION,
        '  az rest --method POST --url "$graph/servicePrincipals/$principal/appRoleAssignments" \\',
        "    --body " + _BODY,
        "done",
        "# the custom role; for Global Reader instead leave this out and set",
        f"# reader={GLOBAL_READER}",
        'reader=$(az rest --method POST --url "$graph/roleManagement/directory/roleDefinitions" --query id -o tsv \\',
        f"  --body '{json.dumps(ROLE_DEFINITION)}')",
        'az rest --method POST --url "$graph/roleManagement/directory/roleAssignments" --body \\',
        '  "{\\"principalId\\":\\"$principal\\",\\"roleDefinitionId\\":\\"$reader\\",\\"directoryScopeId\\":\\"/\\"}"',
        "```",
        "",
        "And to take it back:",
        "",
        *_START,
        *_EACH_PERMISSION,
        '  id=$(az rest --method GET --url "$graph/servicePrincipals/$principal/appRoleAssignments" \\',
        "    --query \"value[?appRoleId=='$role'].id | [0]\" -o tsv)",
        '  az rest --method DELETE --url "$graph/servicePrincipals/$principal/appRoleAssignments/$id"',
        "done",
        "# for Global Reader leave out this command and the last, and set reader as above",
        "reader=$(az rest --method GET \\",
        f"  --url \"$graph/roleManagement/directory/roleDefinitions?\\$filter=displayName%20eq%20'{named}'\" \\",
        '  --query "value[0].id" -o tsv)',
        "id=$(az rest --method GET \\",
        "  --url \"$graph/roleManagement/directory/roleAssignments?\\$filter=principalId%20eq%20'$principal'\" \\",
        "  --query \"value[?roleDefinitionId=='$reader'].id | [0]\" -o tsv)",
        'az rest --method DELETE --url "$graph/roleManagement/directory/roleAssignments/$id"',
        "# if nobody else holds it",
        'az rest --method DELETE --url "$graph/roleManagement/directory/roleDefinitions/$reader"',
        "```",
    ]
    return "\n".join(lines)
