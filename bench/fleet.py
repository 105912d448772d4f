"""The process that `bench.service` measures: makes scans as the queue's function does, one after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path


def main() -> None:
    """Make one scan of the environment's tenant, or many of tenants that another process serves in turn."""
    import function_app  # noqa: F401 - the host has indexed the app before it invokes a function
    from connectorwatch.platform.logs import set_up_logs

    set_up_logs("error")
    if sys.argv[1] == "once":
        _scan({})
        return
    tenants, early, groups, latency = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
    resident, seconds = [], 0.0
    serving = [sys.executable, "-m", "bench.serving", "--in-turn", f"--groups={groups}", f"--latency={latency}"]
    small = ["--connectors=30", "--applications=20", "--unrelated-assignments=0"]
    with subprocess.Popen([*serving, *small], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:  # noqa: S603 - our own module
        if served.stdin is None or served.stdout is None:
            raise RuntimeError("the serving process has no pipes")
        for _ in range(tenants):
            served.stdin.write("next\n")
            served.stdin.flush()
            settings = json.loads(served.stdout.readline())
            began = time.perf_counter()
            _scan(settings)
            seconds += time.perf_counter() - began
            resident.append(_resident())
        served.stdin.close()
    sys.stdout.write(json.dumps({"seconds": seconds, "early": resident[early - 1], "late": resident[-1]}))


def _resident() -> float:
    """Return the MB that this process holds now.

    Not its peak: Linux counts for that what the process that started it held, before it became another program.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _scan(settings: dict[str, str]) -> None:
    from connectorwatch.service.composition import service_of
    from connectorwatch.service.scan_request import scan_tenant
    from connectorwatch.service.schedule import request_for

    environment = os.environ | settings
    request = request_for(environment["CONNECTORWATCH_TENANT_ID"], datetime.now(UTC), "schedule")
    scan_tenant(service_of(environment), request.to_text())


if __name__ == "__main__":
    main()
