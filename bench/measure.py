"""Small tools of the benchmarks: time a piece of work several times, time a command, find how something grows."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
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


def _once(arguments: Sequence[str], environment: Mapping[str, str]) -> Run:
    # Into files, and waited for by wait4, which tells of this one process: RUSAGE_CHILDREN would tell of all so far.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as trouble:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", *arguments], env={**os.environ, **environment}, stdout=output, stderr=trouble
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code not in (0, 3, 4):
            trouble.seek(0)
            raise RuntimeError(trouble.read().decode(errors="replace")[-500:])
        output.seek(0)
        return Run(seconds, usage.ru_maxrss / 1024, code, output.read())


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
