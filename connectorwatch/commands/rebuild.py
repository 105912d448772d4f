"""The command `rebuild`."""

from __future__ import annotations

import click

from common.text import counted
from connectorwatch.commands.options import out, tenant


@click.command()
@tenant
@out
@click.option(
    "--from-scan",
    metavar="SCAN",
    help="Also make the state anew, from the stored evidence of one tenant's scans up to this one: the way out where a "
    "clock was ahead and every scan since counts as older.",
)
def rebuild(tenant: str | None, out: str | None, from_scan: str | None) -> None:
    """Rewrite the tables and latest/ from the stored state.

    For all tenants, or for the one that is named.
    """
    from connectorwatch.scanning.rebuild import rebuild as write_anew
    from connectorwatch.scanning.replay import rebuild_from
    from connectorwatch.service.unrendered import note_all
    from connectorwatch.usecases.report import only_tenant
    from connectorwatch.wiring import Choices, settings_of, store_of

    settings = settings_of(Choices(tenant=tenant, out=out))
    store = store_of(settings)
    tenant_id = settings.tenant_id
    if from_scan is not None:
        tenant_id = tenant_id or only_tenant(store)
        scans = rebuild_from(store, tenant_id, from_scan, _progress)
        click.echo(f"state made anew from {counted(scans, 'scan')}, the newest of them {from_scan}")
    try:
        count = write_anew(store, tenant_id, _progress)
    finally:
        note_all(store, tenant_id)
    click.echo(f"tables and latest/ written anew for {counted(count, 'tenant')}")


def _progress(line: str) -> None:
    click.echo(line, err=True)
