"""The command `report`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from connectorwatch.commands.options import out, tenant

_FORMATS = ("html", "md", "csv", "json", "ocsf", "sarif", "registrars-csv")


@click.command()
@tenant
@click.option("--scan", "scan_id", metavar="ID", help="Which stored scan, instead of the newest.")
@out
@click.option("--format", "form", type=click.Choice(_FORMATS), default="md", show_default=True)
@click.option("--to-file", type=click.Path(path_type=Path), metavar="FILE", help="Write there, instead of stdout.")
@click.option("--force", is_flag=True, help="Overwrite FILE where it exists.")
def report(
    tenant: str | None, scan_id: str | None, out: str | None, form: str, to_file: Path | None, *, force: bool
) -> None:
    """Render a stored scan again, in any format."""
    from connectorwatch.report import render_stored, stored_scan  # noqa: PLC0415 - not needed for --help
    from connectorwatch.wiring import Choices, settings_of, store_of  # noqa: PLC0415

    settings = settings_of(Choices(tenant=tenant, out=out))
    store = store_of(settings)
    _leave(render_stored(store, stored_scan(store, settings.tenant_id, scan_id), form), to_file, force=force)


def _leave(content: bytes, to_file: Path | None, *, force: bool) -> None:
    """Write what was rendered where it was asked for."""
    from connectorwatch.report import write_file  # noqa: PLC0415 - loaded by now

    if to_file is None:
        sys.stdout.buffer.write(content)
    else:
        write_file(to_file, content, force=force)
