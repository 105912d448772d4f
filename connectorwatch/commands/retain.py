"""The command `retain`."""

from __future__ import annotations

import click

from connectorwatch.commands.options import out


@click.command()
@out
def retain(out: str | None) -> None:
    """Let go of scans and findings that are old.

    Scans and resolved findings older than the policy's retention_days go; the newest scan and open findings stay. It
    is done for the tenants that CONNECTORWATCH_TENANTS lists, or for CONNECTORWATCH_TENANT_ID. The service does it by
    itself each night.
    """
    from dataclasses import replace

    from common.text import counted
    from connectorwatch.service.composition import service_of
    from connectorwatch.service.retention import retain as let_go
    from connectorwatch.wiring import Choices, own_environment, settings_of, store_of

    settings = settings_of(Choices(out=out))
    service = replace(service_of(own_environment()), settings=settings, store=store_of(settings))
    for tenant, let in let_go(service).items():
        if not let.known:
            click.echo(f"{tenant}: nothing is stored of this tenant")
            continue
        kept = "; storage keeps older scans by a rule of its own" if let.refused or let.respected else ""
        click.echo(f"{tenant}: let go of {counted(let.scans, 'scan')} and {counted(let.findings, 'finding')}{kept}")
