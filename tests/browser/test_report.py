"""The report opens anywhere, asks nobody for anything, and can be searched, filtered and sorted by hand and by key."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import pytest

from connectorwatch.web.policy_header import page_policy
from tests.browser.looking import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
ALL = ("demo", "crowd", "hostile", "full", "blind", "green")
FINDINGS = """[...document.querySelectorAll('.item')].reduce(
    (sum, item) => sum + 1 + (item.dataset.with || '').split(' ').filter(Boolean).length, 0)"""
"""How many findings a page lists: an entry stands for those that the same update ends, too."""


@pytest.mark.parametrize("name", ALL)
def test_opens_quietly(name: str, browser: Browser, pages: dict[str, str]) -> None:
    """A page opens without a complaint on the console, and asks for nothing but itself."""
    with opened(browser, pages[name]) as look:
        assert (look.complaints, look.asked) == ([], [pages[name]])


def test_small_and_quick(browser: Browser, pages: dict[str, str]) -> None:
    """500 connectors and more than 1,000 failing verdicts stay under 2 MB, and can be used within a second."""
    size = Path(unquote(urlparse(pages["crowd"]).path)).stat().st_size
    times = []
    for _ in range(3):
        with opened(browser, pages["crowd"]) as look:
            assert look.page.evaluate(FINDINGS) >= 1000
            times.append(look.page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))

    assert size < 2_000_000
    assert min(times) < 1000


def test_search(browser: Browser, pages: dict[str, str]) -> None:
    """Searching keeps the findings that hold all the words, counts them, and resetting brings all back."""
    with opened(browser, pages["demo"]) as look:
        everything = look.shown()
        look.page.get_by_label("Search", exact=True).fill("frankfurt ACTIVE")
        look.settle()
        assert look.shown() == ["group Frankfurt"]
        assert look.page.locator("#shown").inner_text() == f"1 of {look.page.evaluate(FINDINGS)} findings shown"

        look.page.get_by_role("button", name="Reset").click()
        look.settle()
        assert look.shown() == everything


def test_search_finds_folded_findings(browser: Browser, pages: dict[str, str]) -> None:
    """A search also finds what a long rule keeps folded."""
    with opened(browser, pages["full"]) as look:
        assert "Person 29" not in look.shown()
        look.page.get_by_label("Search", exact=True).fill("person 29")
        look.settle()
        assert look.shown() == ["Person 29"]


def test_filters(browser: Browser, pages: dict[str, str]) -> None:
    """Severity, rule and state each narrow the list, and together they narrow it further."""
    with opened(browser, pages["full"]) as look:
        look.page.locator("[name=state]").select_option("waived")
        look.settle()
        assert look.shown() == ["group Default", "connector old"]
        look.page.locator("[name=rule]").select_option("CON001")
        look.settle()
        assert look.shown() == ["connector old"]
        look.page.locator("[name=severity]").select_option("critical")
        look.settle()
        assert look.shown() == []
        assert look.page.locator("#shown").inner_text().startswith("0 of ")


def test_figure_at_the_top_filters(browser: Browser, pages: dict[str, str]) -> None:
    """A figure at the top leads to the findings of its severity alone."""
    with opened(browser, pages["demo"]) as look:
        look.page.locator(".tiles a", has_text="critical").click()
        look.settle()
        assert look.shown() == ["group Singapore"]
        assert look.page.locator("#critical").evaluate("one => one.getBoundingClientRect().top < innerHeight")


@pytest.mark.parametrize(
    ("order", "first"),
    [("name", "Ada Martin"), ("rule", "connector SIN-PNC01"), ("severity", "group Singapore")],
)
def test_sort(order: str, first: str, browser: Browser, pages: dict[str, str]) -> None:
    """Sorting puts blocks and findings into the order that was asked for, and loses none."""
    with opened(browser, pages["demo"]) as look:
        before = look.shown()
        look.page.locator("[name=sort]").select_option(order)
        look.settle()
        assert look.shown()[0] == first
        assert sorted(look.shown()) == sorted(before)


def test_sort_by_age(browser: Browser, pages: dict[str, str]) -> None:
    """Newest first begins with what this scan found, oldest first with what was there before."""
    with opened(browser, pages["full"]) as look:
        for order in ("newest", "oldest"):
            look.page.locator("[name=sort]").select_option(order)
            look.settle()
            since = (
                look.page.locator(".block .items")
                .first.locator(".item")
                .evaluate_all("all => all.map((one) => one.dataset.since)")
            )
            assert since == sorted(since, reverse=order == "newest")


def test_keyboard(browser: Browser, pages: dict[str, str]) -> None:
    """The first Tab offers to skip to the answer; details, search and filters work by keys alone."""
    with opened(browser, pages["demo"]) as look:
        keys = look.page.keyboard
        keys.press("Tab")
        assert look.page.evaluate("document.activeElement.textContent") == "Skip to the answer"
        assert look.page.locator(".skip").evaluate("one => one.getBoundingClientRect().top") >= 0
        keys.press("Enter")
        assert look.page.evaluate("document.activeElement.id") == "verdict"

        look.page.get_by_label("Search", exact=True).focus()
        assert look.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        keys.type("frankfurt")
        look.settle()
        for _ in range(7):  # three filters, the order, two buttons, and then the first finding's remedy
            keys.press("Tab")
        assert look.page.evaluate("document.activeElement.closest('.remedy') !== null")
        keys.press("Enter")
        assert look.page.evaluate("document.activeElement.parentElement.open")
        keys.press("Space")
        assert not look.page.evaluate("document.activeElement.parentElement.open")


def test_open_all(browser: Browser, pages: dict[str, str]) -> None:
    """One button opens every finding and closes it again, and says which it is."""
    with opened(browser, pages["demo"]) as look:
        button = look.page.locator("#unfold")
        button.click()
        assert look.page.locator(".block details:not([open])").count() == 0
        assert (button.inner_text(), button.get_attribute("aria-pressed")) == ("Close all", "true")
        button.click()
        assert look.page.locator(".block details[open]").count() == 0


def test_tables_can_be_searched(browser: Browser, pages: dict[str, str]) -> None:
    """A long table has a search of its own, and a short one has none."""
    with opened(browser, pages["demo"]) as look:
        look.page.locator("[data-table=connectors-table]").fill("paris")
        look.settle()
        rows = look.page.locator("#connectors-table tbody tr")
        assert [rows.nth(n).is_visible() for n in range(rows.count())].count(True) == 2
    with opened(browser, pages["full"]) as look:
        assert look.page.locator("[data-table=groups-table]").is_visible()
    with opened(browser, pages["green"]) as look:
        assert not look.page.locator("[data-table=groups-table]").is_visible()


@pytest.mark.parametrize("name", ["demo", "full"])
def test_whole_without_script(name: str, browser: Browser, pages: dict[str, str]) -> None:
    """Without scripts every finding is there and can be opened, and no control stands that would do nothing."""
    with opened(browser, pages[name], script=False) as look:
        assert not look.page.locator("#controls").is_visible()
        assert look.page.locator("[role=status]:visible").count() == 0
        finding = look.page.locator(".item").first
        finding.locator("summary").click()
        assert finding.locator("dl").is_visible()


def test_served_in_a_sandbox(browser: Browser, pages: dict[str, str]) -> None:
    """Served with the policy header, the page still works, from an origin of its own."""
    page = Path(unquote(urlparse(pages["demo"]).path)).read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", page_policy(page))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with opened(browser, f"http://127.0.0.1:{server.server_port}/report.html") as look:
            look.page.get_by_label("Search", exact=True).fill("frankfurt active")
            look.settle()
            assert look.shown() == ["group Frankfurt"]
            assert look.page.evaluate("origin") == "null"
            assert look.complaints == []
        server.shutdown()
