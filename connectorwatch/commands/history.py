"""The command `history`."""

from __future__ import annotations

import click

from connectorwatch.commands.options import out, tenant


@click.command()
@click.option("--finding", metavar="KEY", help="One finding's story, by its key, such as GRP001/ID.")
@click.option("--connector", metavar="NAME|ID", help="A connector's story, by its machine name or id.")
@tenant
@out
@click.option("--json", "as_json", is_flag=True, help="Print the story as JSON.")
def history(finding: str | None, connector: str | None, tenant: str | None, out: str | None, *, as_json: bool) -> None:
    """Tell what happened, day by day, from what is remembered.

    It is the story of the tenant, of one finding, or of one connector. A finding's KEY stands in findings.csv, in
    report.md, and in a finding's details in report.html.

    Exit codes: 0 told, whatever it says; 1 could not do it, as where no scan is stored; 2 wrong usage.
    """
    from connectorwatch.terminal.console import results
    from connectorwatch.terminal.history import show
    from connectorwatch.usecases.history import stored_state, told_history
    from connectorwatch.wiring import Choices, settings_of, store_of

    if finding is not None and connector is not None:
        raise click.UsageError("--finding and --connector are two stories: ask for one at a time.")
    settings = settings_of(Choices(tenant=tenant, out=out))
    told = told_history(stored_state(store_of(settings), settings.tenant_id), finding, connector)
    of = "finding" if finding is not None else "connector" if connector is not None else "tenant"
    show(told, results(), of=of, as_json=as_json)
