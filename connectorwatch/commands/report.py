"""The command `report`: a stored scan, or the scans of a period."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectorwatch.commands.options import moment, out, tenant
from findings.reports.formats import FORMATS

if TYPE_CHECKING:
    from connectorwatch.settings import Settings

_OF_A_SCAN = tuple(FORMATS)
_OF_A_PERIOD = ("text", "md", "json")
_FORMATS = tuple(dict.fromkeys((*_OF_A_SCAN, *_OF_A_PERIOD)))


@click.command()
@tenant
@click.option("--scan", "scan_id", metavar="ID", help="Which stored scan, instead of the newest.")
@click.option("--from", "start", callback=moment, metavar="TIME", help="Report on a period, from this time.")
@click.option(
    "--to", "end", callback=moment, metavar="TIME", help="The period's last moment; now by default and at most."
)
@click.option(
    "--every",
    type=click.FloatRange(min=0.25, max=24 * 366),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="With --from: how often a scan is expected; late by half of that is not missed.",
)
@out
@click.option("--format", "form", type=click.Choice(_FORMATS), help="md by default, and text with --from.")
@click.option(
    "--to-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write there, not to stdout."
)
@click.option(
    "--passes",
    type=click.Choice(["count", "all"]),
    help="ocsf and sarif: a number a rule for what passes, or each; the scan's policy says which by default.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE where it exists.")
def report(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Render a stored scan again, or report on a period.

    Without --from it renders a stored scan: md, html, csv, json, ocsf, sarif or registrars-csv. With --from it lists
    which scans were done, missed and incomplete, with the digests of their files: text, md or json.

    Exit codes: 0 rendered, whatever it says; 1 could not do it, as where no scan is stored; 2 wrong usage.
    """
    from connectorwatch.usecases.report import write_file
    from connectorwatch.wiring import Choices, settings_of

    _check(options)
    settings = settings_of(Choices(tenant=options["tenant"], out=options["out"]))
    content = _scan(settings, options) if options["start"] is None else _period(settings, options)
    if options["to_file"] is None:
        sys.stdout.buffer.write(content)
    else:
        write_file(options["to_file"], content, force=options["force"])


def _check(options: dict[str, Any]) -> None:
    """Refuse options that belong to the other kind of report."""
    period = options["start"] is not None
    if options["end"] is not None and not period:
        raise click.UsageError("--to ends a period: say with --from when it begins.")
    if period and options["scan_id"] is not None:
        raise click.UsageError("--scan renders one scan and --from reports on a period: ask for one at a time.")
    formats = _OF_A_PERIOD if period else _OF_A_SCAN
    if options["form"] not in (None, *formats):
        subject = "A period" if period else "A scan"
        raise click.UsageError(f"{subject} is not available as {options['form']}: choose one of {', '.join(formats)}.")


def _scan(settings: Settings, options: dict[str, Any]) -> bytes:
    from connectorwatch.usecases.report import render_stored, stored_scan
    from connectorwatch.wiring import store_of

    store = store_of(settings)
    return render_stored(
        store, stored_scan(store, settings.tenant_id, options["scan_id"]), options["form"] or "md", options["passes"]
    )


def _period(settings: Settings, options: dict[str, Any]) -> bytes:
    from connectorwatch.terminal.period import rendered
    from connectorwatch.usecases.period import period_report
    from connectorwatch.wiring import store_of

    now = datetime.now(UTC)
    if options["start"] > now:
        raise click.UsageError(
            f"--from {options['start']:%Y-%m-%d %H:%M} UTC lies in the future: nothing is known of it."
        )
    end, every = min(options["end"] or now, now), timedelta(hours=options["every"])
    period = period_report(store_of(settings), settings.tenant_id, options["start"], end, every)
    return rendered(period, options["form"] or "text")
