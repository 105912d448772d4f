"""What the service costs: importing the app, a cold start, and many tenants through one process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.measure import median

ROOT = Path(__file__).parent.parent
TENANTS, EARLY = 200, 20
GROUPS, LATENCY = 10, 0.02


def rows() -> list[tuple[str, str, str]]:
    """Measure, and return the rows of the table."""
    app, libraries, client, nothing = (_python(code) for code in ("import function_app", _THREE, _FOUR, "pass"))
    started = _first_byte()
    fleet = _fleet()
    grown = fleet["late"] - fleet["early"]
    return [
        (
            "importing function_app",
            f"{(app - nothing) * 1000:.0f} ms",
            f"{(app - nothing) / (libraries - nothing):.2f} of azure.functions, pydantic and structlog",
        ),
        (
            "cold start to the first byte asked of Graph",
            f"{started:.2f} s",
            f"{(started - nothing) / (client - nothing):.2f} of those and msgraph-core's client (wanted: 1.5)",
        ),
        (
            f"{TENANTS} tenants of {GROUPS} groups through one process, 20 ms a request",
            f"{fleet['seconds'] / TENANTS:.2f} s a tenant",
            f"{fleet['seconds'] / TENANTS / LATENCY:.0f} times one request's 20 ms",
        ),
        (
            f"its memory after {TENANTS} tenants",
            f"{fleet['late']:.0f} MB",
            f"{grown:.1f} MB more than after {EARLY} (wanted: 20)",
        ),
    ]


_THREE = "import azure.functions, pydantic, structlog"
_FOUR = f"{_THREE}; from msgraph_core import GraphClientFactory"


def _python(code: str) -> float:
    """Return the median seconds that a fresh process takes for some code."""
    return median(lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True), 9)  # noqa: S603 - our own code


def _first_byte() -> float:
    """Return the median seconds from the start of a process until it asks Graph for the first thing."""
    return sorted(_cold() for _ in range(5))[2]


def _cold() -> float:
    with closing(socket.create_server(("127.0.0.1", 0))) as graph, tempfile.TemporaryDirectory() as folder:
        graph.settimeout(30)
        settings = {
            "CONNECTORWATCH_GRAPH_ROOT": f"http://127.0.0.1:{graph.getsockname()[1]}",
            "CONNECTORWATCH_CREDENTIAL": "token",
            "CONNECTORWATCH_GRAPH_TOKEN": "opaque-token-of-the-benchmark",
            "CONNECTORWATCH_TENANT_ID": _tenant_id(0),
            "CONNECTORWATCH_STORAGE": folder,
        }
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.fleet", "once"],
            cwd=ROOT,
            env=os.environ | settings,
            stderr=subprocess.DEVNULL,
        )
        try:
            with graph.accept()[0] as connection:
                connection.recv(1)
                return time.perf_counter() - began
        finally:
            process.kill()
            process.wait()


def _fleet() -> dict[str, float]:
    """Scan many tenants in one process, and return its seconds in scans and its peak MB early and late."""
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.fleet", "many", str(TENANTS), str(EARLY), str(GROUPS), str(LATENCY)],
            cwd=ROOT,
            env=os.environ | {"CONNECTORWATCH_STORAGE": folder},
            stdout=subprocess.PIPE,
            check=True,
        )
    measured: dict[str, float] = json.loads(ran.stdout)
    return measured


def _tenant_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"
