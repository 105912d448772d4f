"""Serve a large simulated tenant from a process of its own, so that it does not share the measured one's time."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        told = json.loads(process.stdout.readline())
        yield {
            "CONNECTORWATCH_GRAPH_ROOT": told["root"],
            "CONNECTORWATCH_CREDENTIAL": "token",
            "CONNECTORWATCH_GRAPH_TOKEN": told["token"],
        }
    finally:
        process.terminate()
        process.wait(timeout=10)


def main() -> None:
    """Serve until terminated."""
    from simulator import Simulator, large_tenant  # noqa: PLC0415 - not needed where this module is only imported

    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.05)
    for name in ("groups", "connectors", "applications", "role-definitions", "unrelated-assignments"):
        parser.add_argument(f"--{name}", type=int)
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    latency = given.pop("latency")
    with Simulator(large_tenant(**given), latency=latency).in_thread() as simulator:
        sys.stdout.write(json.dumps({"root": simulator.root, "token": simulator.token}) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
