"""The command `fleet`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from connectorwatch.commands.options import fail_on, out
from policies.vocabulary import Severity


@click.command()
@out
@click.option(
    "--format", "form", type=click.Choice(["table", "html", "csv", "json"]), default="table", show_default=True
)
@click.option(
    "--to-file",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write html, csv or json; else stdout. A page's links fit at the top of the storage folder.",
)
@fail_on
def fleet(out: str | None, form: str, target: Path | None, fail_on: str) -> None:
    """Show the status of all tenants in their newest scans.

    Does not query Graph.

    Exit codes: 3 a tenant has failing findings at or above --fail-on; 4 none has, and something about a tenant is not
    known, or there is no tenant; 0 all well; 1 could not do it; 2 wrong usage.
    """
    from connectorwatch.tenants.overview import fleet_of, tenant_json
    from connectorwatch.terminal.console import results
    from connectorwatch.terminal.fleet import NO_TENANT, fleet_exit_code, fleet_table
    from connectorwatch.wiring import Choices, settings_of
    from findings.reports.fleet_page import render_fleet_csv, render_fleet_html

    if form == "table" and target:
        raise click.UsageError("--to-file goes with --format html, csv or json.")
    tenants = fleet_of(settings_of(Choices(out=out)), datetime.now(UTC))
    if form == "table":
        results().print(fleet_table(tenants) if tenants.lines else NO_TENANT)
    elif form == "json":
        _write(json.dumps([tenant_json(status) for status in tenants.statuses], indent=2).encode() + b"\n", target)
    elif form == "csv":
        _write(render_fleet_csv(tenants), target)
    else:
        _write(render_fleet_html(tenants), target)
        if target:
            _write(render_fleet_csv(tenants), target.with_name("fleet.csv"))
    sys.exit(fleet_exit_code(tenants, Severity(fail_on)))


def _write(content: bytes, target: Path | None) -> None:
    from connectorwatch.usecases.report import write_file

    if target:
        write_file(target, content, force=True)
        click.echo(f"{target} is written.", err=True)
    else:
        sys.stdout.buffer.write(content)
