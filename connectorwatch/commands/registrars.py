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
    """Tell who can register connectors, by which paths.

    It reads the newest stored scan and asks Graph for nothing. A path is a way by which somebody comes to a role that
    can register connectors: the role itself, or a group that holds it, or a group in that group. Somebody with several
    paths keeps the right when one of them is taken away.

    Exit codes: 0 everything is known; 4 role data was not read in full, or of somebody it is not known; 1 could not do
    it; 2 wrong usage. It is a listing, so what it lists never makes it 3.
    """
    from connectorwatch.terminal.registrars import exit_code, show
    from connectorwatch.usecases.report import newest_document
    from connectorwatch.wiring import Choices, settings_of, store_of

    settings = settings_of(Choices(tenant=tenant, out=out))
    document = newest_document(store_of(settings), settings.tenant_id)
    show(document, form)
    sys.exit(exit_code(document))
