"""Options that several commands share, and the output and exit code of a scan's result."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from policies.vocabulary import Severity

if TYPE_CHECKING:
    from connectorwatch.scanning.scan import Result

fail_on = click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.LOW.value,
    show_default=True,
    help="The mildest severity of a failing finding that makes the exit code 3.",
)
policy = click.option("--policy", metavar="FILE", help="Policy file, instead of CONNECTORWATCH_POLICY.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print findings.json alone on stdout.")
tenant = click.option("--tenant", metavar="ID", help="The tenant, instead of CONNECTORWATCH_TENANT_ID.")
out = click.option("--out", metavar="DIR", help="Where the scans are stored, instead of CONNECTORWATCH_STORAGE.")

name = click.option("--name", metavar="TEXT", help="Only those with this text in their name.")
rule = click.option("--rule", metavar="ID", help="Only those for which this rule fails.")
listing = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)


def moment(_ctx: click.Context, _param: click.Parameter, text: str | None) -> datetime | None:
    """Return an option's time in UTC; a click callback.

    Raises:
        click.BadParameter: It is not a time, or has no time zone.
    """
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        form = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|[T ][0-9]{2}:[0-9]{2})", text)
        advice = "there is no such moment" if form else "write it as 2026-11-20T06:00:00Z"
        raise click.BadParameter(advice) from None
    if parsed.tzinfo is None:
        raise click.BadParameter("it needs a time zone: write it as 2026-11-20T06:00:00Z")
    return parsed.astimezone(UTC)


def show(result: Result, where: str | None, *, as_json: bool) -> None:
    """Print a scan's result: findings.json, or a table for people and where the report lies."""
    if as_json:
        from findings.reports.json_file import part_pieces

        for piece in part_pieces(result.document):
            sys.stdout.buffer.write(piece)
        for line in result.repeated:
            click.echo(line, err=True)
        return
    from connectorwatch.terminal.console import results
    from connectorwatch.terminal.scan import summary_table

    summary_table(result.document, result.snapshot, results(), where, result.repeated)


def leave(result: Result, fail_on: str) -> None:
    """End the process with the result's exit code."""
    from connectorwatch.scanning.scan import scan_exit_code

    sys.exit(scan_exit_code(result.document, Severity(fail_on)))
