"""A service with a folder, a queue that is a list, and a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from common.errors import StorageError
from common.text import timestamp
from connectorwatch.service.composition import Service
from connectorwatch.wiring import Choices, settings_of
from findings.document import TenantInfo
from findings.state.document import ScanMeta, State
from findings.stores.folder import FolderStore
from findings.views.tables import Row, fleet_place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from findings.stores.ports import Store

A = "aaaaaaaa-0000-4000-8000-000000000001"
B = "bbbbbbbb-0000-4000-8000-000000000002"
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@dataclass
class Waiting:
    """A queue that is a list; it takes no message that names a tenant of `refused`."""

    messages: list[tuple[str, int]] = field(default_factory=list)
    refused: tuple[str, ...] = ()

    def put(self, text: str, delay: int) -> None:
        """Put a message."""
        if any(tenant in text for tenant in self.refused):
            raise StorageError("The queue is full.")
        self.messages.append((text, delay))


def service(
    folder: Path,
    *tenants: str,
    now: datetime = NOW,
    store: Store | None = None,
    settings: Mapping[str, str] | None = None,
) -> tuple[Service, Waiting]:
    """Return a service that watches these tenants, and its queue."""
    folder.mkdir(exist_ok=True)
    lines = "".join(f"  - id: {tenant}\n" for tenant in tenants)
    (folder / "tenants.yaml").write_text(f"version: 1\ntenants:\n{lines}", encoding="utf-8")
    environment = {
        "CONNECTORWATCH_STORAGE": str(folder / "out"),
        "CONNECTORWATCH_TENANTS": str(folder / "tenants.yaml"),
        **{f"CONNECTORWATCH_{name.upper()}": value for name, value in (settings or {}).items()},
    }
    queue = Waiting()
    chosen = settings_of(Choices(), environment)
    return Service(chosen, store or FolderStore(folder / "out"), queue, lambda: now), queue


def scanned(store: Store, tenant: str, *at: datetime) -> State:
    """Store the state of a tenant that was scanned at these moments, and return it."""
    scans = tuple(
        ScanMeta(
            id=f"{when:%Y%m%dT%H%M%SZ}-0000000a", taken_at=when, trigger="schedule", complete=True, evidence_sha256=""
        )
        for when in at
    )
    state = State.new(TenantInfo(id=tenant, name="A tenant")).model_copy(update={"scans": scans})
    found = store.documents.read(f"{tenant}/state.json")
    store.documents.write(f"{tenant}/state.json", state.to_bytes(), found.etag if found else None)
    values = {"tenant": tenant, "scanned_at": timestamp(at[-1])}
    store.views.replace(tenant, 0, [Row("ConnectorTenants", *fleet_place(tenant), values)], anew=True)
    return state
