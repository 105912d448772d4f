"""A sparkline: how many verdicts failed in each scan, drawn as lines between numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 192, 48, 6
"""Its size, shown at half of it, and what is kept free around the lines. Whole numbers keep a page of many small."""
SHOWN = 20
"""The most scans it shows; older ones are left out."""


@dataclass(frozen=True)
class Sparkline:
    """What to draw: a polyline for each run of scans with a known number, and a dot for the newest scan.

    Attributes:
        runs: The points of each run, as SVG writes them.
        dot: Where the newest number stands; None where the newest scan could not tell.
        words: The same for who cannot see it.
    """

    runs: tuple[str, ...]
    dot: tuple[int, int] | None
    words: str


def sparkline(numbers: Sequence[int | None]) -> Sparkline | None:
    """Return what to draw of these numbers, oldest first; None where fewer than two are known.

    The lowest line is zero, so that a small change never looks large. A scan that could not tell leaves a gap.
    """
    shown = numbers[-SHOWN:]
    known = [number for number in shown if number is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    step, top = (WIDTH - 2 * MARGIN) / (len(shown) - 1), max(*known, 1)
    points = [
        None if number is None else (round(MARGIN + place * step), _height(number, top))
        for place, number in enumerate(shown)
    ]
    runs = [
        " ".join(f"{x},{y}" for x, y in (point for point in run if point))
        for is_known, run in groupby(points, lambda point: point is not None)
        if is_known
    ]
    numbers_text = ", ".join("not known" if number is None else str(number) for number in shown)
    return Sparkline(tuple(runs), points[-1], f"Failing in the last {len(shown)} scans: {numbers_text}")


def _height(number: int, top: int) -> int:
    return round(HEIGHT - MARGIN - number / top * (HEIGHT - 2 * MARGIN))
