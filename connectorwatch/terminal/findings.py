"""Findings and changes on the terminal: what is new or changed first, then what fails as before and what is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rich.table import Table
from rich.text import Text

from common.cells import SENTENCE, cut
from common.text import counted, visible
from findings.history.change_words import change_word
from findings.reports import inventory, registrars, view
from findings.reports.lifecycle_text import moved_text, named
from findings.state.one_update import as_one
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from findings.document import ChangeEntry, FindingsDocument, VerdictEntry
    from inventory.snapshot import Snapshot
    from policies.vocabulary import Subject

_T = TypeVar("_T")

STYLES: dict[str, str] = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
"""The style of each severity."""
UNSURE = "yellow"
"""The style of what is not known."""
_FAILING, _MOVED, _AS_BEFORE, _RESOLVED, _MOVES = 20, 12, 10, 5, 6


def findings_blocks(document: FindingsDocument, snapshot: Snapshot, where: str) -> Iterator[RenderableType]:
    """Yield what fails and what moved, each block to be printed after an empty line.

    Args:
        document: The scan's result.
        snapshot: What the scan saw, for names.
        where: Says where those are that do not fit.
    """
    failing = [verdict for _, verdicts in view.failing(document) for verdict in verdicts]
    waived = [verdict for verdict in view.waived(document) if _change(verdict)]
    moved = [] if document.scan.first else [*(verdict for verdict in failing if _change(verdict)), *waived]
    as_before = [verdict for verdict in failing if not _change(verdict)]
    if moved:
        yield _under(f"New or changed: {len(moved)}", _findings(moved, _MOVED, where))
        if as_before:
            yield _under(f"Failing as before: {len(as_before)}", _findings(as_before, _AS_BEFORE, where))
    elif failing:
        yield _findings(failing, _FAILING, where)
    yield from _resolved(document, where)
    if document.changes:
        names = {**inventory.names(snapshot), **registrars.names(document)}
        yield _titled(
            f"In the inventory: {len(document.changes)}",
            document.changes,
            _MOVES,
            where,
            lambda change: _move(change, names),
        )


def subject_text(subject: Subject) -> Text:
    """Return what a verdict is about."""
    name = (cut(subject.name) or visible(subject.id), "bold")
    if subject.is_registration:
        return Text.assemble("connector ", name)
    if subject.type == "tenant":
        return Text.assemble("the policy's ", name) if subject.is_setting else Text("the tenant")
    return Text.assemble("" if subject.type == "principal" else f"{subject.type} ", name)


def _change(verdict: VerdictEntry) -> str | None:
    return verdict.lifecycle.change if verdict.lifecycle else None


def _findings(verdicts: Sequence[VerdictEntry], most: int, where: str) -> Table:
    """Return the first verdicts as lines of severity, rule and words, and how many more there are."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    shown = as_one(verdicts)
    for verdict in shown[:most]:
        words = Text.assemble(subject_text(verdict.subject), ": ", cut(verdict.message, SENTENCE))
        how = _how(verdict) if _change(verdict) not in (None, "new") else ""
        if verdict.outcome is Outcome.WAIVED and "waived" not in how:
            how = f"{how}, waived" if how else "waived"
        if how:
            words.append(f" ({how})", "dim")
        grid.add_row(Text(verdict.severity, style=STYLES[verdict.severity]), Text(visible(verdict.rule)), words)
    if len(shown) > most:
        grid.add_row("", "", Text(f"and {len(shown) - most} more, {where}"))
    return grid


def _how(verdict: VerdictEntry) -> str:
    """Return how a finding moved, such as `changed: severity: medium -> high, by the policy`."""
    lifecycle = verdict.lifecycle
    moved = cut(moved_text(lifecycle), SENTENCE) if lifecycle else ""
    by_policy = ", by the policy" if lifecycle and lifecycle.cause == "policy" else ""
    return f"{_change(verdict)}{f': {moved}' if moved else ''}{by_policy}"


def _resolved(document: FindingsDocument, where: str) -> Iterator[RenderableType]:
    """Yield the findings that are over since the last scan."""
    number = sum(entry.change == "resolved" for entry in view.moved(document))
    over = [entry for entry in view.moved_as_one(document) if entry.change == "resolved"]
    if over:
        yield _titled(
            f"Resolved: {number}",
            over,
            _RESOLVED,
            where,
            lambda entry: Text.assemble(f"{visible(entry.rule)}  ", subject_text(entry.subject), f": {entry.because}"),
        )


def _move(change: ChangeEntry, names: Mapping[str, str]) -> Text:
    """Return one move in the inventory, such as `connector hq-01: updated from 1.5.4287.0 to 1.5.4522.0`."""
    before, after = (cut(named(value, names)) if value else "" for value in (change.before, change.after))
    way = f"{f' from {before}' if before else ''}{f' to {after}' if after else ''}"
    return Text.assemble(subject_text(change.subject), f": {change_word(change)}{way}")


def _titled(title: str, items: Sequence[_T], most: int, where: str, line: Callable[[_T], Text]) -> Table:
    """Return a title, the first items, a line each, and how many more there are."""
    grid = Table.grid()
    for item in items[:most]:
        grid.add_row(line(item))
    if len(items) > most:
        grid.add_row(Text(f"and {counted(len(items) - most, 'other')}, {where}"))
    return _under(title, grid)


def _under(title: str, grid: Table) -> Table:
    whole = Table.grid()
    whole.add_row(Text(title, "bold"))
    whole.add_row(grid)
    return whole
