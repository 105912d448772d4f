"""Processes that tests start can be interrupted, and none outlives its test."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.children import ended, exit_codes, interruptible, killed, spawned

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
SLEEP = "import time; time.sleep(60)"


def started(code: str) -> subprocess.Popen[str]:
    """Start a program."""
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - code of ours


@pytest.fixture(name="_ignored")
def _ignored() -> Iterator[None]:
    """Ignore SIGINT as a process does that a script started with `&`."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ignored")
def test_children_of_tests_that_a_script_started_can_be_interrupted() -> None:
    """Where SIGINT is ignored, a child that is started meanwhile handles it, and afterwards it is ignored again."""
    with interruptible(), ended(started(REPORT)) as child:
        assert child.communicate()[0] == "True\n"

    with ended(started(REPORT)) as child:
        assert child.communicate()[0] == "False\n"


def test_somebody_elses_handler_stays() -> None:
    """A handler that somebody installed is neither replaced nor lost."""
    before = signal.getsignal(signal.SIGINT)

    with interruptible():
        assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_program_ends_with_its_test() -> None:
    """A test that fails leaves no program behind."""
    child = started(SLEEP)

    with pytest.raises(AssertionError), ended(child):
        raise AssertionError

    assert child.returncode == -signal.SIGKILL


def test_spawned_processes_end_with_their_test() -> None:
    """A test that fails leaves no process behind, however many it started."""
    stack = ExitStack()
    children = stack.enter_context(spawned(time.sleep, (60,), (60,)))

    with pytest.raises(AssertionError), stack:
        raise AssertionError

    assert [child.exitcode for child in children] == [-signal.SIGKILL] * 2


def test_processes_that_end_by_themselves_tell_how() -> None:
    """Processes that are waited for are not killed."""
    with spawned(time.sleep, (0,), (0,)) as children:
        assert exit_codes(children) == [0, 0]


def test_a_process_that_has_ended_can_be_killed() -> None:
    """Killing what is no longer there is no error."""
    child = started("")
    child.communicate()

    with killed(child.pid):
        pass
