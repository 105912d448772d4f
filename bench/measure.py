"""Small tools of the benchmarks: time a piece of work several times, time a command, find how something grows."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds on the clock, peak memory in MB, exit code, and what it printed."""

    seconds: float
    megabytes: float
    code: int
    output: bytes


def command(arguments: Callable[[int], Sequence[str]], environment: Mapping[str, str], times: int = 5) -> Run:
    """Run a Python module as a command after one warm-up, and return the median run by time.

    `arguments` makes the module's name and arguments from the number of the run.
    """
    runs = [_once(arguments(number), environment) for number in range(times + 1)][1:]
    return sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]


_STARTER = """
import json, os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen([sys.executable, "-m", *sys.argv[2:]])
_, status, usage = os.wait4(process.pid, 0)
taken = [time.perf_counter() - began, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)]
process.returncode = 0
with open(sys.argv[1], "w", encoding="ascii") as file:
    json.dump(taken, file)
"""
"""Starts a module from a small process: Linux counts into a child's peak what the process that started it held."""


def _once(arguments: Sequence[str], environment: Mapping[str, str]) -> Run:
    with (
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as trouble,
        tempfile.TemporaryDirectory() as folder,
    ):
        taken = Path(folder, "taken.json")
        subprocess.run(  # noqa: S603 - our own modules
            [sys.executable, "-S", "-c", _STARTER, taken, *arguments],
            env={**os.environ, **environment},
            stdout=output,
            stderr=trouble,
            check=True,
        )
        seconds, megabytes, code = json.loads(taken.read_bytes())
        if code not in (0, 3, 4):
            trouble.seek(0)
            raise RuntimeError(trouble.read().decode(errors="replace")[-500:])
        output.seek(0)
        return Run(seconds, megabytes, code, output.read())


def median(work: Callable[[], object], times: int = 5) -> float:
    """Return the median seconds of a piece of work, after one warm-up."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def exponent(small: float, large: float, times_larger: float) -> float:
    """Return how something grows: 1 is linear, 2 quadratic."""
    return math.log(large / small) / math.log(times_larger)
