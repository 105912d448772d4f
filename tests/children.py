"""Processes that tests start: they end with the test, and Ctrl-C reaches them wherever the tests were started."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from multiprocessing.context import SpawnProcess

SPAWN = multiprocessing.get_context("spawn")
PATIENCE = 60
"""Seconds to wait for a process that should end by itself."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt this process and those it starts, also where it is ignored.

    A script that starts a program with `&`, under `nohup` or not, makes it ignore SIGINT. Every process below inherits
    that, and Python then installs no handler: Ctrl-C does nothing, and a test that waits for its effect hangs.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Yield a process; whatever happens then, it is killed if it still runs, and its pipes are closed."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def spawned(target: Callable[..., object], *calls: tuple[object, ...]) -> Iterator[list[SpawnProcess]]:
    """Yield processes that call a function, one for each tuple of arguments; in the end they are killed and reaped."""
    with ExitStack() as stack:
        processes = []
        for arguments in calls:
            process = SPAWN.Process(target=target, args=arguments, daemon=True)
            process.start()
            stack.callback(_reap, process)
            processes.append(process)
        yield processes


def exit_codes(processes: list[SpawnProcess]) -> list[int | None]:
    """Return how processes ended that end by themselves; None for each that had not after a minute."""
    for process in processes:
        process.join(PATIENCE)
    return [process.exitcode for process in processes]


@contextmanager
def killed(process_id: int) -> Iterator[None]:
    """Kill a process that another one reaps, whatever happens; it may have ended before."""
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)


def _reap(process: SpawnProcess) -> None:
    process.kill()
    process.join()
