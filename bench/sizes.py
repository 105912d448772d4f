"""How much a tenant's daily scans store, simulated through the real code: `python -m bench.sizes 10`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectorwatch.platform.logs import set_up_logs
from connectorwatch.scanning.scan import run
from connectorwatch.wiring import Choices, scanning
from simulator import TENANTS, Simulator, load_tenant
from simulator.scale import large_tenant
from tests.e2e.running import NOW, POLICY, environment

if TYPE_CHECKING:
    from simulator import Tenant


def main(days: int) -> None:
    """Print the sizes after so many daily scans of Contoso and of a tenant of 100 groups and 500 connectors."""
    set_up_logs("error")
    tenants = {"Contoso": load_tenant(TENANTS / "contoso.yaml"), "100 groups, 500 connectors": large_tenant()}
    for name, tenant in tenants.items():
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_scan_daily(tenant, Path(folder), days))
            click.echo(f"{name}, {days} daily scans")
            for what, size in _sizes(Path(folder) / tenant.tenant.id).items():
                click.echo(f"  {what:28}{size:>12,} bytes")


async def _scan_daily(tenant: Tenant, folder: Path, days: int) -> None:
    async with Simulator(tenant) as simulator:
        for day in range(days):
            choices = Choices(out=str(folder), policy=str(POLICY), at=NOW + timedelta(days=day))
            async with scanning(choices, environment(simulator)) as scan:
                await run(scan)


def _sizes(folder: Path) -> dict[str, int]:
    """Return what the first and the newest scan and the state take, by file."""
    scans = sorted((folder / "scans").iterdir())
    sizes = {f"newest: {path.name}": path.stat().st_size for path in sorted(scans[-1].iterdir())}
    return sizes | {
        "first scan": _sum(scans[0]),
        "newest scan": _sum(scans[-1]),
        "all scans": _sum(folder / "scans"),
        "latest/": _sum(folder / "latest"),
        "state.json": (folder / "state.json").stat().st_size,
    }


def _sum(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(int(sys.argv[1]))
