"""What all tests of this folder need."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import structlog

from connectorwatch.platform.logs import set_up_logs
from simulator import Fault, FaultKind, Simulator
from tests.e2e.commands import Slow, scan, start
from tests.e2e.running import environment, tenant_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Log as the command line does by itself: errors only."""
    set_up_logs("error")
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a policy under which nothing fails in the clean tenant."""
    path = tmp_path_factory.mktemp("policy") / "policy.yaml"
    path.write_text("version: 1\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session", autouse=True)
def slow(policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Slow]]:
    """Start two scans that try for seconds before they give up, so that they do while other tests run."""
    out = tmp_path_factory.mktemp("slow")
    failing = Fault(path="/onPremisesPublishingProfiles/applicationProxy/connectors", kind=FaultKind.STATUS, status=500)
    with Simulator(tenant_file("clean"), faults=[failing]).in_thread() as simulator:
        settings = {"failing": environment(simulator)}
        settings["unreachable"] = settings["failing"] | {"CONNECTORWATCH_GRAPH_ROOT": "http://127.0.0.1:9"}
        with ExitStack() as stack:
            yield {
                name: Slow(stack.enter_context(start(*scan(out / name, policy), settings=own)), out / name)
                for name, own in settings.items()
            }
