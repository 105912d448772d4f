"""The command `waive`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
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
        raise click.BadParameter("write it as 2026-11-20") from None


@click.command()
@click.argument("key")
@click.option("--reason", required=True, metavar="TEXT", help="Why the failure is accepted.")
@click.option("--owner", required=True, metavar="WHO", help="Who answers for it.")
@click.option("--until", required=True, callback=_day, metavar="DATE", help="The last day, to its end in UTC.")
@click.option("--from", "begin", callback=_day, metavar="DATE", help="The first day, instead of today.")
@click.option("--ticket", metavar="TEXT", help="Where it was decided.")
@click.option("--tenant", metavar="ID", help="The only tenant in which it counts; without it, it counts in all.")
@click.option("--id", "own_id", metavar="ID", help="What to call the waiver, instead of a name from rule and day.")
@policy
@out
@click.option("--force", is_flag=True, help="Write it also for a finding that does not fail in the newest scan.")
def waive(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Write a waiver for the finding KEY into the policy file.

    KEY is RULE/subject-id, as in findings.csv.
    """
    from connectorwatch.waive import Wish, newest_stored, told  # noqa: PLC0415 - not needed for --help
    from connectorwatch.waive import waive as write  # noqa: PLC0415
    from connectorwatch.wiring import DEFAULT_POLICY, Choices, settings_of, store_of  # noqa: PLC0415

    settings = settings_of(Choices(options["tenant"], options.pop("out"), options.pop("policy")))
    wish = Wish(**options)
    newest = newest_stored(store_of(settings), settings.tenant_id)
    path = Path(settings.policy) if settings.policy else DEFAULT_POLICY
    click.echo(told(write(path, wish, newest, datetime.now(UTC).date())))
