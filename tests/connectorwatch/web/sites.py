"""A service over a folder with some tenants in it, and people who sign in to it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectorwatch.web.callers import READ_ALL
from connectorwatch.web.context import RequestContext
from connectorwatch.web.dispatch import WebService
from connectorwatch.web.messages import HttpRequest, HttpResponse
from findings.stores.folder import FolderStore
from findings.views.tables import FLEET, Row, Value, fleet_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SCAN = "20261120T060000Z-0000000a"
MINE, OTHER, NEW, UNKNOWN = (f"0000000{number}-7a44-4b7e-9c55-0d1c2b3a4e5f" for number in range(1, 5))
"""Two tenants that were scanned, one that is only watched, and one that nobody knows."""


def principal(*roles: str, provider: str = "aad", claim: str = "roles") -> dict[str, str]:
    """Return the headers that the platform sends for somebody who holds these roles."""
    told = {"auth_typ": provider, "claims": [{"typ": claim, "val": role} for role in roles]}
    return {"x-ms-client-principal": base64.b64encode(json.dumps(told).encode()).decode()}


EVERYTHING = principal(READ_ALL)


def tenant_row(tenant_id: str, name: str = "", **values: Value) -> Row:
    """Return a summary row of a tenant that is well, but for what is said."""
    well: dict[str, Value] = {
        "tenant": tenant_id,
        "name": name,
        "revision": 1,
        "scan": SCAN,
        "scanned_at": (NOW - timedelta(hours=3)).isoformat(),
        "complete": True,
        "all_assessed": True,
        "sparkline": "3,,1",
    }
    return Row(FLEET, *fleet_place(tenant_id), well | values)


def finding_rows(tenant_id: str, number: int) -> list[Row]:
    """Return this many findings: rules, severities and states in turns."""
    told = [
        {
            "tenant": tenant_id,
            "finding": f"key {place}",
            "rule": ("GRP001", "CON001", "VER002")[place % 3],
            "severity": ("critical", "low")[place % 2],
            "state": "open" if place % 5 else "resolved",
        }
        for place in range(number)
    ]
    return [Row("ConnectorFindings", tenant_id, f"{place:032x}", values) for place, values in enumerate(told)]


@dataclass
class Asking:
    """Remembers for which tenants somebody asked for a scan."""

    tenants: list[str] = field(default_factory=list)

    def __call__(self, tenant_id: str) -> str:
        """Return one scan's id for everybody, as while it is waiting."""
        self.tenants.append(tenant_id)
        return SCAN


@dataclass(frozen=True)
class World:
    """A service, the folder below it, and what it was asked for."""

    root: Path
    store: FolderStore
    asking: Asking

    def service(self, *, trusted: bool = True) -> WebService:
        """Return the service; `trusted` is whether App Service authentication is switched on."""
        context = RequestContext(self.store, self.asking, lambda: {MINE: "Mine", NEW: "New"}, now=lambda: NOW)
        return WebService(lambda: context, trusted=trusted)

    def ask(
        self,
        name: str,
        headers: Mapping[str, str] | None = None,
        *,
        keyed: bool = True,
        query: Mapping[str, str] | None = None,
        route: Mapping[str, str] | None = None,
        **parts: str,
    ) -> HttpResponse:
        """Return what a route answers; `route` and `parts` are the named parts of its path."""
        return self.service().answer(
            name, HttpRequest("/api/", {**(route or {}), **parts}, query or {}, headers or {}), keyed=keyed
        )

    def put(self, tenant_id: str, files: Mapping[str, bytes]) -> None:
        """Store reports of the tenant's newest scan."""
        for name, content in files.items():
            self.store.latest.put(f"{tenant_id}/latest/{name}", content)
            self.store.scans.create(f"{tenant_id}/scans/{SCAN}/{name}", content)


def world(root: Path, rows: Iterable[Row] | None = None) -> World:
    """Return a service over two scanned tenants, or over the tenants whose summary rows are given."""
    store = FolderStore(root)
    for row in rows if rows is not None else (tenant_row(MINE, "Mine"), tenant_row(OTHER, "Other", high=2)):
        tenant_id = str(row.values["tenant"])
        store.views.replace(tenant_id, 1, [row, *finding_rows(tenant_id, 30)])
    return World(root, store, Asking())


def told(response: HttpResponse) -> dict[str, object]:
    """Return the JSON object of an answer."""
    value = json.loads(response.content)
    assert isinstance(value, dict)
    return value
