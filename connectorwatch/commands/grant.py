"""The command `grant`."""

from __future__ import annotations

import asyncio
import sys

import click

from policies.parts import is_object_id


def _id(_ctx: click.Context, _param: click.Parameter, text: str) -> str:
    """Return an id in lower case; a click callback.

    Raises:
        click.BadParameter: It is no id.
    """
    if not is_object_id(text):
        raise click.BadParameter("write its object id or client id, 8-4-4-4-12 hexadecimal digits")
    return text.lower()


@click.command()
@click.option("--principal", required=True, callback=_id, metavar="ID", help="Object id or client id of the identity.")
@click.option(
    "--custom-role/--global-reader",
    "custom",
    default=True,
    help="A custom role that reads connectors and nothing else (needs Entra ID P1), or Global Reader. The former "
    "unless told otherwise.",
)
@click.option("--tenant", metavar="ID", help="Tenant to sign in to, instead of CONNECTORWATCH_TENANT_ID.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--revoke", is_flag=True, help="Take back what this command gives, and nothing else.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def grant(*, principal: str, custom: bool, tenant: str | None, dry_run: bool, revoke: bool, yes: bool) -> None:
    """Give an identity what scanning takes, or take it back.

    Run once by a Privileged Role Administrator, with their own sign-in. What is there already is left as it is.
    """
    from connectorwatch.console import results  # noqa: PLC0415 - not needed for --help
    from connectorwatch.grants.running import Wish, run_grant  # noqa: PLC0415
    from connectorwatch.wiring import Choices, settings_of  # noqa: PLC0415

    def confirm(question: str) -> bool:
        return yes or click.confirm(question)

    wish = Wish(principal, custom, revoke, dry_run, confirm)
    sys.exit(0 if asyncio.run(run_grant(settings_of(Choices(tenant)), wish, results())) else 1)
