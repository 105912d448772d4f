"""What grant does where nobody answers, or where somebody presses Ctrl-C."""

from __future__ import annotations

import io
import signal
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from connectorwatch.__main__ import main
from simulator import Fault, FaultKind
from tests.connectorwatch.grants.granting import scene
from tests.e2e.commands import end, run, start

if TYPE_CHECKING:
    from tests.connectorwatch.grants.granting import Scene


def called(own: Scene) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the words and the settings that call the command as the administrator."""
    return ("grant", "--principal", own.principal), own.settings(own.simulator.administrator_token)


class Pressed(io.BytesIO):
    """A keyboard on which somebody presses Ctrl-C where an answer is expected."""

    went_on = False

    def read1(self, size: int | None = -1, /) -> bytes:
        """Press it, and say yes where that stopped nobody."""
        del size
        signal.raise_signal(signal.SIGINT)
        self.went_on = True
        return b"y\n"


def test_ctrl_c_instead_of_an_answer() -> None:
    """Whoever is asked and presses Ctrl-C is not asked any longer, and nothing was changed."""
    keyboard = Pressed()
    with scene() as own:
        arguments, settings = called(own)
        ran = CliRunner().invoke(main, arguments, env=settings, input=keyboard)

        assert own.writes() == []
    assert (ran.exit_code, keyboard.went_on) == (130, False)


def test_where_nobody_can_answer() -> None:
    """Without a terminal nothing is changed, and the option that needs no answer is named."""
    with scene() as own:
        arguments, settings = called(own)
        ran = run(*arguments, settings=settings, typed="")

        assert own.writes() == []
    assert ran.code == 1
    assert "nothing was changed: repeat with --yes" in ran.stderr


@pytest.mark.slow
def test_ctrl_c_in_the_middle() -> None:
    """What was done before is told, and that what was on its way may be done, too."""
    hangs = Fault(path="/servicePrincipals/*/appRoleAssignments", method="POST", kind=FaultKind.HANG, after=1)
    with scene(faults=[hangs]) as own:
        arguments, settings = called(own)
        with start(*arguments, "--yes", settings=settings) as process:
            until = time.monotonic() + 30
            while len(own.writes()) < 4 and time.monotonic() < until:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            ran = end(process)

    assert ran.code == 130
    assert "done grant Directory.Read.All" in ran.stdout
    assert "Stopped. What was on its way may be done, too" in ran.stdout
