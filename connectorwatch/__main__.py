"""The command line: find the command, run it, translate its error into a sentence and an exit code."""

from __future__ import annotations

import errno
import io
import sys
from importlib import import_module
from typing import Any

import click

from common.errors import ConnectorwatchError
from common.exit_codes import ExitCode
from common.version import VERSION

COMMANDS = (
    "scan",
    "demo",
    "evaluate",
    "report",
    "connectors",
    "groups",
    "applications",
    "registrars",
    "fleet",
    "history",
    "policy",
    "answer",
    "waive",
    "notify",
    "rules",
    "releases",
    "tenant",
    "rebuild",
    "retain",
    "doctor",
    "grant",
    "diagnose",
    "allowlist",
    "knowledge",
    "record",
    "simulate",
)
"""Each is a function of its own name in a module of its own name below `connectorwatch.commands`."""


class Commands(click.Group):
    """Turns every error of ours, Ctrl-C and a full disk into a sentence on stderr and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order in which they are shown."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, whose module is loaded now and not before, or None where there is no such command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"connectorwatch.commands.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """See click.Group.invoke."""
        try:
            return super().invoke(ctx)
        except ConnectorwatchError as error:
            click.echo(f"connectorwatch: {error}", err=True)
            ctx.exit(ExitCode.COULD_NOT)
        except KeyboardInterrupt:
            click.echo("connectorwatch: interrupted. What is stored is whole; run it again when it suits.", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # the reader of our output closed the pipe: click ends quietly
            click.echo(f"connectorwatch: the output cannot be written: {error.strerror}; send it elsewhere.", err=True)
            ctx.exit(ExitCode.COULD_NOT)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="connectorwatch")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="error",
    show_default=True,
    help="Log lines (JSON) of at least this level go to stderr.",
)
def main(log_level: str) -> None:
    """Inventory and compliance of Microsoft Entra private network connectors.

    Exit codes: 0 all well; 1 could not do it; 2 wrong usage; 3 failing findings; 4 something could not be assessed.
    """
    from connectorwatch.platform.logs import set_up_logs
    from connectorwatch.terminal.ci_commands import filter_commands

    filter_commands()
    set_up_logs(log_level)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names come in all scripts, terminals and pipes do not: what one cannot show is written as \uXXXX.
        sys.stdout.reconfigure(errors="backslashreplace")


def run() -> None:
    """Run the command line; where an installation's command `connectorwatch` begins."""
    main(prog_name="connectorwatch")


if __name__ == "__main__":
    run()
