"""What the tests of this folder share: a deployed package, an emulator, a simulated Graph, and the app in a host."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from azure.storage.queue import QueueClient

from findings.stores.azure import AzureStore
from simulator import Simulator
from tests.azurite import Azurite, required, running
from tests.e2e.running import environment, tenant_file
from tests.paths import ROOT
from tests.runtime.driving import PYTHON, Host, Mail, hosted
from tests.runtime.package import deploy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MISSING = (
    "THE FUNCTIONS RUNTIME IS NOT INSTALLED, so function_app.py was not tested in it: it needs Python 3.13; install "
    "that (any python3.13 on the PATH, or pyenv) and run `make test-runtime`"
)
OTHER = "bbbbbbbb-0000-4000-8000-000000000002"
"""A tenant that no token opens."""


@dataclass
class World:
    """Everything that runs, and where it stores.

    Attributes:
        host: The app.
        mail: Its queues.
        store: What it stores to.
        tenant: The id of the tenant that can be scanned.
        log: What it logged.
        settings: Its environment.
    """

    host: Host
    mail: Mail
    store: AzureStore
    tenant: str
    log: Path
    settings: dict[str, str]


@pytest.fixture(scope="session", name="package")
def _package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not PYTHON.exists():
        if required():
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return deploy(ROOT, tmp_path_factory.mktemp("deployed") / "app")


@pytest.fixture(scope="session", name="azurite")
def _azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with running(tmp_path_factory.mktemp("azurite")) as emulator:
        yield emulator


@pytest.fixture(scope="session", name="graph")
def _graph() -> Iterator[Simulator]:
    with Simulator(tenant_file("contoso")).in_thread() as simulator:
        yield simulator


@pytest.fixture(name="world")
def _world(package: Path, azurite: Azurite, graph: Simulator, tmp_path: Path) -> Iterator[World]:
    """Run the app with two tenants: one that the Graph serves, and one that its token does not open."""
    account = azurite.fresh()
    tenant, log = graph.tenant.tenant.id, tmp_path / "log.txt"
    fleet = tmp_path / "tenants.yaml"
    fleet.write_text(f"tenants:\n  - id: {tenant}\n    name: Contoso\n  - id: {OTHER}\n", encoding="utf-8")
    settings = {
        **environment(graph),
        "AzureWebJobsStorage": azurite.with_queues(account),
        "CONNECTORWATCH_STORAGE": account,
        "CONNECTORWATCH_TENANTS": str(fleet),
        "CONNECTORWATCH_SPREAD_MINUTES": "0",
    }
    with ExitStack() as open_things:
        queues = [
            open_things.enter_context(QueueClient.from_connection_string(settings["AzureWebJobsStorage"], name))
            for name in ("scan-requests", "scan-requests-poison")
        ]
        for queue in queues[1:]:  # the app makes the first
            queue.create_queue()
        host = open_things.enter_context(hosted(package, settings, log))
        yield World(host, Mail(*queues), AzureStore.from_connection_string(account), tenant, log, settings)
