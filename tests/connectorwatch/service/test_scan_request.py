"""A request answered: one whole scan under the id that was asked for."""

from __future__ import annotations

import gzip
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from common.errors import CredentialError, StorageError
from connectorwatch.service.composition import Service, last_scans, service_of
from connectorwatch.service.delivery import deliver_all, deliver_of
from connectorwatch.service.failures import record_failure
from connectorwatch.service.own_state import FLEET, read_fleet
from connectorwatch.service.scan_request import scan_tenant
from connectorwatch.service.schedule import request_for
from connectorwatch.service.watchdog import watch
from findings.stores.folder import FolderStore
from simulator import Simulator
from tests.connectorwatch.service.making import NOW, B, service
from tests.e2e.running import environment, stored, tenant_file
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module", name="graph")
def _graph() -> Iterator[Simulator]:
    with Simulator(tenant_file("clean")).in_thread() as simulator:
        yield simulator


def serving(graph: Simulator, folder: Path) -> tuple[Service, str]:
    """Return a service that watches the tenant that the Graph serves and one that its token does not open."""
    tenant = graph.tenant.tenant.id
    told = {name.removeprefix("CONNECTORWATCH_").lower(): value for name, value in environment(graph).items()}
    return service(folder, tenant, B, settings=told)[0], tenant


def test_a_request_becomes_a_scan(graph: Simulator, tmp_path: Path) -> None:
    """The scan has the id, the tenant and the reason of its request."""
    own, tenant = serving(graph, tmp_path)
    request = request_for(tenant, NOW - timedelta(minutes=7), "schedule")

    result = scan_tenant(own, request.to_text())

    assert result is not None
    assert (result.document.scan.id, result.document.scan.trigger) == (request.scan_id, "schedule")
    assert last_scans(own.store) == {tenant: NOW}


def test_a_request_delivered_again_leaves_everything_as_it_is(graph: Simulator, tmp_path: Path) -> None:
    """The second delivery asks Graph for nothing and changes no stored byte."""
    own, tenant = serving(graph, tmp_path)
    text = request_for(tenant, NOW, "schedule").to_text()
    scan_tenant(own, text)
    before, asked = stored(tmp_path / "out"), len(graph.requests)

    scan_tenant(replace(own, now=lambda: NOW + timedelta(hours=1)), text)

    assert (stored(tmp_path / "out"), len(graph.requests)) == (before, asked)


def test_a_tenant_that_fails_leaves_a_reason_and_no_state(graph: Simulator, tmp_path: Path) -> None:
    """The failure says why, is told of the service, and stores nothing else under the tenant."""
    own, _ = serving(graph, tmp_path)
    text = request_for(B, NOW, "schedule").to_text()

    with pytest.raises(CredentialError, match="token belongs to tenant"):
        scan_tenant(own, text)
    assert record_failure(own, text)

    assert sorted(name for name in stored(tmp_path / "out") if name.startswith(B)) == [f"{B}/failed.json"]
    assert "token belongs to tenant" in read_fleet(own.store).findings[f"SVC001/{B}"].message


def test_a_good_scan_resolves_what_was_said(graph: Simulator, tmp_path: Path) -> None:
    """After a failure and a watchdog's bark, one stored scan makes both fixed."""
    own, tenant = serving(graph, tmp_path)
    watch(replace(own, now=lambda: NOW - timedelta(hours=60)))
    watch(own)
    record_failure(own, request_for(tenant, NOW, "schedule").to_text())

    scan_tenant(own, request_for(tenant, NOW, "manual").to_text())

    told = {key: found.resolved_by for key, found in read_fleet(own.store).findings.items() if tenant in key}
    assert told == {f"SVC001/{tenant}": "fixed", f"SVC002/{tenant}": "fixed"}


def test_a_tenant_that_is_no_longer_watched_is_dropped(graph: Simulator, tmp_path: Path) -> None:
    """A message that was waiting when its tenant was removed does nothing."""
    own, _ = serving(graph, tmp_path)
    asked = len(graph.requests)

    assert scan_tenant(own, request_for("cccccccc-0000-4000-8000-000000000003", NOW, "manual").to_text()) is None
    assert (stored(tmp_path / "out"), len(graph.requests)) == ({}, asked)


