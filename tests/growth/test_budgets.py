"""What a scan may cost, in numbers that do not depend on the machine: calls, bytes, memory and imported modules.

The budgets lie a tenth above what was counted on 1 December 2026 with Python 3.11; other versions count other calls.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.scanning.scan import judge_stored
from connectorwatch.wiring import Choices, scanning
from findings.reports.formats import FORMATS
from findings.state.document import State
from findings.stores.folder import FolderStore
from inventory.collect import collect
from policies.evaluate import evaluate
from policies.evidence import Evidence, ScanInfo
from policies.evidence_file import pack
from policies.policy_file.model import Policy
from policies.releases.catalogue import built_in_catalogue
from policies.rules import RULES
from simulator import Simulator, large_tenant
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot

pytestmark = [
    pytest.mark.growth,
    pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="calls are counted for Python 3.11"),
]

AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
GROUPS, TIMES = 20, 4
CALLS = {
    "judge": 47,
    "publish": 310,
    "md": 32,
    "html": 94,
    "csv": 17,
    "json": 7,
    "ocsf": 9,
    "sarif": 9,
    "registrars-csv": 4,
    "connectors-csv": 40,
    "groups-csv": 40,
    "applications-csv": 40,
}
"""Calls of Python functions for each verdict."""
BYTES = {
    "md": 32,
    "html": 275,
    "csv": 310,
    "json": 1760,
    "ocsf": 170,
    "sarif": 82,
    "registrars-csv": 18,
    "connectors-csv": 60,
    "groups-csv": 30,
    "applications-csv": 60,
}
"""Bytes for each verdict."""
PEAK = 6700
"""Bytes that publishing allocates at most, for each verdict."""
MODULES = 1300


@dataclass(frozen=True)
class _Judged:
    """A tenant of some size, as it was read and judged."""

    evidence: Evidence
    document: FindingsDocument

    @property
    def verdicts(self) -> int:
        return len(self.document.verdicts)

    @property
    def snapshot(self) -> Snapshot:
        return self.evidence.snapshot

    def again(self) -> Evidence:
        """Return the evidence without anything that was found in it already."""
        return self.evidence.model_copy()


def _judged(groups: int, folder: Path) -> _Judged:
    async def read(environment: dict[str, str]) -> Evidence:
        async with scanning(Choices(out=str(folder), at=AT), environment) as job:
            snapshot = await collect(job.graph, job.tenant_id, lambda: AT)
        return Evidence(scan=ScanInfo(id="budget"), snapshot=snapshot, policy=Policy(), releases=built_in_catalogue())

    tenant = large_tenant(
        groups=groups,
        connectors=5 * groups,
        applications=3 * groups,
        unrelated_assignments=0,
        role_groups=groups // 10,
        members_per_group=20,
    )
    with Simulator(tenant).in_thread() as graph:
        environment = {
            "CONNECTORWATCH_GRAPH_ROOT": graph.root,
            "CONNECTORWATCH_CREDENTIAL": "token",
            "CONNECTORWATCH_GRAPH_TOKEN": graph.token,
        }
        evidence = asyncio.run(read(environment))
    return _Judged(evidence, judge_stored(pack(evidence), "budget", None).document)


@pytest.fixture(name="sizes", scope="module")
def _sizes(tmp_path_factory: pytest.TempPathFactory) -> tuple[_Judged, _Judged]:
    folder = tmp_path_factory.mktemp("budgets")
    return _judged(GROUPS, folder), _judged(GROUPS * TIMES, folder)


def _calls(work: Callable[[], object]) -> int:
    """Return how many Python functions some work calls, after one run that fills what is computed once."""
    work()
    count = 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    gc.collect()
    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def _published(judged: _Judged, folder: Path) -> Callable[[], object]:
    """Return work that publishes the same tenant's next scan into a store each time."""
    store = FolderStore(folder)
    numbers = iter(range(100))

    def work() -> None:
        scan = ScanInfo(id=f"20261120T06{next(numbers):02}00Z-00000000")
        publish(store, keep_evidence(store, judged.again().model_copy(update={"scan": scan})))

    return work


