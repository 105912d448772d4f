"""connectors.csv, groups.csv and applications.csv: the inventory for spreadsheets, in the columns of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.inventory.rows import inventory_rows
from findings.reports.csv_file import table_csv
from findings.views.tables import COLUMNS, INVENTORY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findings.document import FindingsDocument
    from findings.inventory.rows import Kind, Row


def render_connectors_csv(document: FindingsDocument) -> bytes:
    """Return connectors.csv, in the form of findings.csv: first what was not read, then a row a connector."""
    return inventory_csv(inventory_rows(document, "connectors"), "connectors")


def render_groups_csv(document: FindingsDocument) -> bytes:
    """Return groups.csv, likewise."""
    return inventory_csv(inventory_rows(document, "groups"), "groups")


def render_applications_csv(document: FindingsDocument) -> bytes:
    """Return applications.csv, likewise."""
    return inventory_csv(inventory_rows(document, "applications"), "applications")


def inventory_csv(rows: Iterable[Row], kind: Kind) -> bytes:
    """Return rows of one list as a CSV file; a cell is empty where the value is not known."""
    columns = tuple(COLUMNS[INVENTORY[kind]])
    return table_csv((columns, *([_text(row.get(column)) for column in columns] for row in rows)))


def _text(value: str | int | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
