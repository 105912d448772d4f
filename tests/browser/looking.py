"""A tab that watches what the page does: what it asks the network for, and what it complains of."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Dialog, Page, Route

PHONE, DESK = 375, 1280


@dataclass
class Look:
    """An open page with what it did so far: addresses it asked for, complaints on its console, dialogs it opened."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def sideways(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return found

    def shown(self) -> list[str]:
        """Return what the visible findings are about, in their order on the page."""
        found: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('.item')].filter((one) => one.checkVisibility())"
            ".map((one) => one.querySelector('.about').textContent.trim())"
        )
        return found

    def settle(self) -> None:
        """Wait until the script has answered to what was typed."""
        self.page.wait_for_timeout(150)


@contextmanager
def opened(
    browser: Browser,
    address: str,
    *,
    width: int = DESK,
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
    guarded: bool = True,
) -> Iterator[Look]:
    """Open a page in a tab of its own, and close it in the end.

    Args:
        browser: The browser.
        address: Where the page is.
        width: The window's width in pixels.
        scheme: Whether the reader prefers light or dark.
        script: Whether the browser runs scripts.
        guarded: Whether the page's own content security policy holds; without it, planted markup could run.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=script,
        bypass_csp=not guarded,
    )
    page = context.new_page()
    look = Look(page)

    def note(route: Route) -> None:
        look.asked.append(route.request.url)
        route.continue_()

    def answer(dialog: Dialog) -> None:
        look.dialogs.append(dialog.message)
        dialog.dismiss()

    page.route("**/*", note)
    page.on("console", lambda message: look.complaints.append(message.text))
    page.on("pageerror", lambda error: look.complaints.append(str(error)))
    page.on("dialog", answer)
    page.add_init_script("window.owned = () => { window.wasOwned = true; }")
    page.goto(address)
    yield look
    context.close()
