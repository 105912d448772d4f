"""The command `rebuild`."""

from __future__ import annotations

import click

from connectorwatch.commands.options import out, tenant


@click.command()
@tenant
@out
def rebuild(tenant: str | None, out: str | None) -> None:
    """Rewrite the tables and latest/ from the stored state.

    For all tenants, or for the one that is named.
    """
    from connectorwatch.scanning.rebuild import rebuild as write_anew
    from connectorwatch.service.unrendered import note_all
    from connectorwatch.wiring import Choices, settings_of, store_of

    settings = settings_of(Choices(tenant=tenant, out=out))
    store = store_of(settings)
    try:
        count = write_anew(store, settings.tenant_id, lambda what: click.echo(what, err=True))
    finally:
        note_all(store, settings.tenant_id)
    click.echo(f"tables and latest/ written anew for {count} tenant{'' if count == 1 else 's'}")
