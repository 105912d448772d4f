"""How the tests of this folder call the doctor, and scan the same Graph to see whether it told the truth."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from findings.reports.json_file import parse_json
from inventory.permissions import GRANTED
from policies.vocabulary import Outcome
from simulator import DEMO_POLICY, TENANTS, Simulator, load_tenant
from tests.e2e.commands import AT, Ran, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from findings.document import FindingsDocument
    from simulator import Fault, Tenant

NAMES = tuple(permission.name for permission in GRANTED)


def contoso(name: str = "contoso", **settings: object) -> Tenant:
    """Return a bundled tenant with other settings of its Graph."""
    tenant = load_tenant(TENANTS / f"{name}.yaml")
    return tenant.model_copy(update={"settings": tenant.settings.model_copy(update=settings)})


@contextmanager
def served(
    tenant: Tenant | None = None, permissions: Iterable[str] = NAMES, faults: Iterable[Fault] = ()
) -> Iterator[dict[str, str]]:
    """Serve a tenant to an identity with these permissions, and yield the settings that ask it."""
    own = tenant or contoso()
    with Simulator(own, permissions=tuple(permissions), faults=tuple(faults)).in_thread() as simulator:
        yield {
            "CONNECTORWATCH_GRAPH_ROOT": simulator.root,
            "CONNECTORWATCH_CREDENTIAL": "token",
            "CONNECTORWATCH_GRAPH_TOKEN": simulator.token,
            "CONNECTORWATCH_TENANT_ID": own.tenant.id,
        }


def doctor(settings: dict[str, str], out: Path, *more: str) -> Ran:
    """Call the doctor."""
    return run("doctor", "--out", str(out), "--policy", str(DEMO_POLICY), *more, settings=settings)


def told(settings: dict[str, str], out: Path, *more: str) -> dict[str, Any]:
    """Call the doctor and return its JSON, with the exit code beside it."""
    ran = doctor(settings, out, "--json", *more)
    return {**json.loads(ran.stdout), "code": ran.code}


def missing(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the checks that say that something is missing."""
    return [check for check in document["checks"] if check["state"] == "missing"]


def scanned(settings: dict[str, str], out: Path, at: str = AT) -> FindingsDocument:
    """Scan the Graph of the settings and return the document."""
    ran = run("scan", "--out", str(out), "--policy", str(DEMO_POLICY), "--at", at, "--json", settings=settings)
    return parse_json(ran.stdout.encode())


def unassessed(document: FindingsDocument) -> set[str]:
    """Return the keys of the verdicts that could not be judged."""
    return {verdict.key for verdict in document.verdicts if verdict.outcome is Outcome.NOT_ASSESSED}
