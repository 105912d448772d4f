"""The tables of docs/deploy.md, made from the predicted deployments; the words around them are written by hand."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tools.predicted import ASSIGNMENT, NAMES, assignments, only, resources

if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLE = re.compile(r"(<!-- (resources|roles|reach), by `make docs` -->\n).*?(<!-- end -->)", re.DOTALL)
_DOORS = {
    "the app (pages, API)": "Microsoft.Web/sites",
    "the storage account": "Microsoft.Storage/storageAccounts",
    "Key Vault": "Microsoft.KeyVault/vaults",
}


def deploy_page(page: str) -> str:
    """Return the page with its tables made anew; each stands between two comments, the first of which names it."""
    made = {"resources": _resources, "roles": _roles, "reach": _reach}
    return _TABLE.sub(lambda match: f"{match[1]}\n{made[match[2]]()}\n{match[3]}", page)


def _resources() -> str:
    """Return how many resources of each type a shape has; role assignments have a table of their own."""
    counts = {shape: Counter(resource.type for resource in resources(shape)) for shape in NAMES}
    kinds = sorted({kind for counted in counts.values() for kind in counted} - {ASSIGNMENT})
    rows = [[f"`{kind}`", *(str(counts[shape][kind] or "") for shape in NAMES)] for kind in kinds]
    rows.append(["role assignments", *(str(counts[shape][ASSIGNMENT]) for shape in NAMES)])
    return _table(["resource", *NAMES], rows)


def _roles() -> str:
    """Return every role of the largest shape; names that come from what somebody chose stand as they are."""
    suffix = only("everything", "Microsoft.Web/sites").name.rpartition("-")[2]
    rows = [
        [
            "the deployment identity" if "-package-" in given.who else "the app's identity",
            given.role,
            f"`{given.scope.partition('/')[2].replace(suffix, '…').replace('/default', '')}`",
        ]
        for given in assignments("everything")
    ]
    return _table(["who", "role", "on"], rows)


def _reach() -> str:
    """Return for each door whether the internet reaches it, and by what else it is reached."""
    rows = []
    for door, kind in _DOORS.items():
        row = [door]
        for shape in NAMES:
            resource = only(shape, kind)
            public = resource.properties["publicNetworkAccess"] == "Enabled"
            ends = [
                held["groupIds"][0]
                for endpoint in resources(shape, "Microsoft.Network/privateEndpoints")
                for held in [endpoint.properties["privateLinkServiceConnections"][0]["properties"]]
                if held["privateLinkServiceId"] == resource.identity
            ]
            row.append("the internet" if public else f"private endpoints only: {', '.join(ends)}")
        rows.append(row)
    calls = ["the app's own calls to them go", *(_calls(shape) for shape in NAMES)]
    return _table(["reached from", *NAMES], [*rows, calls])


def _calls(shape: str) -> str:
    subnet = only(shape, "Microsoft.Web/sites").properties.get("virtualNetworkSubnetId")
    return f"through the subnet `{subnet.rpartition('/')[2]}`" if subnet else "over their public addresses"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
