"""The command `report`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from connectorwatch.commands.options import moment, out, tenant


@click.command()
@click.option("--from", "start", callback=moment, metavar="TIME", required=True, help="The period's first moment.")
@click.option("--to", "end", callback=moment, metavar="TIME", help="Its last; now by default, and at most.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.25, max=24 * 366),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="How often a scan is expected; late by half of that is not missed.",
)
@tenant
@out
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True)
@click.option("--to-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to write it.")
def report(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Show which scans were done, missed and incomplete in a period, with the digests of their files."""
    from connectorwatch.period import period_report  # noqa: PLC0415 - not needed for --help
    from connectorwatch.period_text import rendered  # noqa: PLC0415
    from connectorwatch.wiring import Choices, settings_of, store_of  # noqa: PLC0415

    settings = settings_of(Choices(tenant=options["tenant"], out=options["out"]))
    now = datetime.now(UTC)
    end, every = min(options["end"] or now, now), timedelta(hours=options["every"])
    told = period_report(store_of(settings), settings.tenant_id, options["start"], end, every)
    content = rendered(told, options["form"])
    if options["to_file"]:
        options["to_file"].write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
