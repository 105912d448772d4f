"""docs/benchmarks.md: what it says of each figure, and how a run is written into it."""

from __future__ import annotations

import json
import platform
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import median

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
_SECONDS = re.compile(r"([\d.,]+) (s|ms|µs)\b")
_UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}


@dataclass(frozen=True)
class Table:
    """One section of the page: its heading, what was measured in words, and its rows of what, figure, beside."""

    heading: str
    words: str
    rows: tuple[tuple[str, str, str], ...]


def yardstick() -> float:
    """Return the seconds in which the standard library decodes and encodes a fixed document of 10 MB."""
    entry = {"id": "0" * 36, "name": "CONN-00042.example", "ok": True, "count": 42, "words": ["one", "two", "three"]}
    text = json.dumps([entry] * 80_000)[: 10 << 20]
    text = text[: text.rindex("}, {")] + "}]"
    return median(lambda: json.dumps(json.loads(text)), 3)


def published() -> dict[str, str]:
    """Return the figures that the page has, by what they measure."""
    if not PAGE.exists():
        return {}
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


def page(tables: list[Table], measure: float) -> str:
    """Return the page that holds these figures."""
    version, machine = platform.python_version(), platform.machine()
    parts = [
        "# Benchmarks\n",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}, Python {version}, {machine}, Linux. Do not edit.",
        "Medians of several runs after a warm-up. Machines differ and are noisy: read the ratios.",
        f"Yardstick of this run: the standard library decodes and encodes a JSON document of 10 MB in {measure:.2f} s.",
        "The column *yardsticks* divides by it, so that figures of two machines can be compared.",
        "CI asserts what can be counted: requests, calls, bytes, memory and imported modules (`make growth`).\n",
    ]
    for table in tables:
        parts += [
            f"## {table.heading}\n",
            f"{table.words}\n",
            "| what | figure | beside | yardsticks |",
            "|---|---|---|---|",
        ]
        parts += [
            f"| {what} | {figure} | {beside} | {_ratio(figure, measure)} |" for what, figure, beside in table.rows
        ]
        parts.append("")
    return "\n".join(parts)


def report(tables: list[Table], measure: float) -> None:
    """Print each figure beside the one in the page, and write the page."""
    before = published()
    for table in tables:
        sys.stdout.write(f"\n{table.heading}\n")
        for what, figure, beside in table.rows:
            sys.stdout.write(f"  {what}: {figure} ({beside}); in the page: {before.get(what, 'nothing')}\n")
    PAGE.write_text(page(tables, measure), encoding="utf-8")
    sys.stdout.write(f"\nwrote {PAGE.name}\n")


def _ratio(figure: str, measure: float) -> str:
    match = _SECONDS.match(figure)
    if match is None:
        return ""
    return f"{float(match[1].replace(',', '')) * _UNITS[match[2]] / measure:.2f}"
