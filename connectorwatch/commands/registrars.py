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
    """List who can register connectors, by which paths.

    Reads the newest stored scan and does not query Graph. A path is a way to a role that can register connectors: the
    role itself, a group that holds it, or a group nested in that group. A principal with several paths keeps the right
    when one of them is removed.

    Exit codes: 0 everything is known; 4 role data was not read in full, or a principal is unknown; 1 could not do
    it; 2 wrong usage. It is a listing, so what it lists never makes it 3.
    """
    from connectorwatch.terminal.registrars import registrars_exit_code, show
    from connectorwatch.usecases.report import newest_document
    from connectorwatch.wiring import Choices, settings_of, store_of

    settings = settings_of(Choices(tenant=tenant, out=out))
    document = newest_document(store_of(settings), settings.tenant_id)
    show(document, form)
    sys.exit(registrars_exit_code(document))
