"""The command `releases`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from connectorwatch.commands.options import policy


@click.command()
@policy
@click.option("--json", "as_json", is_flag=True, help="Print the catalogue and what it asks for as JSON.")
@click.option("--from", "page", metavar="PAGE", help="Microsoft's version history page: a saved file or an address.")
@click.option("--to", "target", metavar="FILE", type=click.Path(path_type=Path), help="Where to write; else stdout.")
@click.option("--allow-fetch", is_flag=True, help="Let --from fetch an address on Microsoft Learn or GitHub.")
@click.option("--force", is_flag=True, help="Let --to overwrite a file.")
def releases(**options: Any) -> None:  # noqa: ANN401 - click passes the options by name
    """Show the connector releases and what the fleet should run.

    With --from, bring the catalogue up to date.
    """
    from connectorwatch.terminal.releases import print_releases
    from connectorwatch.usecases.releases_update import page_content, print_update, update_from
    from connectorwatch.wiring import Choices, policy_of, releases_of, settings_of

    page, target, as_json = options["page"], options["target"], options["as_json"]
    if page is None and (target or options["allow_fetch"] or options["force"]):
        raise click.UsageError("--to, --allow-fetch and --force go with --from.")
    if page is not None and as_json:
        raise click.UsageError("--json shows the catalogue; --from writes one.")
    settings, today = settings_of(Choices(policy=options["policy"])), datetime.now(UTC).date()
    loaded = policy_of(settings)
    catalogue = releases_of(loaded, settings)
    if page is None:
        print_releases(catalogue, loaded.policy, today, as_json=as_json)
    else:
        content = page_content(page, allow_fetch=options["allow_fetch"])
        print_update(update_from(catalogue, content, today), target, force=options["force"])
