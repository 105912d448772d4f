"""The use case: tell who can register connectors, from the newest stored scan, without a credential."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connectorwatch.publish import scan_folder
from connectorwatch.scan import NOT_ALL_ASSESSED, NOTHING_FAILING
from connectorwatch.terminal import STYLES, UNSURE, cut, unread_lists
from findings.reports import registrars
from findings.reports.jsonfile import parse_json, render_registrars_json
from findings.reports.registrarscsv import render_registrars_csv
from findings.reports.text import minute, visible
from findings.state import State
from inventory.errors import EvidenceError, SettingsError
from policies.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from findings.document import FindingsDocument, PathEntry
    from findings.reports.registrars import Card
    from findings.stores.ports import Store

_TENANTS_SHOWN = 10
_WHY = 200
_TITLES = {
    "unknown": "Unknown",
    "can": "Can register",
    "cannot": "Cannot register",
    "groups": "Groups that hold a role",
}


def newest_document(store: Store, tenant_id: str | None) -> FindingsDocument:
    """Return the result of a tenant's newest stored scan; of the only tenant there is where none is named.

    Raises:
        SettingsError: No scan is stored, or several tenants are and none is named.
        EvidenceError: What is stored is damaged, of a newer version, or not all there.
        StorageError: Storage refused.
    """
    tenant = tenant_id or only_tenant(store)
    name = f"{tenant}/state.json"
    stored = store.documents.read(name)
    scans = State.from_bytes(stored.content, name).scans if stored else ()
    if not scans:
        raise SettingsError(
            f"No scan of tenant {visible(tenant)} is stored: run `connectorwatch scan` first, "
            "or name another tenant (--tenant) or folder (--out)."
        )
    content = store.scans.read(f"{scan_folder(tenant, scans[-1].id)}/findings.json")
    if content is None:
        raise EvidenceError(
            f"Scan {scans[-1].id} of tenant {tenant} is remembered and its findings.json is not there: scan again, "
            "which writes what was left unwritten, or restore the file."
        )
    return parse_json(content)


def only_tenant(store: Store) -> str:
    """Return the id of the only tenant that scans are stored of.

    Raises:
        SettingsError: There is none, or there are several.
    """
    parts = (name.split("/") for name in store.scans.list(""))
    tenants = sorted({tenant for tenant, *rest in parts if rest[:1] == ["scans"]})
    if not tenants:
        raise SettingsError(
            "No scan is stored: run `connectorwatch scan` first, or name another folder in CONNECTORWATCH_STORAGE "
            "(or --out)."
        )
    if len(tenants) > 1:
        shown = ", ".join(tenants[:_TENANTS_SHOWN])
        more = f" and {len(tenants) - _TENANTS_SHOWN} more" if len(tenants) > _TENANTS_SHOWN else ""
        raise SettingsError(
            f"Scans of {len(tenants)} tenants are stored: name one in CONNECTORWATCH_TENANT_ID (or --tenant). "
            f"They are {shown}{more}."
        )
    return tenants[0]


def exit_code(document: FindingsDocument) -> int:
    """Return 4 where role data was not fully read or somebody could not be judged, else 0: it is a listing."""
    return NOTHING_FAILING if registrars.all_known(document) else NOT_ALL_ASSESSED


def show(document: FindingsDocument, form: str) -> None:
    """Write the listing to stdout as `table`, `csv` or `json`."""
    if form == "table":
        registrars_table(document, Console())
    else:
        render = {"csv": render_registrars_csv, "json": render_registrars_json}[form]
        sys.stdout.buffer.write(render(document))


def registrars_table(document: FindingsDocument, console: Console) -> None:
    """Print who can register connectors so that it can be read at 80 columns; names are printed as text only.

    Args:
        document: The scan's result.
        console: Where to print. It decides about colours, by terminal and by `NO_COLOR`.
    """
    name = cut(document.tenant.name or document.tenant.id)
    console.print(Text.assemble((name, "bold"), f"  scanned {minute(document.scan.started_at)}"))
    for block in (*_gaps(document), *_people(document)):
        console.print()
        console.print(block)


def _gaps(document: FindingsDocument) -> Iterator[RenderableType]:
    """Yield what was not read, first of all."""
    unread = registrars.unread(document)
    if unread:
        title = "Role data was not read in full, so others may be able to register as well. Not read:"
        if not registrars.hiding(document):
            title = "Some details of role data were not read:"
        yield unread_lists(title, unread, registrars.list_labels(document))
    if document.registrars_unresolved is not None:
        yield Text(
            f"The paths to the roles could not be followed: {cut(document.registrars_unresolved, _WHY)}.", UNSURE
        )


def _people(document: FindingsDocument) -> Iterator[RenderableType]:
    """Yield the counts and the table; an incomplete list never looks like nobody."""
    if document.registrars:
        yield Text(f"{registrars.counts(document).sentence}.")
        yield _table(document)
    elif registrars.hiding(document) or document.registrars_unresolved is not None:
        yield Text("Who can register connectors is not known.", f"bold {UNSURE}")
    else:
        yield Text("Nobody holds a role that can register connectors.")


def _table(document: FindingsDocument) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column("Person", ratio=2, overflow="fold")
    table.add_column("By which path", ratio=3, overflow="fold")
    table.add_column("Findings", width=8)
    for word, cards in registrars.cards(document):
        if table.row_count:
            table.add_row()
        style = UNSURE if word == "unknown" else ""
        table.add_row(Text(f"{_TITLES[word]}: {len(cards)}", f"bold {style}".strip()))
        for card in cards:
            table.add_row(_person(card), _paths(card, style), _findings(card))
    return table


def _person(card: Card) -> Text:
    who = card.entry.principal
    text = Text(cut(who.name) or visible(who.id))
    for line in (who.upn or "" if who.name != who.upn else "", ", ".join(card.tags)):
        if line:
            text.append(f"\n{cut(line, _WHY)}", "dim")
    return text


def _paths(card: Card, style: str) -> Table:
    """Return why somebody cannot register, or may not, and each path on lines of its own."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    if card.entry.why_not:
        grid.add_row("", Text(cut(card.entry.why_not, _WHY), style))
    for path in card.entry.paths:
        grid.add_row("-", Text(_path(path), overflow="fold"))
    return grid


def _path(path: PathEntry) -> str:
    narrow = f", only for {cut(path.scope)}" if registrars.is_narrow(path) else ""
    until = f", until {minute(path.end)}" if path.end else ""
    return f"{registrars.path_text(path, cut)}{narrow}{until}"


def _findings(card: Card) -> Text:
    """Return the rules that fail, one a line, and how many others there are to think of."""
    failing = [verdict for verdict in card.findings if verdict.outcome is Outcome.FAIL]
    lines = [Text(visible(verdict.rule), STYLES[verdict.severity]) for verdict in failing]
    if unseen := sum(verdict.outcome is Outcome.NOT_ASSESSED for verdict in card.findings):
        lines.append(Text(f"{unseen} not assessed", UNSURE))
    if waived := sum(verdict.outcome is Outcome.WAIVED for verdict in card.findings):
        lines.append(Text(f"{waived} waived"))
    return Text("\n").join(lines)
