"""Markup planted in everything that a tenant can write never runs and never breaks the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import opened
from tests.browser.making import MARKUP

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
OUTLINE = """
  [...document.querySelectorAll('body > *, main > *')]
    .map((one) => `${one.tagName} ${one.className.replace(/tone-[a-z]+/, "")}`)
"""
GAP = "SECTION box unread"
"""The box that names unread lists, which stands only where there are some."""


@pytest.mark.parametrize("guarded", [True, False])
def test_nothing_planted_runs(guarded: bool, browser: Browser, pages: dict[str, str]) -> None:  # noqa: FBT001 - pytest passes it by name
    """Nothing planted runs, be it with every detail open and without the page's own policy to stop it."""
    with opened(browser, pages["hostile"], guarded=guarded) as look:
        look.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        look.page.get_by_label("Search", exact=True).fill("owned")
        look.settle()
        look.page.wait_for_timeout(200)
        assert look.page.evaluate("window.wasOwned") is None
        assert (look.dialogs, look.complaints, look.asked) == ([], [], [pages["hostile"]])


def test_planted_markup_is_text(browser: Browser, pages: dict[str, str]) -> None:
    """What was planted stands there as text, in the inventory, among findings, people, reasons and waivers."""
    with opened(browser, pages["hostile"]) as look:
        for place in (
            "h1",
            "#map",
            ".place-name",
            ".apps",
            "#controls ~ #blocks",
            "#registrars",
            "#connectors",
            "#audit",
        ):
            holder = look.page.locator(place).first
            section = holder.evaluate("one => (one.closest('section') || one).textContent")
            assert any(text.partition("\u202e")[0] in section for text in MARKUP if not text.startswith("\u202e")), (
                place
            )
        waivers = look.page.locator("dd", has_text=f"by {MARKUP[2]}")
        assert waivers.count() > 0
        assert look.page.locator(".box.unread", has_text=MARKUP[0]).count() > 0
        assert look.page.locator("header", has_text=".yaml").count() == 1


def test_no_element_was_brought(browser: Browser, pages: dict[str, str]) -> None:
    """The page has no element and no attribute that could load, run or lead elsewhere than our own do."""
    with opened(browser, pages["hostile"]) as look:
        assert look.page.locator("img, iframe, object, embed, base, svg[onload], [onerror], [onfocus]").count() == 0
        assert look.page.locator("script").count() == 1
        away = look.page.locator("a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
        assert [link for link in away if not link.startswith(("#", "https://learn.microsoft.com/"))] == []


def test_layout_holds(browser: Browser, pages: dict[str, str]) -> None:
    """The page's parts stand where they stand on any page: all sections inside main, none inside another's table."""
    with opened(browser, pages["hostile"]) as look, opened(browser, pages["demo"]) as plain:
        ours, theirs = (each.page.evaluate(OUTLINE) for each in (look, plain))
        assert [part for part in ours if part != GAP] == [part for part in theirs if part != GAP]
