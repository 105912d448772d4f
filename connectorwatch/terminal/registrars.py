"""Who can register connectors, on the terminal, from the newest stored scan and without a credential."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from common.cells import SENTENCE, cut
from common.exit_codes import exit_code
from common.text import minute, visible
from connectorwatch.terminal.console import results
from connectorwatch.terminal.findings import STYLES, UNSURE
from connectorwatch.terminal.scan import unread_lists
from findings.reports import registrars
from findings.reports.group_owners import group_owners
from findings.reports.json_file import render_registrars_json
from findings.reports.registrars_csv import render_registrars_csv
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, RenderableType

    from common.exit_codes import ExitCode
    from findings.document import FindingsDocument, PathEntry, VerdictEntry
    from findings.reports.registrars import Card

_PATHS = (
    "A path is a way to a role that can register connectors: the role itself, or a group (>) that holds it or feeds "
    "one that does. What is eligible has to be activated first."
)
_TITLES = {
    "unknown": "Unknown",
    "can": "Can register",
    "cannot": "Cannot, despite a role",
    "groups": "Groups that hold a role",
}


def registrars_exit_code(document: FindingsDocument) -> ExitCode:
    """Return NOT_ASSESSED where role data is incomplete or a principal could not be assessed, else DONE.

    It is a listing, so what it lists never counts as failing.
    """
    return exit_code(all_known=registrars.all_known(document))


def show(document: FindingsDocument, form: str) -> None:
    """Write the listing to stdout as `table`, `csv` or `json`."""
    if form == "table":
        registrars_table(document, results())
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
    for block in (*_gaps(document), *_people(document), *_group_owners(document)):
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
            f"The paths to the roles could not be followed: {cut(document.registrars_unresolved, SENTENCE)}.", UNSURE
        )


def _people(document: FindingsDocument) -> Iterator[RenderableType]:
    """Yield the counts and the table; an incomplete list never reads as none."""
    if document.registrars:
        yield Text(f"{registrars.counts(document).sentence}.")
        yield Text(_PATHS, "dim")
        yield _table(document)
    elif registrars.hiding(document) or document.registrars_unresolved is not None:
        yield Text("Who can register connectors is not known.", f"bold {UNSURE}")
    else:
        yield Text("Nobody holds a role that can register connectors.")


def _group_owners(document: FindingsDocument) -> Iterator[RenderableType]:
    """Yield the owners of groups on a path, who can add themselves or others."""
    gates = group_owners(document)
    if not gates:
        return
    yield Text(f"They decide who is in a group on such a path (REG010): {len(gates)}", "bold")
    table = _columns("Person or group", "Which groups, and what was found", "Finding")
    for gate in gates:
        owned = ", ".join(cut(name) for _, name in gate.owned)
        message = Text(cut(gate.verdict.message, SENTENCE))
        table.add_row(
            Text(cut(gate.name)), Text.assemble(f"{owned}\n" if owned else "", message), _verdicts((gate.verdict,))
        )
    yield table


def _columns(*titles: str) -> Table:
    """Return an empty table of three columns that fits 80 cells."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    for title, ratio in zip(titles[:2], (2, 3), strict=True):
        table.add_column(title, ratio=ratio, overflow="fold")
    table.add_column(titles[2], width=8)
    return table


def _table(document: FindingsDocument) -> Table:
    table = _columns("Person", "By which path", "Findings")
    for word, cards in registrars.cards(document):
        if table.row_count:
            table.add_row()
        style = UNSURE if word == "unknown" else ""
        table.add_row(Text(f"{_TITLES[word]}: {len(cards)}", f"bold {style}".strip()))
        for card in cards:
            table.add_row(_person(card), _paths(card, style), _verdicts(card.findings))
    return table


def _person(card: Card) -> Text:
    who = card.entry.principal
    text = Text(cut(who.name) or visible(who.id))
    for line in (who.upn or "" if who.name != who.upn else "", ", ".join(card.tags)):
        if line:
            text.append(f"\n{cut(line, SENTENCE)}", "dim")
    return text


def _paths(card: Card, style: str) -> Table:
    """Return why a principal cannot register, or may not, and each path on its own lines."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    if card.entry.why_not:
        grid.add_row("", Text(cut(card.entry.why_not, SENTENCE), style))
    for path in card.entry.paths:
        grid.add_row("-", Text(_path(path), overflow="fold"))
    return grid


def _path(path: PathEntry) -> str:
    narrow = f", only for {cut(path.scope)}" if registrars.is_narrow(path) else ""
    until = f", until {minute(path.end)}" if path.end else ""
    return f"{registrars.path_text(path, cut)}{narrow}{until}"


def _verdicts(verdicts: Sequence[VerdictEntry]) -> Text:
    """Return the rules that fail, one a line, and the numbers that are not assessed or waived."""
    failing = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    lines = [Text(visible(verdict.rule), STYLES[verdict.severity]) for verdict in failing]
    if unseen := sum(verdict.outcome is Outcome.NOT_ASSESSED for verdict in verdicts):
        lines.append(Text(f"{unseen} not assessed", UNSURE))
    if waived := sum(verdict.outcome is Outcome.WAIVED for verdict in verdicts):
        lines.append(Text(f"{waived} waived"))
    return Text("\n").join(lines)
