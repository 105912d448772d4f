"""The command `retain`."""

from __future__ import annotations

import click

from connectorwatch.commands.options import out


@click.command()
@out
def retain(out: str | None) -> None:
    """Delete old scans and resolved findings.

    Deletes what is older than the policy's retention_days; the newest scan and open findings are kept. Applies to the
    tenants that CONNECTORWATCH_TENANTS lists, or to CONNECTORWATCH_TENANT_ID. The service does this every night.
    """
    from dataclasses import replace

    from common.text import counted
    from connectorwatch.service.composition import service_of
    from connectorwatch.service.retention import retain as delete_old
    from connectorwatch.wiring import Choices, own_environment, settings_of, store_of

    settings = settings_of(Choices(out=out))
    service = replace(service_of(own_environment()), settings=settings, store=store_of(settings))
    for tenant, removed in delete_old(service).items():
        if not removed.known:
            click.echo(f"{tenant}: nothing is stored for this tenant")
            continue
        note = "; storage keeps older scans by a rule of its own" if removed.refused or removed.respected else ""
        click.echo(
            f"{tenant}: deleted {counted(removed.scans, 'scan')} and {counted(removed.findings, 'finding')}{note}"
        )
