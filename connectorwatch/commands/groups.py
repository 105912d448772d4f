"""The command `groups`."""

from __future__ import annotations

import sys

import click

from connectorwatch.commands.options import listing, name, out, rule, tenant


@click.command()
@tenant
@out
@name
@rule
@listing
def groups(tenant: str | None, out: str | None, name: str | None, rule: str | None, form: str) -> None:
    """List connector groups of the newest stored scan.

    Shows their connectors, versions and applications, and which rules fail.
    Does not query Graph. With --format csv the columns are those of groups.csv.

    Exit codes: 0 all of it is known; 4 a list was not read in full; 1 could not do it; 2 wrong usage.
    """
    from connectorwatch.terminal.inventory import show
    from connectorwatch.usecases.inventory import InventoryFilter
    from connectorwatch.usecases.report import newest_document
    from connectorwatch.wiring import Choices, settings_of, store_of

    settings = settings_of(Choices(tenant=tenant, out=out))
    wanted = InventoryFilter(name=name, rule=rule)
    sys.exit(show(newest_document(store_of(settings), settings.tenant_id), "groups", wanted, form))
