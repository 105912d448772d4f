"""The command `simulate`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--tenant", metavar="FILE", type=click.Path(path_type=Path), help="Tenant file; Contoso by default.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; any free one by default.")
@click.option("--latency-ms", type=click.IntRange(0, 60_000), help="What each request takes.")
def simulate(tenant: Path | None, port: int, latency_ms: int | None) -> None:
    """Serve a simulated Graph on 127.0.0.1 until interrupted.

    It prints the settings that scan it.
    """
    from connectorwatch.demo import serve

    serve(tenant, port, latency_ms)
