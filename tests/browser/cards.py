"""A tab with Microsoft's own renderer of Adaptive Cards, with Markdown processed as clients do, and no network."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.browser.looking import opened
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from findings.cards import Card
    from tests.browser.looking import Look

MODULES = ROOT / "node_modules"
RENDERER = MODULES / "adaptivecards/dist/adaptivecards.min.js"
MARKDOWN = MODULES / "markdown-it/dist/browser/markdown-it.umd.min.js"

WIDTH = 760
"""How wide a channel's card is at full width, in pixels."""

_PAGE = """<!doctype html><meta charset="utf-8"><title>A card</title><style>
body { margin: 16px; font: 14px/20px "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; background: #f5f5f5 }
#card { background: #fff; border: 1px solid #ddd; border-radius: 6px; max-width: 720px }
@media (prefers-color-scheme: dark) { body { background: #1f1f1f } #card { background: #292929; border-color: #444 } }
</style><div id="card"></div>"""

_DRAW = """([card, dark, linkify]) => {
  const complaints = [];
  const tone = (light, night, quiet) => ({default: dark ? night : light, subtle: quiet});
  const foreground = {
    default: tone('#242424', '#ffffff', dark ? '#adadad' : '#616161'), accent: tone('#444791', '#9299f7', '#616161'),
    attention: tone('#c4314b', '#f9526b', '#c4314b'),
    warning: tone('#835b00', '#f8d22a', '#835b00'),
    good: tone('#237b4b', '#92c353', '#237b4b')};
  const style = {backgroundColor: '#00000000', foregroundColors: foreground};
  const host = {supportsInteractivity: true, fontFamily: '"Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif',
    fontSizes: {small: 12, default: 14, medium: 16, large: 18, extraLarge: 24},
    fontWeights: {lighter: 300, default: 400, bolder: 600}, containerStyles: {default: style, emphasis: style},
    spacing: {small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16},
    separator: {lineThickness: 1, lineColor: dark ? '#444444' : '#e0e0e0'}};
  const markdown = globalThis.markdownit({html: false, linkify});
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdown.render(text);
    result.didProcess = true;
  };
  const adaptive = new AdaptiveCards.AdaptiveCard();
  adaptive.hostConfig = new AdaptiveCards.HostConfig(host);
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_4);
  adaptive.parse(card, context);
  for (let index = 0; index < context.eventCount; index++) complaints.push(context.getEventAt(index).message);
  for (const failure of adaptive.validateProperties().validationEvents) complaints.push(failure.message);
  document.getElementById('card').replaceChildren(adaptive.render());
  return complaints;
}"""


@contextmanager
def drawn(
    browser: Browser,
    card: Card | dict[str, Any],
    folder: Path,
    *,
    scheme: Literal["light", "dark"] = "light",
    linkify: bool = True,
) -> Iterator[tuple[Look, list[str]]]:
    """Show a card in a tab of its own, and yield the tab and what the renderer complained of.

    Args:
        browser: The browser.
        card: A card in its envelope, or the content of one.
        folder: Where the page that it is shown in may be written.
        scheme: Light or dark.
        linkify: Whether the Markdown processor makes links of bare addresses, as some clients do.
    """
    if not RENDERER.exists():
        pytest.fail(f"{RENDERER} is missing: run `make node`")
    page = folder / "card.html"
    page.write_text(_PAGE, encoding="utf-8")
    with opened(browser, page.as_uri(), width=WIDTH, scheme=scheme) as look:
        look.page.add_script_tag(path=MARKDOWN)
        look.page.add_script_tag(path=RENDERER)
        complaints = look.page.evaluate(_DRAW, [content_of(card), scheme == "dark", linkify])
        yield look, complaints


def content_of(card: Card | dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the Adaptive Card in an envelope."""
    if isinstance(card, dict):
        return card
    attachments: Any = card.envelope["attachments"]
    return attachments[0]["content"]
