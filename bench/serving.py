"""Serve a large simulated tenant from a process of its own, so that it does not share the measured one's time."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator import Tenant

ROOT = Path(__file__).parent.parent


@contextmanager
def served(**size: float) -> Iterator[dict[str, str]]:
    """Yield the settings that scan a large tenant; see `simulator.large_tenant` for its sizes, `latency` in seconds."""
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in size.items()]
    process = subprocess.Popen(  # noqa: S603 - our own module with our own numbers
        [sys.executable, "-m", "bench.serving", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the serving process has no output")
        settings = json.loads(process.stdout.readline())
        yield {
            "CONNECTORWATCH_GRAPH_ROOT": settings["root"],
            "CONNECTORWATCH_CREDENTIAL": "token",
            "CONNECTORWATCH_GRAPH_TOKEN": settings["token"],
        }
    finally:
        process.terminate()
        process.wait(timeout=10)


def main() -> None:
    """Serve until terminated."""
    from simulator import Simulator, large_tenant

    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.05)
    for name in (
        "groups",
        "connectors",
        "applications",
        "role-definitions",
        "unrelated-assignments",
        "role-groups",
        "members-per-group",
    ):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--in-turn", action="store_true")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    latency, in_turn = given.pop("latency"), given.pop("in_turn")
    if in_turn:
        _serve_in_turn(large_tenant(**given), latency)
        return
    with Simulator(large_tenant(**given), latency=latency).in_thread() as simulator:
        sys.stdout.write(json.dumps({"root": simulator.root, "token": simulator.token}) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


def _serve_in_turn(tenant: Tenant, latency: float) -> None:
    """Serve the same tenant under another id with each line that is read, and tell the settings that scan it."""
    from simulator import Simulator

    with ExitStack() as running:
        for number, _ in enumerate(sys.stdin):
            running.close()
            served_tenant = tenant.tenant.model_copy(update={"id": f"{number:08x}-0000-4000-8000-000000000000"})
            simulator = Simulator(tenant.model_copy(update={"tenant": served_tenant}), latency=latency)
            running.enter_context(simulator.in_thread())
            settings = {
                "CONNECTORWATCH_GRAPH_ROOT": simulator.root,
                "CONNECTORWATCH_CREDENTIAL": "token",
                "CONNECTORWATCH_GRAPH_TOKEN": simulator.token,
                "CONNECTORWATCH_TENANT_ID": served_tenant.id,
            }
            sys.stdout.write(json.dumps(settings) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
