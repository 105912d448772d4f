"""A tenant of four times the size takes about four times the work and the memory."""

from __future__ import annotations

import asyncio
import cProfile
import gc
import math
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from connectorwatch.scanning.scan import judge_stored
from connectorwatch.wiring import Choices, scanning
from findings.reports.formats import FORMATS
from inventory.collect import collect
from policies.evidence import Evidence, ScanInfo
from policies.evidence_file import pack
from policies.policy_file.model import Policy
from policies.releases.catalogue import built_in_catalogue
from simulator import Simulator, large_tenant

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.growth

AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
SMALL, TIMES = 50, 4
LINEAR = 1.1
"""The exponent that still counts as linear: lists of lists round up to whole pages and batches."""


@dataclass(frozen=True)
class _Taken:
    """Calls of Python functions, peak memory in bytes, HTTP requests."""

    calls: int
    peak: int
    requests: int


def _scan(groups: int, folder: Path) -> _Taken:
    async def look(environment: dict[str, str]) -> Evidence:
        async with scanning(Choices(out=str(folder), at=AT), environment) as wired:
            snapshot = await collect(wired.graph, wired.tenant_id, lambda: AT)
        return Evidence(scan=ScanInfo(id="growth"), snapshot=snapshot, policy=Policy(), releases=built_in_catalogue())

    def whole() -> None:
        result = judge_stored(pack(asyncio.run(look(environment))), "growth", None)
        for report in FORMATS.values():
            report.render(result.document, result.snapshot)

    tenant = large_tenant(groups=groups, connectors=5 * groups, applications=3 * groups)
    with Simulator(tenant).in_thread() as graph:
        environment = {
            "CONNECTORWATCH_GRAPH_ROOT": graph.root,
            "CONNECTORWATCH_CREDENTIAL": "token",
            "CONNECTORWATCH_GRAPH_TOKEN": graph.token,
        }
        whole()
        asked = graph.http_requests
        counting = cProfile.Profile()
        counting.enable()
        whole()
        counting.disable()
        gc.collect()
        tracemalloc.start()
        whole()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return _Taken(sum(entry.callcount for entry in counting.getstats()), peak, asked)


def _exponent(small: int, large: int) -> float:
    return math.log(large / small) / math.log(TIMES)


def test_work_memory_and_requests_grow_no_faster_than_the_tenant(tmp_path: Path) -> None:
    """Calls, peak memory and requests of a scan of 200 groups stay within four times those of 50 groups."""
    small, large = _scan(SMALL, tmp_path), _scan(SMALL * TIMES, tmp_path)

    assert _exponent(small.calls, large.calls) <= LINEAR
    assert _exponent(small.peak, large.peak) <= LINEAR
    assert _exponent(small.requests, large.requests) <= LINEAR
