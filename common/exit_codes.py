"""The exit codes of all commands."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a process ends with. Where several hold, 1 counts before 3, 3 before 4, and 4 before 0.

    Attributes:
        DONE: It could be done: nothing fails, and everything is known.
        COULD_NOT: It could not be done, or not all of it.
        WRONG_USAGE: Wrong options or arguments; click ends with it.
        FAILING: Something fails: a finding at or above `--fail-on`, a proven cause.
        NOT_ASSESSED: Nothing of that kind, but something is missing or not known.
        INTERRUPTED: Ctrl-C; what is stored is whole. The shells' 128 + SIGINT.
    """

    DONE = 0
    COULD_NOT = 1
    WRONG_USAGE = 2
    FAILING = 3
    NOT_ASSESSED = 4
    INTERRUPTED = 130


def exit_code(*, failing: bool = False, all_known: bool) -> ExitCode:
    """Return the exit code of a result: failures count before gaps."""
    if failing:
        return ExitCode.FAILING
    return ExitCode.DONE if all_known else ExitCode.NOT_ASSESSED
