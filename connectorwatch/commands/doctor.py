"""The command `doctor`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack

import click

from common.exit_codes import ExitCode, exit_code
from connectorwatch.commands.options import out, policy


@click.command()
@click.option("--demo", is_flag=True, help="Check the bundled tenant Contoso through a simulated Graph.")
@click.option("--tenant", metavar="ID", help="Tenant to check, instead of CONNECTORWATCH_TENANT_ID.")
@out
@policy
@click.option("--json", "as_json", is_flag=True, help="Print all results as JSON on stdout.")
def doctor(*, demo: bool, tenant: str | None, out: str | None, policy: str | None, as_json: bool) -> None:
    """Show what is missing, what that affects, and how to fix it.

    Exit codes: 0 nothing is missing; 1 no scan can be made (no usable token, a mistake in the policy, the catalogue or
    the list of tenants, storage refused, no list can be read); 4 something else is missing.
    """
    from connectorwatch.demo import demo_environment
    from connectorwatch.doctor.run import examine
    from connectorwatch.wiring import Choices, own_environment, settings_of

    with ExitStack() as running:
        environment = own_environment()
        if demo:
            environment = running.enter_context(demo_environment(environment))
        settings = settings_of(Choices(tenant, out, policy), environment)
        document = asyncio.run(examine(settings, environment))
    if as_json:
        from connectorwatch.platform.redaction import redact

        click.echo(redact(document.model_dump_json(by_alias=True, indent=2)))
    else:
        from connectorwatch.doctor.show import show
        from connectorwatch.terminal.console import results

        show(document, results())
    sys.exit(ExitCode.COULD_NOT if document.stopped else exit_code(all_known=document.whole))
