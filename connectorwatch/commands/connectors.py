"""The command `connectors`."""

from __future__ import annotations

import sys
from typing import Any

import click

from connectorwatch.commands.options import listing, name, out, rule, tenant


@click.command()
@tenant
@out
@name
@click.option("--group", metavar="GROUP", help="Only those of this connector group: its id or its whole name.")
@click.option("--state", type=click.Choice(["active", "inactive"]), help="Only those in this state.")
@rule
@listing
def connectors(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """List connectors of the newest stored scan.

    Shows their state, versions and group, who registered them and which rules fail.
    Does not query Graph. With --format csv the columns are those of connectors.csv.

    Exit codes: 0 all of it is known; 4 a list was not read in full; 1 could not do it; 2 wrong usage.
    """
    from connectorwatch.terminal.inventory import show
    from connectorwatch.usecases.inventory import InventoryFilter
    from connectorwatch.usecases.report import newest_document
    from connectorwatch.wiring import Choices, settings_of, store_of

    settings = settings_of(Choices(tenant=options["tenant"], out=options["out"]))
    wanted = InventoryFilter(
        name=options["name"],
        group=options["group"],
        rule=options["rule"],
        active=None if options["state"] is None else options["state"] == "active",
    )
    sys.exit(show(newest_document(store_of(settings), settings.tenant_id), "connectors", wanted, options["form"]))
