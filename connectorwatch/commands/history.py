"""The command `history`."""

from __future__ import annotations

import click

from connectorwatch.commands.options import out, tenant


@click.command()
@click.option("--finding", metavar="KEY", help="The timeline of one finding, by its key, such as GRP001/ID.")
@click.option("--connector", metavar="NAME|ID", help="The timeline of a connector, by its machine name or id.")
@tenant
@out
@click.option("--json", "as_json", is_flag=True, help="Print the timeline as JSON.")
def history(finding: str | None, connector: str | None, tenant: str | None, out: str | None, *, as_json: bool) -> None:
    """Show what happened, day by day, from the stored state.

    The timeline is the tenant's, or that of one finding or one connector. A finding's KEY is in findings.csv, in
    report.md, and in the finding's details in report.html.

    Exit codes: 0 shown, whatever it says; 1 could not do it, as where no scan is stored; 2 wrong usage.
    """
    from connectorwatch.terminal.console import results
    from connectorwatch.terminal.history import show
    from connectorwatch.usecases.history import answered_state, selected_history
    from connectorwatch.wiring import Choices, settings_of, store_of

    if finding is not None and connector is not None:
        raise click.UsageError("--finding and --connector are two timelines: ask for one at a time.")
    settings = settings_of(Choices(tenant=tenant, out=out))
    selected = selected_history(answered_state(store_of(settings), settings.tenant_id), finding, connector)
    scope = "finding" if finding is not None else "connector" if connector is not None else "tenant"
    show(selected, results(), of=scope, as_json=as_json)
