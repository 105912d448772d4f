"""Text cut to the width of a terminal, counted in cells."""

from __future__ import annotations

from rich.text import Text

from common.text import visible

NAME, SENTENCE = 40, 200
"""Cells shown of a name and of a sentence."""


def cut(text: str, cells: int = NAME) -> str:
    """Return text for a terminal: everything visible, and long text cut with an ellipsis."""
    shown = Text(visible(text))
    shown.truncate(cells, overflow="ellipsis")
    return shown.plain
