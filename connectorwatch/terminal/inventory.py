"""Connectors, connector groups and applications on the terminal, from the newest stored scan."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from common.cells import SENTENCE, cut
from common.exit_codes import exit_code
from common.text import counted, minute, visible
from connectorwatch.terminal.console import results
from connectorwatch.terminal.findings import UNSURE
from connectorwatch.terminal.scan import unread_lists
from connectorwatch.usecases.inventory import inventory_document, selected_rows
from findings.inventory.rows import NOT_KEPT, all_read, lists_of
from findings.reports.inventory import label
from findings.reports.inventory_csv import inventory_csv
from findings.reports.json_file import render_part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

    from common.exit_codes import ExitCode
    from connectorwatch.usecases.inventory import InventoryFilter
    from findings.document import FindingsDocument
    from findings.inventory.rows import Kind, Row

_UNKNOWN = "not known"
_NOUNS: Mapping[Kind, str] = {"connectors": "connector", "groups": "connector group", "applications": "application"}


def show(document: FindingsDocument, kind: Kind, wanted: InventoryFilter, form: str) -> ExitCode:
    """Write a list to stdout as `table`, `csv` or `json`; return NOT_ASSESSED where not all of it was read, else DONE.

    Raises:
        SettingsError: The filter names a connector group that does not exist.
    """
    rows = selected_rows(document, kind, wanted)
    if form == "json":
        sys.stdout.buffer.write(render_part(inventory_document(document, kind, rows)))
    elif form == "csv":
        sys.stdout.buffer.write(inventory_csv(rows, kind))
    else:
        inventory_table(document, kind, rows, results())
    return exit_code(all_known=all_read(document, kind))


def inventory_table(document: FindingsDocument, kind: Kind, rows: Sequence[Row], console: Console) -> None:
    """Print rows as a table that fits 80 columns; names are printed as text only, and what was not read comes first."""
    entries = [row for row in rows if row["read"]]
    name = cut(document.tenant.name or document.tenant.id)
    console.print(Text.assemble((name, "bold"), f"  scanned {minute(document.scan.started_at)}"))
    unread = [section for section in lists_of(document, kind) if not section.known]
    if unread:
        names = {group.id: group.name for group in document.groups or () if group.name}
        labels = {section.name: label(section.name, names) for section in unread}
        console.print()
        console.print(unread_lists("Not read in full, so there may be more:", unread, labels))
    if any(row["list"] == kind and not row["read"] for row in rows) and kind not in {entry.name for entry in unread}:
        console.print(Text(f"Not known: {NOT_KEPT}.", UNSURE))
    console.print()
    if not entries:
        console.print(Text(f"No {_NOUNS[kind]} to show." if len(entries) < len(rows) else f"No {_NOUNS[kind]}."))
        return
    console.print(_table(kind, entries))
    console.print(Text(counted(len(entries), _NOUNS[kind]), "dim"))


def _table(kind: Kind, rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    columns = _COLUMNS[kind]
    for title in columns:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(Text(text(row)) for text in columns.values()))
    return table


def _plain(column: str, when_empty: str = "") -> Callable[[Row], str]:
    """Return what shows a column's text; `when_empty` stands for a text without a character."""

    def text(row: Row) -> str:
        value = row[column]
        return _UNKNOWN if value is None else cut(str(value), SENTENCE) or when_empty

    return text


def _state(row: Row) -> str:
    if row["active"]:
        return "active"
    since = f" since {_day(row['inactive_since'])}" if row["inactive_since"] else ""
    return f"{'inactive' if str(row['status']).casefold() == 'inactive' else visible(str(row['status']))}{since}"


def _version(row: Row) -> str:
    before = f", before {row['version_before']}" if row["version_before"] else ""
    return cut(f"{row['version'] or _UNKNOWN}{before}", SENTENCE)


def _first_seen(row: Row) -> str:
    day = _day(row["first_seen"])
    return f"{day} or earlier" if row["from_start"] else day


def _day(moment: object) -> str:
    return str(moment)[:10] if moment else _UNKNOWN


def _active(row: Row) -> str:
    return _UNKNOWN if row["connectors"] is None else f"{row['active']} of {row['connectors']}"


_COLUMNS: Mapping[Kind, Mapping[str, Callable[[Row], str]]] = {
    "connectors": {
        "Connector": _plain("name", "without a name"),
        "State": _state,
        "Version": _version,
        "Group": _plain("group_name", "none"),
        "First seen": _first_seen,
        "Registered by": _plain("registered_by"),
        "Findings": _plain("findings"),
    },
    "groups": {
        "Group": _plain("name", "without a name"),
        "Active": _active,
        "Versions": _plain("versions"),
        "Applications": _plain("applications"),
        "Region": _plain("region"),
        "Findings": _plain("findings"),
    },
    "applications": {
        "Application": _plain("name", "without a name"),
        "Group": _plain("group_name"),
        "Kind": _plain("kind"),
        "External address": _plain("external_url"),
        "Findings": _plain("findings"),
    },
}
