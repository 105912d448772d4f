"""`make bench`: what a scan costs, printed as a table to be kept in docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
import tracemalloc
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench import registrars, service
from bench.document import Table, report, yardstick
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
GROWTH = (200, 1000)
_SCAN_WORDS = (
    "100 connector groups, 500 connectors, 300 applications, 105 role definitions, 10,000 unrelated role assignments; "
    "a simulated Graph in a process of its own, 50 ms a request."
)
_REGISTRARS_WORDS = (
    "The same tenant, with five groups of 50 people that hold Application Administrator; in one process."
)
_GROWTH_WORDS = "1,000 groups with 5,000 connectors and 3,000 applications beside a fifth of that; no latency."
_SERVICE_WORDS = (
    "A tenant here has 10 groups, 30 connectors and 20 applications; another process serves 200 of them in turn, and "
    "one process scans them as the queue's function does, into a folder. Wanted: the first byte within 1.5 times the "
    "import of `azure.functions`, `pydantic`, `structlog` and msgraph-core's client; after 200 tenants at most 20 MB "
    "more than after 20, and below 150 MB."
)


def main() -> int:
    """Measure and print."""
    set_up_logs("error")
    expect_many_objects()
    # The largest tenants come last: what they leave behind in this process would slow down the others.
    many, scan, service_rows = tuple(registrars.rows()), tuple(_scan()), tuple(service.rows())
    tables = [
        Table("A scan", _SCAN_WORDS, scan),
        Table("Many registrars", _REGISTRARS_WORDS, many),
        Table("Growth", _GROWTH_WORDS, tuple(_growth())),
        Table("The service", _SERVICE_WORDS, service_rows),
    ]
    report(tables, yardstick())
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
    small, large = (_as_command(groups) for groups in GROWTH)
    times = GROWTH[1] / GROWTH[0]
    less, more = (_size(groups) for groups in GROWTH)
    grows = [exponent(a, b, times) for a, b in zip(less, more, strict=True)]
    return [
        (
            "5,000 connectors as a command",
            f"{large[0]:.2f} s",
            f"{large[0] / small[0]:.1f} times that of 1,000 (wanted: 5.5)",
        ),
        ("its peak resident memory", f"{large[1]:.0f} MB", "wanted: below 300 MB"),
        ("5,000 connectors in process: collect, judge, render", f"{more[0]:.2f} s", f"exponent {grows[0]:.2f}"),
        ("memory it allocates at most", f"{more[1]:.0f} MB", f"exponent {grows[1]:.2f}"),
        ("judging it alone", f"{more[2]:.2f} s", f"exponent {grows[2]:.2f}"),
    ]


def _size(groups: int) -> tuple[float, float, float]:
    """Return the seconds and the peak MB that a tenant of this size takes, and the seconds of judging it."""

    def work() -> Snapshot:
        snapshot = asyncio.run(_collect(environment))
        result = _judged(snapshot)
        for form in FORMATS.values():
            form.render(result.document, snapshot)
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
