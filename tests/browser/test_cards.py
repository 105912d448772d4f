"""The cards in Microsoft's own renderer: nothing to complain of, nothing that tenant text could do, and pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import pytest

from findings.cards import RouteFilter, change_card, digest_card, service_card
from findings.document import TenantInfo
from findings.state.announcements import NotAssessed
from tests.browser.cards import drawn
from tests.findings.cards.making import HOSTILE, NOW, flood, moved_verdict, row, samples, service_told, told_of
from tests.findings.cards.reading import lines
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from findings.cards import Card

pytestmark = pytest.mark.browser

CARDS = samples()
PICTURES = ROOT / "docs" / "cards"
MARKUP = (
    "a, b, strong, em, i, ul, ol, li, h1, h2, h3, "
    "blockquote, code, pre, table:not(.ac-factset), img, script, s, del, input"
)


def hostile_cards() -> dict[str, Card | None]:
    """Return a card of each kind in which every name of the tenant tries to be more than a name."""
    told = [
        told_of(
            *(moved_verdict("new", f"{name}{number}", message=name) for number, name in enumerate(HOSTILE)),
            moved_verdict("resolved", HOSTILE[0]),
            tenant=TenantInfo(id=str(number), name=name),
            unseen=(NotAssessed(rule=name, subjects=1),),
            report=None,
        )
        for number, name in enumerate(HOSTILE)
    ]
    rows = [
        row(name, failing=(1, 0, 0, 0, 0), oldest_open="2026-01-01T00:00:00Z", oldest_subject=name, oldest_rule=name)
        for name in HOSTILE
    ]
    return {
        "one": change_card(told[1:2], RouteFilter()),
        "many": change_card(told[2:7], RouteFilter()),
        "flood": change_card([flood()], RouteFilter()),
        "digest": digest_card(rows, NOW, RouteFilter()),
        "service": service_card([service_told("SVC001", name, name) for name in HOSTILE], RouteFilter()),
    }


def shown(page: Page) -> list[str]:
    """Return the text of each paragraph that a reader sees."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.ac-richTextBlock')].map((one) => one.textContent)"
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_drawn(browser: Browser, tmp_path: Path, name: str, scheme: Literal["light", "dark"]) -> None:
    """The renderer has nothing to complain of, asks the network for nothing, and shows all that the card says.

    With CARD_PICTURES set the pictures in docs/cards are written anew.
    """
    with drawn(browser, CARDS[name], tmp_path, scheme=scheme) as (look, complaints):
        assert (complaints, look.complaints) == ([], [])
        assert [address for address in look.asked if not address.startswith("file:")] == []
        assert shown(look.page) == lines(CARDS[name])
        assert look.sideways() == 0
        if os.environ.get("CARD_PICTURES"):
            look.page.locator("#card").screenshot(path=PICTURES / f"{name}-{scheme}.png")


@pytest.mark.parametrize("name", hostile_cards())
def test_tenant_text_is_only_text(browser: Browser, tmp_path: Path, name: str) -> None:
    """Names that hold Markdown, HTML, mentions, addresses or line breaks are drawn as they stand, and do nothing."""
    card = hostile_cards()[name]
    assert card is not None

    with drawn(browser, card, tmp_path) as (look, complaints):
        assert (complaints, look.complaints, look.dialogs) == ([], [], [])
        assert shown(look.page) == lines(card)
        assert look.page.locator(f"#card :is({MARKUP})").count() == 0
        assert not look.page.evaluate("'wasOwned' in window")


def test_the_renderer_does_process_markdown(browser: Browser, tmp_path: Path) -> None:
    """The proof above is worth something: the same names in a TextBlock do become markup here."""
    blocks: list[Any] = [{"type": "TextBlock", "text": name, "wrap": True} for name in HOSTILE if name]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}

    with drawn(browser, card, tmp_path) as (look, _):
        found = {tag for tag in ("a", "strong", "em", "ul", "h1") if look.page.locator(f"#card {tag}").count()}

    assert found == {"a", "strong", "em", "ul", "h1"}


@pytest.mark.parametrize("version", ["Table", "Nonsense"])
def test_the_renderer_does_complain(browser: Browser, tmp_path: Path, version: str) -> None:
    """The proof above is worth something: an element that 1.4 does not know is complained of here."""
    card = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": version}]}

    with drawn(browser, card, tmp_path) as (_, complaints):
        assert complaints


def test_a_narrow_card_stays_in_its_frame(browser: Browser, tmp_path: Path) -> None:
    """On a telephone no card is wider than the screen."""
    for card in CARDS.values():
        with drawn(browser, card, tmp_path) as (look, _):
            look.page.set_viewport_size({"width": 400, "height": 900})
            assert look.sideways() == 0
