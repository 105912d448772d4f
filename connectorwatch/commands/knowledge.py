"""The command `knowledge`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click


@click.command()
@click.argument("topic", required=False)
@click.option("--stale", type=click.IntRange(0), metavar="DAYS", help="Only what was not checked for more than DAYS.")
@click.option("--json", "as_json", is_flag=True, help="Print the entries as JSON.")
def knowledge(topic: str | None, stale: int | None, *, as_json: bool) -> None:
    """List what is known of connectors, with sources and dates.

    TOPIC narrows it to one kind of entry.
    """
    from connectorwatch.knowledge.listing import (
        KnownDocument,
        known,
        print_entries,
        print_topics,
    )
    from connectorwatch.terminal.console import results

    entries = known(datetime.now(UTC).date(), topic, stale)
    if as_json:
        sys.stdout.write(KnownDocument(entries=entries).model_dump_json(indent=2) + "\n")
    elif topic is None and stale is None:
        print_topics(entries, results())
    else:
        print_entries(entries, results())
