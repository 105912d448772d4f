"""The command `grant`."""

from __future__ import annotations

import asyncio
import signal
import sys

import click

from common.errors import GrantError
from common.exit_codes import ExitCode
from common.ids import is_object_id


def _id(_ctx: click.Context, _param: click.Parameter, text: str) -> str:
    """Return an id in lower case; a click callback.

    Raises:
        click.BadParameter: It is no id.
    """
    if not is_object_id(text):
        raise click.BadParameter("write its object id or client id, 8-4-4-4-12 hexadecimal digits")
    return text.lower()


def _ask(question: str) -> bool:
    """Ask a question. asyncio would defer Ctrl-C, so the prompt installs its own handler.

    Raises:
        GrantError: There is no terminal to answer on.
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    pressed = []

    def stop(*_: object) -> None:
        pressed.append(True)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        return click.confirm(question)
    except click.Abort:
        if pressed:
            raise KeyboardInterrupt from None
        click.echo()  # else the error would stand behind the question
        raise GrantError("Nobody answered, so nothing was changed: repeat with --yes to not be asked.") from None
    finally:
        signal.signal(signal.SIGINT, before)


@click.command()
@click.option("--principal", required=True, callback=_id, metavar="ID", help="Object id or client id of the identity.")
@click.option(
    "--custom-role",
    "roles",
    flag_value="custom",
    multiple=True,
    help="A custom role that reads connectors and nothing else (needs Entra ID P1); the default.",
)
@click.option("--global-reader", "roles", flag_value="reader", multiple=True, help="The role Global Reader instead.")
@click.option("--tenant", metavar="ID", help="Tenant to sign in to, instead of CONNECTORWATCH_TENANT_ID.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--revoke", is_flag=True, help="Revoke these, whoever granted them, and nothing else.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def grant(
    *, principal: str, roles: tuple[str, ...], tenant: str | None, dry_run: bool, revoke: bool, yes: bool
) -> None:
    """Grant an identity what scanning takes, or revoke it.

    Run once by a Privileged Role Administrator, with their own sign-in. Existing grants stay as they are.

    Exit codes: 0 all is as wished, or was shown with --dry-run; 1 something was not done, and the output says what.
    """
    from connectorwatch.grants.command import GrantRequest, run_grant
    from connectorwatch.terminal.console import results
    from connectorwatch.wiring import Choices, settings_of

    def confirm(question: str) -> bool:
        return yes or _ask(question)

    if len(set(roles)) > 1:
        raise click.UsageError("choose --custom-role or --global-reader, not both")
    request = GrantRequest(principal, "reader" not in roles, revoke, dry_run, confirm)
    done = asyncio.run(run_grant(settings_of(Choices(tenant)), request, results()))
    sys.exit(ExitCode.DONE if done else ExitCode.COULD_NOT)