class Full(FolderStore):
    """A store whose documents and latest take nothing."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.latest = self  # type: ignore[assignment]  # only put is asked for

    def put(self, name: str, content: bytes) -> None:
        """Refuse."""
        raise StorageError(f"No room for {len(content)} bytes of {name}.")


def test_storage_that_takes_no_reason_does_not_hide_the_failure(graph: Simulator, tmp_path: Path) -> None:
    """Where even the reason cannot be noted, the failure itself comes out."""
    own, _ = serving(graph, tmp_path)

    with pytest.raises(CredentialError):
        scan_tenant(replace(own, store=Full(tmp_path / "out")), request_for(B, NOW, "schedule").to_text())


def test_what_is_to_be_told_is_delivered(graph: Simulator, tmp_path: Path) -> None:
    """A tenant's outbox is emptied after its scan, the service's own after a failure, and both by the timer."""
    own, tenant = serving(graph, tmp_path)
    (tmp_path / "p.yaml").write_text("min_active_connectors: 1000\n", encoding="utf-8")
    own = replace(own, settings=own.settings.model_copy(update={"policy": str(tmp_path / "p.yaml")}))
    scan_tenant(own, request_for(tenant, NOW, "schedule").to_text())
    record_failure(own, request_for(B, NOW, "schedule").to_text())
    (announced,) = read_fleet(own.store).outbox

    assert (announced.first, [change.key for change in announced.changes]) == (False, [f"SVC001/{B}"])
    assert deliver_of(own, FLEET).sent == 1
    assert deliver_all(own).sent == 1
    assert (deliver_all(own).sent, read_fleet(own.store).outbox) == (0, ())


def test_the_service_is_wired_from_its_environment(tmp_path: Path) -> None:
    """Settings, storage and queue come from the environment; nothing is connected yet."""
    own = service_of({"CONNECTORWATCH_STORAGE": str(tmp_path), "CONNECTORWATCH_TENANT_ID": B, "OTHER": "x"})

    assert [tenant.id for tenant in own.tenants()] == [B]
    assert own.now().tzinfo is not None
    assert list(tmp_path.iterdir()) == []


HEAVY = (
    "msgraph",
    "kiota",
    "azure.identity",
    "azure.storage",
    "azure.data",
    "azure.core",
    "aiohttp",
    "httpx",
    "jinja2",
)


def test_importing_the_app_loads_nothing_heavy() -> None:
    """A fresh process that imports function_app has loaded neither the libraries that scan nor those that store."""
    code = "import sys, function_app; print(chr(10).join(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own code

    assert [name for name in told.stdout.split() if name.startswith(HEAVY)] == []


@pytest.mark.slow
def test_a_scan_loads_no_typed_models_and_leaves_no_secret_anywhere(graph: Simulator, tmp_path: Path) -> None:
    """A whole scan imports nothing below msgraph.generated; no debug line and no stored byte holds a planted secret."""
    tenant, planted = graph.tenant.tenant.id, "cGxhbnRlZC1hY2NvdW50LWtleQ=="
    code = (
        "import logging, os, sys\n"
        "from connectorwatch.platform.logs import set_up_logs\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "set_up_logs('debug')\n"
        "from connectorwatch.service.composition import service_of\n"
        "from connectorwatch.service.scan_request import scan_tenant\n"
        "scan_tenant(service_of(os.environ), sys.argv[1])\n"
        "logging.error('settings %s', dict(os.environ))\n"
        "print([name for name in sys.modules if name.startswith('msgraph.generated')])\n"
    )
    text = request_for(tenant, NOW, "schedule").to_text()
    settings = environment(graph) | {
        "CONNECTORWATCH_TENANT_ID": tenant,
        "CONNECTORWATCH_STORAGE": str(tmp_path),
        "AzureWebJobsStorage": f"AccountName=planted;AccountKey={planted};",
    }

    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, text], cwd=ROOT, env=settings, capture_output=True, check=True
    )

    assert told.stdout.strip() == b"[]"
    assert (b"graph request" in told.stderr, b"AccountName=planted" in told.stderr) == (True, False)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    contents = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files]
    assert any(path.name == "evidence.json.gz" for path in files)
    for secret in (settings["CONNECTORWATCH_GRAPH_TOKEN"], planted):
        assert not [content for content in (told.stderr, *contents) if secret.encode() in content]
