"""A tenant that is well and one that is broken, served side by side, and stores to scan them into."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from connectorwatch.scanning.publish import keep_evidence, publish
from findings.stores.azure import AzureStore
from findings.stores.folder import FolderStore
from tests.azure.conftest import HASTE
from tests.e2e.running import NOW, scan_with, tenant_file

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from findings.stores.ports import Store
    from policies.evidence import Evidence

CLEAN = tenant_file("clean")
TENANT = CLEAN.tenant.id
BROKEN = "connector_groups: {head-office: {connectors: {hq-02: {status: inactive}}}}"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Scene:
    """Settings that scan the tenant when all is well and when a connector is down, and what two scans saw."""

    fine: dict[str, str]
    broken: dict[str, str]
    first: Evidence
    second: Evidence


def stored_looks(fine: dict[str, str], broken: dict[str, str], folder: Path) -> Scene:
    """Return the scene after two scans a day apart into a folder, which is not needed any more."""
    first = asyncio.run(scan_with(fine, folder, NOW)).evidence
    second = asyncio.run(scan_with(broken, folder, NOW + DAY)).evidence
    return Scene(fine, broken, first, second)


def replay(store: Store, evidence: Evidence) -> None:
    """Store and publish what a scan has seen."""
    publish(store, keep_evidence(store, evidence))


def opened(place: Path | str) -> Store:
    """Return the store at a folder or behind a connection string."""
    return AzureStore.from_connection_string(place, HASTE) if isinstance(place, str) else FolderStore(place)


def day(number: int) -> datetime:
    """Return the moment of a scan."""
    return NOW + number * DAY
