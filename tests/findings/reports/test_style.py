"""The page's colours can be read: WCAG 2.2 asks for a contrast of 4.5 to 1 (success criterion 1.4.3, 2023-10-05)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import findings.reports

STYLE = (Path(findings.reports.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
PALETTES = [
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
]
ON_PAGE = ("text", "muted", "link", "good", "unsure")
PAIRS = [
    *((ink, paper) for ink in ON_PAGE for paper in ("page", "panel")),
    ("high", "page"),
    *((ink, "unsure-panel") for ink in ("text", "muted", "unsure")),
    *(("on-badge", badge) for badge in ("critical", "high", "medium", "low", "info")),
]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as `#1b1f24`, from 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_palettes() -> None:
    """There is a palette for light, for dark and for print, each with the same colours."""
    assert len(PALETTES) == 3
    assert PALETTES[0].keys() == PALETTES[1].keys() == PALETTES[2].keys()


@pytest.mark.parametrize("palette", PALETTES, ids=["light", "dark", "print"])
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_contrast(palette: dict[str, str], ink: str, paper: str) -> None:
    """Every ink can be read on every paper it stands on."""
    light, dark = sorted((luminance(palette[ink]), luminance(palette[paper])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_every_colour_is_of_the_palette() -> None:
    """No rule outside the palettes names a colour of its own."""
    rules = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", rules) == []
