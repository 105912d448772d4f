"""The status of all tenants on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from common.cells import cut
from common.exit_codes import exit_code
from common.text import minute, visible
from connectorwatch.terminal.findings import STYLES, UNSURE

if TYPE_CHECKING:
    from common.exit_codes import ExitCode
    from findings.reports.fleet_page import Fleet
    from policies.vocabulary import Severity

NO_TENANT = (
    "No tenant is watched and no scan is stored here: run `connectorwatch scan` first, or name another folder in "
    "CONNECTORWATCH_STORAGE (or --out)."
)
"""Printed instead of an empty table."""
_TONES = STYLES | {"unsure": UNSURE, "good": "green"}


def fleet_table(fleet: Fleet) -> Table:
    """Return the fleet for a terminal, readable at 80 columns, the worst tenant first; names are text only."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column("Tenant", ratio=1, overflow="fold")
    table.add_column("State", ratio=1, overflow="fold")
    table.add_column("Last scan", width=20)
    for status in fleet.statuses:
        line = status.line
        name = Text(cut(line.name) if line.name else "(no name)")
        name.append(f"\n{visible(line.id)}", "dim")
        state = Text(status.state, _TONES[status.tone])
        state.append("".join(f"\n{gap}" for gap in status.gaps), UNSURE)
        table.add_row(name, state, minute(line.scanned_at) if line.scanned_at else "never")
    return table


def fleet_exit_code(fleet: Fleet, fail_on: Severity) -> ExitCode:
    """Return FAILING for failures of at least `fail_on`, NOT_ASSESSED for gaps or without any tenant, else DONE."""
    return exit_code(
        failing=any(
            number and severity.rank <= fail_on.rank
            for line in fleet.lines
            for severity, number in line.failing.items()
        ),
        all_known=bool(fleet.lines) and not any(status.gaps for status in fleet.statuses),
    )
