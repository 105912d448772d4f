"""The command `waive`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import click

from connectorwatch.commands.options import out, policy


def _day(_ctx: click.Context, _param: click.Parameter, text: str | None) -> date | None:
    """Return the day that an option says; a click callback.

    Raises:
        click.BadParameter: It is no day.
    """
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        form = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
        raise click.BadParameter("there is no such day" if form else "write it as 2026-11-20") from None


@click.command()
@click.argument("key")
@click.option("--reason", required=True, metavar="TEXT", help="Why the failure is accepted.")
@click.option("--owner", required=True, metavar="WHO", help="Who answers for it.")
@click.option("--until", required=True, callback=_day, metavar="DATE", help="The last day, to its end in UTC.")
@click.option("--from", "begin", callback=_day, metavar="DATE", help="The first day, instead of today.")
@click.option("--ticket", metavar="TEXT", help="Where it was decided.")
@click.option("--tenant", metavar="ID", help="The only tenant in which it counts; without it, it counts in all.")
@click.option("--id", "waiver_id", metavar="ID", help="What to call the waiver, instead of a name from rule and day.")
@policy
@out
@click.option("--force", is_flag=True, help="Write it also for a finding that does not fail in the newest scan.")
@click.option("--new", is_flag=True, help="Make the policy file where it is not there; policy.yaml is made anyway.")
def waive(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Write a waiver for the finding KEY into the policy file.

    KEY is RULE/subject-id, as in findings.csv, in report.md, and in a finding's details in report.html.

    The waiver counts in scans that are judged by this file: --policy, else CONNECTORWATCH_POLICY, else policy.yaml
    here. `scan --demo` is judged by a policy of its own unless it is given one in the first two ways.
    """
    from connectorwatch.usecases.waive import WaiverRequest, newest_stored, waiver_text
    from connectorwatch.usecases.waive import waive as write
    from connectorwatch.usecases.waive_target import elsewhere, place
    from connectorwatch.wiring import Choices, settings_of, store_of

    settings = settings_of(Choices(options["tenant"], options.pop("out"), options.pop("policy")))
    path = place(settings, new=options.pop("new"))
    newest = newest_stored(store_of(settings), settings.tenant_id)
    written = write(path, WaiverRequest(**options), newest, datetime.now(UTC).date())
    click.echo(waiver_text(written))
    warning = elsewhere(written.path, "The waiver", newest, created=written.created)
    if warning:
        click.echo(f"connectorwatch: {warning}", err=True)
