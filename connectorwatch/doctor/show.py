"""The examination on a terminal: a line a check, at 80 columns, and what to run where something is missing."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from common.text import counted, visible
from connectorwatch.doctor.diagnose import NOT_TRIED
from connectorwatch.doctor.remedies import COMMAND
from connectorwatch.platform.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from connectorwatch.doctor.document import Check, DoctorDocument

_MARKS = {"ok": ("ok", "green"), "note": ("note", "cyan"), "missing": ("missing", "bold yellow")}
_AREAS = {
    "installation": "This installation",
    "storage": "Storage",
    "credential": "Signing in",
    "graph": "Microsoft Graph",
}
_ROW = 3


def show(document: DoctorDocument, console: Console) -> None:
    """Print the checks; names and Graph's messages are printed as text only, and without secrets."""
    console.print(Text(f"Tenant {_safe(document.tenant or 'not named')}", style="bold"))
    console.print(Text(f"Graph at {_safe(document.graph)}"))
    for area, title in _AREAS.items():
        checks = [check for check in document.checks if check.area == area]
        if checks:
            console.print()
            console.print(Text(title, style="bold"))
            console.print(_table(checks))
    console.print()
    console.print(_verdict(document))
    mends = _mends(document.checks)
    if mends:
        console.print()
        console.print(Text("What to do", style="bold"))
    for line in mends:
        # A command or an address stays on one line, so that it can be copied as it is.
        console.print(Text(_safe(line)), soft_wrap=line.startswith(COMMAND) or "https://" in line)


def _mends(checks: Iterable[Check]) -> tuple[str, ...]:
    """Return what is to be done, each line once, and those of a check together: consent when everything is added."""
    lines: list[str] = []
    for check in checks:
        place = len(lines)
        for number, line in enumerate(check.mend):
            if line not in lines:
                following = (lines.index(later) for later in check.mend[number:] if later in lines)
                place = next(following, place)
                lines.insert(place, line)
            place = lines.index(line) + 1
    return tuple(lines)


def _table(checks: list[Check]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=9)
    table.add_column(overflow="fold")
    for check in checks:
        word, style = _MARKS[check.state]
        table.add_row(Padding(Text(word, style=style), (0, 0, 0, 2)), _words(check))
    return table


def _words(check: Check) -> Text:
    text = Text()
    text.append(f"{_safe(check.name)}: ", "bold")
    # Mistakes in this installation's files may take several lines; a message from Graph is always one line.
    lines = check.message.split("\n") if check.area == "installation" else [check.message]
    text.append("\n".join(map(_safe, lines)))
    if check.code:
        text.append(f" ({_safe(check.code)})", "dim")
    if check.costs:
        text.append(f"\n{_lost(check.costs)}", "yellow")
    return text


def _lost(rules: tuple[str, ...]) -> str:
    return f"costs verdicts of {counted(len(rules), 'rule')}: {', '.join(families(rules))}"


def families(rules: tuple[str, ...]) -> list[str]:
    """Return rules in order, three and more in a row as one, such as `CON001 to CON005`."""
    ranges: list[str] = []
    # In a row all rules of a family are equally far from their places.
    for _, run in groupby(
        enumerate(sorted(rules)), lambda numbered: (numbered[1][:3], int(numbered[1][3:]) - numbered[0])
    ):
        row = [rule for _, rule in run]
        ranges += row if len(row) < _ROW else [f"{row[0]} to {row[-1]}"]
    return ranges


def _verdict(document: DoctorDocument) -> Text:
    missing = [check for check in document.checks if check.state == "missing"]
    if not missing and not any(check.area == "graph" for check in document.checks):
        return Text("Nothing is missing here. Graph was not asked: what a scan can assess is not known.", style="cyan")
    if not missing and any(check.name == NOT_TRIED for check in document.checks):
        return Text("Nothing is missing of what could be tried.", style="bold green")
    if not missing:
        return Text("Nothing is missing: a scan can assess everything.", style="bold green")
    stopping = [_safe(check.name) for check in missing if check.stops]
    further = [check for check in missing if not check.stops]
    sentences = [f"Nothing can be scanned until this is mended: {', '.join(stopping)}."] if stopping else []
    if further:
        sentences.append(_further(further, "further " if stopping else ""))
    return Text(" ".join(sentences), style="bold yellow")


def _further(missing: list[Check], further: str) -> str:
    """Return how many things are missing that stop no scan, and how many rules they cost."""
    rules = {rule for check in missing for rule in check.costs}
    single = len(missing) == 1
    costs = f"; without {'it' if single else 'them'} {counted(len(rules), 'rule')} cannot judge everything"
    return f"{len(missing)} {further}{'thing is' if single else 'things are'} missing{costs if rules else ''}."


def _safe(text: str) -> str:
    return visible(redact(text))
