"""The command `history`."""

from __future__ import annotations

import click

from connectorwatch.commands.options import out, tenant


@click.command()
@click.option("--finding", metavar="KEY", help="One finding's story, by its key, such as GRP001/ID.")
@tenant
@out
@click.option("--json", "as_json", is_flag=True, help="Print the story as JSON.")
def history(finding: str | None, tenant: str | None, out: str | None, *, as_json: bool) -> None:
    """Tell what happened, day by day or to one finding, from what is remembered; asks Graph for nothing."""
    from rich.console import Console  # noqa: PLC0415 - not needed for --help

    from connectorwatch.history import show, stored_state, told_history  # noqa: PLC0415
    from connectorwatch.wiring import Choices, settings_of, store_of  # noqa: PLC0415

    settings = settings_of(Choices(tenant=tenant, out=out))
    told = told_history(stored_state(store_of(settings), settings.tenant_id), finding)
    show(told, Console(), one=finding is not None, as_json=as_json)
