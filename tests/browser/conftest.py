"""One browser for all tests of this folder, and the pages they open, which are made before it starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import making
from tests.e2e.running import tenant_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
"""Debian's own; Playwright never downloads one here."""


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make the pages, and return the address of each by its name."""
    made = {
        "demo": making.scanned_page(tenant_file("contoso"), tmp_path_factory.mktemp("demo")),
        "crowd": making.scanned_page(making.crowded_tenant(), tmp_path_factory.mktemp("crowd")),
        "hostile": making.hostile_page(tmp_path_factory.mktemp("hostile")),
        "full": making.full_page(),
        "blind": making.blind_page(),
        "green": making.green_page(tmp_path_factory.mktemp("green")),
    }
    folder = tmp_path_factory.mktemp("pages")
    for name, page in made.items():
        (folder / f"{name}.html").write_bytes(page)
    return {name: (folder / f"{name}.html").as_uri() for name in made}


# The pages come first: a running browser and our own event loops cannot share a thread.
@pytest.fixture(scope="session")
def browser(pages: dict[str, str]) -> Iterator[Browser]:
    """Start chromium; without one the tests are skipped, and fail where CI is set."""
    assert pages
    if not CHROMIUM.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{CHROMIUM} is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()
