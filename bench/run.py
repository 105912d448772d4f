"""`make bench`: what a scan costs, printed as a table to be kept in docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import json
import platform
import sys
import tempfile
import time
import tracemalloc
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench import service
from bench.measure import command, exponent, median
from bench.page import crowded, page_rows
from bench.rendering import rendering_rows
from bench.serving import served
from connectorwatch.platform.logs import set_up_logs
from connectorwatch.scanning.scan import expect_many_objects, judge_stored
from connectorwatch.wiring import Choices, scanning
from findings.reports.formats import FORMATS
from inventory.collect import collect
from policies.evaluate import evaluate
from policies.evidence import Evidence, ScanInfo
from policies.evidence_file import pack
from policies.policy_file.model import Policy
from policies.releases.catalogue import built_in_catalogue
from policies.rules import RULES

if TYPE_CHECKING:
    from connectorwatch.scanning.scan import Result
    from inventory.snapshot import Snapshot

AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
LATENCY = 0.05
GROWTH = (250, 1000)


def main() -> int:
    """Measure and print."""
    set_up_logs("error")
    expect_many_objects()
    rows = [*_scan(), *_growth(), *service.rows()]
    sys.stdout.write(f"\n{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}\n\n")
    sys.stdout.write("| what | figure | beside |\n|---|---|---|\n")
    sys.stdout.writelines(f"| {what} | {figure} | {beside} |\n" for what, figure, beside in rows)
    return 0


def _scan() -> list[tuple[str, str, str]]:
    """A tenant of 100 groups, 500 connectors, 300 applications, 105 roles and 10,000 unrelated assignments."""
    with served(latency=LATENCY) as environment, tempfile.TemporaryDirectory() as folder:
        whole = command(lambda n: ["connectorwatch", "scan", "--json", "--out", f"{folder}/{n}"], environment)
        graph = json.loads(whole.output)["scan"]["graph"]
        began = time.perf_counter()
        snapshot = asyncio.run(_collect(environment))
        collecting = time.perf_counter() - began
        depth = collecting / LATENCY
        demo = command(lambda n: ["connectorwatch", "scan", "--demo", "--json", "--out", f"{folder}/demo{n}"], {})
    result, crowd = _judged(snapshot), crowded(snapshot)
    judging = median(lambda: evaluate(_evidence(snapshot), RULES))
    return [
        ("the demo as a command, its simulator in it", f"{demo.seconds:.2f} s", f"{demo.megabytes:.0f} MB peak"),
        ("whole scan as a command, 50 ms a request", f"{whole.seconds:.2f} s", f"{whole.megabytes:.0f} MB peak"),
        ("collecting alone", f"{collecting:.2f} s", f"{depth:.0f} times one request's 50 ms"),
        ("HTTP requests", f"{graph['requests']}", f"{graph['batched']} lists in batches"),
        ("judging", f"{judging * 1000:.0f} ms", f"{judging / collecting:.2f} of collecting"),
        *rendering_rows(result.document, snapshot),
        *page_rows(_judged(crowd).document, crowd),
    ]


def _growth() -> list[tuple[str, str, str]]:
    """Tenants of 250 and of 1,000 groups, each with five connectors and three applications a group, no latency."""
    # First, while this process is small: Linux counts what a process held before it became another one.
    seconds, resident = _as_command(GROWTH[1])
    small, large = (_size(groups) for groups in GROWTH)
    grows = [exponent(less, more, GROWTH[1] / GROWTH[0]) for less, more in zip(small, large, strict=True)]
    return [
        (
            "1,000 groups, 5,000 connectors: collect, judge, render",
            f"{large[0]:.2f} s",
            f"{small[0]:.2f} s for 250 groups",
        ),
        ("grows with the exponent", f"{grows[0]:.2f}", "1 is linear"),
        ("memory it allocates at most", f"{large[1]:.0f} MB", f"exponent {grows[1]:.2f}"),
        ("the same as a command: peak resident memory", f"{resident:.0f} MB", f"{seconds:.2f} s"),
        ("judging it alone", f"{large[2]:.2f} s", f"exponent {grows[2]:.2f}"),
    ]


def _size(groups: int) -> tuple[float, float, float]:
    """Return the seconds and the peak MB that a tenant of this size takes, and the seconds of judging it."""

    def work() -> Snapshot:
        snapshot = asyncio.run(_collect(environment))
        result = _judged(snapshot)
        for report in FORMATS.values():
            report.render(result.document, snapshot)
        return snapshot

    with served(latency=0, groups=groups, connectors=5 * groups, applications=3 * groups) as environment:
        seconds = median(work, 3)
        tracemalloc.start()
        snapshot = work()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return seconds, peak, median(lambda: evaluate(_evidence(snapshot), RULES), 3)


def _as_command(groups: int) -> tuple[float, float]:
    """Return the seconds and the peak resident MB of a scan of that many groups."""
    with (
        served(latency=0, groups=groups, connectors=5 * groups, applications=3 * groups) as environment,
        tempfile.TemporaryDirectory() as folder,
    ):
        ran = command(lambda n: ["connectorwatch", "scan", "--json", "--out", f"{folder}/{n}"], environment, 3)
    return ran.seconds, ran.megabytes


async def _collect(environment: dict[str, str]) -> Snapshot:
    async with scanning(Choices(out=tempfile.gettempdir(), at=AT), environment) as wired:
        return await collect(wired.graph, wired.tenant_id, lambda: AT)


def _evidence(snapshot: Snapshot) -> Evidence:
    return Evidence(scan=ScanInfo(id="bench"), snapshot=snapshot, policy=Policy(), releases=built_in_catalogue())


def _judged(snapshot: Snapshot) -> Result:
    return judge_stored(pack(_evidence(snapshot)), "bench", None)


if __name__ == "__main__":
    sys.exit(main())
