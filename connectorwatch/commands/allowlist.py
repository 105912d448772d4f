"""The command `allowlist`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from connectorwatch.knowledge.model import Cloud, Need


@click.command()
@click.option("--cloud", type=click.Choice(["global", "usgov"]), default="global", show_default=True)
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--always", is_flag=True, help="Only what has to stay open after registration.")
@click.option("--registration", is_flag=True, help="Only what has to be open to register.")
def allowlist(cloud: Cloud, form: str, *, always: bool, registration: bool) -> None:
    """List the hosts and ports that a firewall must let out.

    --always and --registration together are the whole list. Needs no tenant and no network.
    """
    from connectorwatch.knowledge.allowlist import allowlist as listing
    from connectorwatch.knowledge.allowlist import allowlist_csv, print_allowlist
    from connectorwatch.terminal.console import results

    need: Need | None = None if always == registration else "always" if always else "registration"
    listed = listing(cloud, need)
    if form == "table":
        print_allowlist(listed, results())
    elif form == "csv":
        sys.stdout.buffer.write(allowlist_csv(listed).encode())
    else:
        sys.stdout.write(listed.model_dump_json(indent=2) + "\n")
