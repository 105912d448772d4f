"""The command `registrars`."""

from __future__ import annotations

import sys

import click

from connectorwatch.commands.options import out, tenant


@click.command()
@tenant
@out
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def registrars(tenant: str | None, out: str | None, form: str) -> None:
    """Tell who can register connectors and by which paths, from the newest stored scan; asks Graph for nothing."""
    from connectorwatch.registrars import exit_code, newest_document, show  # noqa: PLC0415 - not needed for --help
    from connectorwatch.wiring import Choices, settings_of, store_of  # noqa: PLC0415

    settings = settings_of(Choices(tenant=tenant, out=out))
    document = newest_document(store_of(settings), settings.tenant_id)
    show(document, form)
    sys.exit(exit_code(document))
