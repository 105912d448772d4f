"""The page fits a phone and a sheet of paper, follows the reader's light or dark, and everybody can use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.looking import DESK, PHONE, opened
from tests.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ALL = ("demo", "crowd", "hostile", "full", "blind", "green")
Scheme = Literal["light", "dark"]
OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true"


@pytest.mark.parametrize("name", ALL)
def test_never_sideways(name: str, browser: Browser, pages: dict[str, str]) -> None:
    """Nobody scrolls sideways, folded or opened, on a phone (320 px is WCAG 2.2's 1.4.10) or at a desk."""
    wider = {}
    with opened(browser, pages[name]) as look:
        for state in ("folded", "opened"):
            for width in (320, PHONE, DESK):
                look.page.set_viewport_size({"width": width, "height": 900})
                wider[state, width] = look.sideways()
            look.page.evaluate(OPEN_ALL)

    assert {where: by for where, by in wider.items() if by > 0} == {}


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 27)")])
def test_light_and_dark(scheme: Scheme, paper: str, browser: Browser, pages: dict[str, str]) -> None:
    """The page takes the reader's choice of light or dark."""
    with opened(browser, pages["demo"], scheme=scheme) as look:
        assert look.page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print(scheme: Scheme, browser: Browser, pages: dict[str, str]) -> None:
    """On paper the page is light, everything is open, and nothing stands there that only a screen can use."""
    with opened(browser, pages["full"], scheme=scheme) as look:
        look.page.emulate_media(media="print")
        folded = look.page.locator(".item dl, .remedy ol, .figures tbody, .flow")
        heights = folded.evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
        assert len(heights) > 40
        assert min(heights) > 0
        assert look.page.locator("#controls:visible, nav:visible, .skip:visible").count() == 0
        assert look.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert look.page.locator("tr").first.evaluate("one => getComputedStyle(one).breakInside") == "avoid"


def test_pages_of_paper(browser: Browser, pages: dict[str, str]) -> None:
    """Printing gives sheets of A4, not one too many for a small tenant."""
    with opened(browser, pages["demo"]) as look:
        paper = look.page.pdf(prefer_css_page_size=True)

    sheets = re.findall(rb"/MediaBox\s*\[([^\]]*)\]", paper)
    assert {tuple(round(float(side)) for side in sheet.split()) for sheet in sheets} == {(0, 0, 595, 842)}
    assert 8 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 35


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("demo", DESK, "light"),
        ("demo", DESK, "dark"),
        ("full", DESK, "light"),
        ("full", DESK, "dark"),
        ("full", PHONE, "dark"),
        ("blind", DESK, "dark"),
        ("green", PHONE, "light"),
    ],
)
def test_accessible(name: str, width: int, scheme: Scheme, browser: Browser, pages: dict[str, str]) -> None:
    """Axe finds nothing against WCAG 2.2 AA or its best practices, with every detail open."""
    with opened(browser, pages[name], width=width, scheme=scheme) as look:
        look.page.evaluate(OPEN_ALL)
        look.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = look.page.evaluate("axe.run().then((told) => told.violations)")

    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
