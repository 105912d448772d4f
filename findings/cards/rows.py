"""The rows of cards for findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from findings.cards.items import BAD, GOOD, Kind
from findings.cards.pieces import bold, columns, line, quiet, run, severity_run
from findings.cards.safe_text import NAME, STEP, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from findings.cards.items import Item, Unseen
    from findings.cards.pieces import Piece
    from findings.document import ChangeEntry

LABEL = "80px"
"""How wide the column of severities is: its longest word is `CRITICAL`."""
_INVENTORY = {
    "new": "new",
    "gone": "gone",
    "back": "back",
    "updated": "updated",
    "moved": "moved between groups",
    "renamed": "renamed",
}


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


def counts(items: Sequence[Item], unseen: Sequence[Unseen]) -> str:
    """Return what moved in numbers, such as `2 new, 1 resolved`; nothing where nothing did."""
    by_kind = Counter(item.kind for item in items)
    counts = [f"{by_kind[kind]:,} {kind.value.lower()}" for kind in (*BAD, Kind.CHANGED, *GOOD) if by_kind[kind]]
    if unseen:
        counts.append(f"{plural(len(unseen), 'rule')} could not look any more")
    return ", ".join(counts)


def inventory_line(changes: Iterable[ChangeEntry]) -> list[Piece]:
    """Return what moved in the inventory, counted; nothing where nothing did."""
    moved = Counter((change.subject.type, _INVENTORY.get(change.kind, change.kind)) for change in changes)
    lines = [f"{plural(count, kind)} {how}" for (kind, how), count in sorted(moved.items())]
    return [line(quiet(f"Inventory: {', '.join(lines)}"), spacing="Small")] if lines else []