def _counted(judged: _Judged, folder: Path) -> dict[str, float]:
    counted = {
        "judge": _calls(lambda: evaluate(judged.again(), RULES)),
        "publish": _calls(_published(judged, folder)),
    }
    for name, form in FORMATS.items():
        counted[name] = _calls(partial(form.render, judged.document, judged.snapshot))
    return {name: calls / judged.verdicts for name, calls in counted.items()}


def test_calls_for_each_verdict_stay_within_their_budgets(sizes: tuple[_Judged, _Judged], tmp_path: Path) -> None:
    """Judging, publishing and each format call so many functions a verdict, and no more in a larger tenant."""
    small, large = (_counted(judged, tmp_path / str(judged.verdicts)) for judged in sizes)

    assert {name: calls for name, calls in large.items() if calls > CALLS[name]} == {}
    assert {name: (small[name], calls) for name, calls in large.items() if calls > small[name] * 1.1} == {}


def test_bytes_for_each_verdict_stay_within_their_budgets(sizes: tuple[_Judged, _Judged]) -> None:
    """Each format takes so many bytes a verdict and no more."""
    _, large = sizes
    found = {name: len(form.render(large.document, large.snapshot)) / large.verdicts for name, form in FORMATS.items()}

    assert {name: size for name, size in found.items() if size > BYTES[name]} == {}


def test_memory_of_publishing_and_state_grow_no_faster_than_the_tenant(
    sizes: tuple[_Judged, _Judged], tmp_path: Path
) -> None:
    """The peak of publishing is bounded for each verdict; it and the state take no more in a larger tenant."""
    peaks, states = [], []
    for judged in sizes:
        folder = tmp_path / str(judged.verdicts)
        work = _published(judged, folder)
        work()
        gc.collect()
        tracemalloc.start()
        work()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        states.append(next(folder.glob("*/state.json")).stat().st_size)
        State.from_bytes(next(folder.glob("*/state.json")).read_bytes())

    assert peaks[1] <= PEAK * sizes[1].verdicts
    assert peaks[1] <= peaks[0] * TIMES * 1.1
    assert states[1] <= states[0] * TIMES * 1.1


def test_a_cold_start_imports_what_reading_needs_and_no_renderer(tmp_path: Path) -> None:
    """Until Graph is asked, a scan imports a bounded number of modules, and no Jinja and no typed models of the SDK."""
    code = (
        "import json, sys, function_app\n"
        "from connectorwatch.service.composition import service_of\n"
        "from connectorwatch.service.scan_request import scan_tenant\n"
        "from connectorwatch.service.schedule import request_for\n"
        "from common.errors import ConnectorwatchError\n"
        "from datetime import UTC, datetime\n"
        "import os\n"
        "request = request_for(os.environ['CONNECTORWATCH_TENANT_ID'], datetime.now(UTC), 'schedule')\n"
        "try:\n"
        "    scan_tenant(service_of(dict(os.environ)), request.to_text())\n"
        "except ConnectorwatchError:\n"
        "    pass\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    settings = {
        "CONNECTORWATCH_GRAPH_ROOT": "http://127.0.0.1:9",
        "CONNECTORWATCH_CREDENTIAL": "token",
        "CONNECTORWATCH_GRAPH_TOKEN": "opaque-token-of-the-test",
        "CONNECTORWATCH_TENANT_ID": "00000000-0000-4000-8000-000000000001",
        "CONNECTORWATCH_STORAGE": str(tmp_path),
        "CONNECTORWATCH_PATIENCE_SECONDS": "1",
    }
    ended = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=True
    )
    modules = json.loads(ended.stdout.splitlines()[-1])

    assert [name for name in modules if name == "jinja2" or name.startswith("msgraph.generated")] == []
    assert len(modules) <= MODULES
