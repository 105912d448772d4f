"""The command `demo`."""

from __future__ import annotations

from typing import Any, cast

import click

from connectorwatch.commands.options import as_json, fail_on, out, policy


@click.command()
@out
@policy
@fail_on
@as_json
@click.pass_context
def demo(context: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Scan the bundled demo tenant; the same as `scan --demo`."""
    scan = cast("click.Group", context.find_root().command).get_command(context, "scan")
    context.invoke(cast("click.Command", scan), demo=True, tenant=None, at=None, **options)
