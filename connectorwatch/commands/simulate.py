"""The command `simulate`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click


@click.command()
@click.option("--tenant", metavar="FILE", type=click.Path(path_type=Path), help="Tenant file; Contoso by default.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; any free one by default.")
@click.option("--latency-ms", type=click.IntRange(0, 60_000), help="What each request takes.")
@click.option(
    "--shell",
    type=click.Choice(["sh", "powershell"]),
    default="powershell" if os.name == "nt" else "sh",
    show_default=True,
    help="How to write the settings.",
)
def simulate(tenant: Path | None, port: int, latency_ms: int | None, shell: Literal["sh", "powershell"]) -> None:
    """Serve a simulated Graph on 127.0.0.1 until interrupted.

    It prints the settings that scan it.
    """
    from connectorwatch.demo import serve

    serve(tenant, port, latency_ms, shell)
