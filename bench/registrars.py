"""A scan of a tenant in which 250 people can register: reading it, judging it, and publishing what was found."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.serving import served
from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.wiring import Choices, scanning
from inventory.collect import collect
from policies.evaluate import evaluate
from policies.evidence import Evidence, ScanInfo
from policies.rules import RULES

if TYPE_CHECKING:
    from connectorwatch.scanning.job import Scan

AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
LATENCY, RUNS = 0.05, 5
REGISTRARS = {"role_groups": 5, "members_per_group": 50}


@dataclass(frozen=True)
class Parts:
    """Seconds of one scan, part by part, with the number of its verdicts and the MB of its files."""

    reading: float
    judging: float
    publishing: float
    verdicts: int
    megabytes: float


def rows() -> list[tuple[str, str, str]]:
    """Measure, and return the rows of the table."""
    with served(latency=LATENCY, **REGISTRARS) as environment:
        parts = [asyncio.run(_parts(environment, number)) for number in range(RUNS + 1)][1:]
    reading, judging, publishing = (
        statistics.median(getattr(part, name) for part in parts) for name in ("reading", "judging", "publishing")
    )
    whole = statistics.median(part.reading + part.judging + part.publishing for part in parts)
    return [
        ("250 registrars: reading", f"{reading:.2f} s", f"{parts[-1].verdicts:,} verdicts"),
        ("250 registrars: judging", f"{judging:.2f} s", f"{judging / reading:.2f} of reading"),
        (
            "250 registrars: publishing",
            f"{publishing:.2f} s",
            f"{publishing / (reading + judging):.2f} of both (wanted: 1.2); {parts[-1].megabytes:.1f} MB of files",
        ),
        ("250 registrars: whole scan", f"{whole:.2f} s", f"{whole / reading:.2f} of reading (wanted: 3.5)"),
    ]


async def _parts(environment: dict[str, str], number: int) -> Parts:
    """Scan once into a new folder, and return what each part took."""
    at = AT + timedelta(hours=number)
    with tempfile.TemporaryDirectory() as folder:
        async with scanning(Choices(out=folder, at=at), environment) as job:
            began = time.perf_counter()
            snapshot = await collect(job.graph, job.tenant_id, job.now)
            read = time.perf_counter()
            evidence = Evidence(
                scan=ScanInfo(id=f"bench-{number}"), snapshot=snapshot, policy=job.policy.policy, releases=job.releases
            )
            verdicts = len(evaluate(evidence, RULES))
            judged = time.perf_counter()
            _publish(job, evidence)
            published = time.perf_counter()
        size = _size(folder)
    # Publishing judges once more, as every scan does exactly once.
    judging = judged - read
    return Parts(read - began, judging, published - judged - judging, verdicts, size / 1e6)


def _size(folder: str) -> int:
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def _publish(job: Scan, evidence: Evidence) -> None:
    publish(job.store, keep_evidence(job.store, evidence))
