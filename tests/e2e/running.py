"""How the tests of this folder scan: a simulated Graph, the real wiring, and names that people can read."""

from __future__ import annotations

import hashlib
import textwrap
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from connectorwatch.scanning.scan import Result, run
from connectorwatch.wiring import Choices, scanning
from findings.state.document import State
from simulator import DEMO_POLICY, TENANTS, Simulator, load_tenant
from tests.e2e.expected import Verdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from connectorwatch.scanning.job import Scan
    from findings.document import FindingsDocument, GoneEntry, VerdictEntry
    from findings.stores.ports import Store
    from simulator import Tenant

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""The moment the bundled tenants are made for."""
POLICY = DEMO_POLICY
"""The repository's policy."""
ROLE_KEYS = {
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "application-administrator",
    "62e90394-69f5-4237-9190-012177145e10": "global-administrator",
}


@cache
def tenant_file(name: str) -> Tenant:
    """Return a bundled tenant."""
    return load_tenant(TENANTS / f"{name}.yaml")


def environment(simulator: Simulator) -> dict[str, str]:
    """Return the settings that scan a simulated Graph."""
    return {
        "CONNECTORWATCH_GRAPH_ROOT": simulator.root,
        "CONNECTORWATCH_CREDENTIAL": "token",
        "CONNECTORWATCH_GRAPH_TOKEN": simulator.token,
    }


@asynccontextmanager
async def wired(
    settings: dict[str, str], out: Path | str, at: datetime = NOW, policy: Path = POLICY, store: Store | None = None
) -> AsyncIterator[Scan]:
    """Yield a scan, wired as the command line wires it; another store takes the folder's place if one is given."""
    choices = Choices(out=str(out), policy=str(policy), at=at)
    async with scanning(choices, settings) as scan:
        yield replace(scan, store=store) if store else scan


async def scan_with(
    settings: dict[str, str], out: Path | str, at: datetime = NOW, policy: Path = POLICY, store: Store | None = None
) -> Result:
    """Scan the Graph that the settings name."""
    async with wired(settings, out, at, policy, store) as scan:
        return await run(scan)


async def scan_tenant(tenant: Tenant, out: Path, at: datetime = NOW, policy: Path = POLICY) -> FindingsDocument:
    """Serve a tenant, scan it once, and return the result."""
    async with Simulator(tenant) as simulator:
        return (await scan_with(environment(simulator), out, at, policy)).document


def keys(tenant: Tenant) -> dict[str, str]:
    """Return the key that everything in a tenant file has there, by its id."""
    found = {tenant.tenant.id: "tenant"} | ROLE_KEYS
    for kind in ("connector_group", "user", "group", "service_principal", "agent", "role", "application"):
        found |= {tenant.guid(kind, key): key for key in getattr(tenant, f"{kind}s")}
    for group in tenant.connector_groups.values():
        found |= {tenant.guid("connector", key): key for key in group.connectors}
    gone = {tenant.derived("deleted", key): key for key in tenant.deleted}
    return found | gone | {tenant.derived("partner", key): key for key in tenant.partners}


def table_of(document: FindingsDocument, tenant: Tenant) -> dict[str, dict[str, Verdict]]:
    """Return a scan's verdicts as the tables of `expected` write them."""
    names, table = keys(tenant), dict[str, dict[str, Verdict]]()
    for verdict in document.verdicts:
        own = verdict.subject.id
        text = own.rpartition(":")[2]  # of an entry of the policy: what stands there
        key = names.get(text.lower()) or text.replace(" ", "_")
        told = verdict.severity.value if verdict.outcome in ("fail", "waived") else None
        table.setdefault(verdict.rule, {})[key] = (verdict.outcome.value, told)
    return table


def variant(folder: Path, changes: str, base: str = "contoso") -> Tenant:
    """Return a bundled tenant with changes, written as YAML and laid over it as tenant files are."""
    path = folder / f"{hashlib.sha256(changes.encode()).hexdigest()[:16]}.yaml"
    path.write_text(f"base: {TENANTS / base}.yaml\n{textwrap.dedent(changes)}", encoding="utf-8")
    return load_tenant(path)


def moved(document: FindingsDocument, tenant: Tenant) -> dict[str, str]:
    """Return what a scan tells as a change, by rule and subject key."""
    names = keys(tenant)
    entries: list[VerdictEntry | GoneEntry] = [*document.verdicts, *document.gone]
    return {
        f"{entry.rule} {names.get(entry.subject.id, entry.subject.id)}": entry.lifecycle.change
        for entry in entries
        if entry.lifecycle is not None and entry.lifecycle.change is not None
    }


def stored(out: Path) -> dict[str, bytes]:
    """Return every file of a tenant that a store's readers can see, by its name."""
    files = (path for path in out.rglob("*/*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def state_of(out: Path, tenant: Tenant) -> State:
    """Return what is remembered of a tenant."""
    return State.from_bytes((out / tenant.tenant.id / "state.json").read_bytes())
