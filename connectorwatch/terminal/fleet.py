"""The fleet on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from common.cells import cut
from common.text import minute, visible
from connectorwatch.scanning.scan import FAILING, NOT_ALL_ASSESSED, NOTHING_FAILING
from connectorwatch.terminal.findings import STYLES, UNSURE

if TYPE_CHECKING:
    from findings.reports.fleet_page import Fleet
    from policies.vocabulary import Severity

NOBODY = (
    "No tenant is watched and no scan is stored here: run `connectorwatch scan` first, or name another folder in "
    "CONNECTORWATCH_STORAGE (or --out)."
)
"""What is said instead of a table without a row."""
_TONES = STYLES | {"unsure": UNSURE, "good": "green"}


def fleet_table(fleet: Fleet) -> Table:
    """Return the fleet for a terminal, readable at 80 columns, the worst tenant first; names are text only."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column("Tenant", ratio=1, overflow="fold")
    table.add_column("State", ratio=1, overflow="fold")
    table.add_column("Last scan", width=20)
    for standing in fleet.standings:
        line = standing.line
        name = Text(cut(line.name) if line.name else "(no name)")
        name.append(f"\n{visible(line.id)}", "dim")
        state = Text(standing.state, _TONES[standing.tone])
        state.append("".join(f"\n{gap}" for gap in standing.gaps), UNSURE)
        table.add_row(name, state, minute(line.scanned_at) if line.scanned_at else "never")
    return table


def exit_code(fleet: Fleet, fail_on: Severity) -> int:
    """Return 3 where a tenant's newest scan has failures of at least `fail_on`, 4 for gaps or no tenant, else 0."""
    if any(
        number and severity.rank <= fail_on.rank for line in fleet.lines for severity, number in line.failing.items()
    ):
        return FAILING
    known = fleet.lines and not any(standing.gaps for standing in fleet.standings)
    return NOTHING_FAILING if known else NOT_ALL_ASSESSED
