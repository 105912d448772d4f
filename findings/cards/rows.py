"""The rows of cards for findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from findings.cards.pieces import bold, columns, line, quiet, run, severity_run
from findings.cards.safe_text import NAME, STEP, plural
from findings.history.change_words import WENT_BACK, change_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from findings.cards.items import Item, Unseen
    from findings.cards.pieces import Piece
    from findings.document import Change, ChangeEntry

_CHANGES: tuple[Change, ...] = ("new", "reopened", "changed", "resolved")
LABEL = "80px"
"""How wide the column of severities is: its longest word is `CRITICAL`."""
_INVENTORY = {
    WENT_BACK: "went back to an older version",
    "moved": "moved between groups",
}
_NOUNS = {"principal": ("person", "people")}


def item_row(item: Item) -> Piece:
    """Return a finding that moved: its severity, its subject, one line of evidence and the first step of its remedy."""
    elements = [line(bold(item.subject, NAME), quiet(f"  {item.rule} · {item.kind.value}"))]
    why = [run(item.message)] if item.message else []
    if item.note:
        why.append(quiet(f" ({item.note})"))
    if item.by_policy:
        why.append(quiet(" · the policy changed, not the tenant"))
    if why:
        elements.append(line(*why, spacing="None"))
    if item.step:
        elements.append(line(quiet("First step: "), run(item.step, STEP), spacing="None"))
    return columns((LABEL, [line(severity_run(item.severity))]), ("stretch", elements), spacing="Small")


def good_row(item: Item) -> Piece:
    """Return a finding that is no worry any more, on one line."""
    note = f", {item.note}" if item.note else ""
    policy = " because the policy changed" if item.by_policy else ""
    element = line(bold(item.subject, NAME), quiet(f"  {item.rule} · {item.kind.value}{policy}{note}"))
    return columns((LABEL, [line(severity_run(item.severity))]), ("stretch", [element]), spacing="Small")


def unseen_row(unseen: Unseen) -> Piece:
    """Return the row of a rule that can no longer be assessed, and why."""
    about = f" {unseen.title}" if unseen.title else ""
    why = [quiet(f" {unseen.why}")] if unseen.why else []
    return line(
        bold(unseen.rule), run(f"{about} ({plural(unseen.subjects, 'subject')} not assessed)."), *why, spacing="Small"
    )


def counts(items: Sequence[Item], unseen: Sequence[Unseen], wanted: Sequence[Item], below: int) -> str:
    """Return what moved in the numbers of the report, such as `2 new, 1 resolved`, and what of it a route shows.

    Args:
        items: All findings that moved.
        unseen: The rules that can no longer be assessed.
        wanted: The findings that the route's filter lets through.
        below: How many of the others are of rules that the route wants, and below its severity.
    """
    moved = Counter(item.change for item in items)
    counts = [f"{moved[change]:,} {change}" for change in _CHANGES if moved[change]]
    if rest := len(items) - len(wanted):
        parts = [f"{len(wanted):,} for this route"]
        parts += [f"{below:,} below its severity"] if below else []
        parts += [f"{rest - below:,} of other rules"] if rest > below else []
        counts[-1] = f"{counts[-1]} ({', '.join(parts)})"
    if unseen:
        counts.append(f"{plural(len(unseen), 'rule')} could not look any more")
    return ", ".join(counts)


def _how(change: ChangeEntry) -> str:
    word = change_word(change)
    return _INVENTORY.get(word, word)


def inventory_line(changes: Iterable[ChangeEntry]) -> list[Piece]:
    """Return what moved in the inventory, counted; nothing where nothing did."""
    moved = Counter((change.subject.type, _how(change)) for change in changes)
    lines = [f"{plural(count, *_NOUNS.get(kind, (kind,)))} {how}" for (kind, how), count in sorted(moved.items())]
    return [line(quiet(f"Inventory: {', '.join(lines)}"), spacing="Small")] if lines else []
