"""Take the README's two pictures anew: the summary on a terminal and the report, both of the demo tenant.

    python -m tools.pictures

Needs chromium. Pictures differ by a few pixels from machine to machine, so no test compares them; look at them instead.
"""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from rich.console import Console

from connectorwatch.commands.scan import DEMO_TIME
from connectorwatch.demo import demo_environment
from connectorwatch.platform.logs import set_up_logs
from connectorwatch.scanning.scan import expect_many_objects, run
from connectorwatch.terminal.scan import summary_table
from connectorwatch.wiring import Choices, scanning
from findings.reports.html import render_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from connectorwatch.scanning.scan import Result

DOCS = Path(__file__).parent.parent / "docs"
CHROMIUM = "/usr/bin/chromium"
COLUMNS, TERMINAL, PAGE = 80, (760, 928), (1160, 1500)
"""Columns of the terminal, and how much of either is shown, in pixels."""


def main() -> None:
    """Scan, draw, take both pictures."""
    with TemporaryDirectory() as folder:
        result = _scanned(folder)
        terminal, page = Path(folder) / "terminal.html", Path(folder) / "report.html"
        terminal.write_text(_terminal(result), encoding="utf-8")
        page.write_bytes(render_html(result.document, result.snapshot))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            _take(browser, terminal, TERMINAL)
            _take(browser, page, PAGE)
            browser.close()


def _scanned(folder: str) -> Result:
    async def scan() -> Result:
        with demo_environment({}) as environment:
            async with scanning(Choices(out=folder, at=DEMO_TIME), environment) as wired:
                return await run(wired)

    set_up_logs("error")
    expect_many_objects()
    return asyncio.run(scan())


def _terminal(result: Result) -> str:
    """Return the summary in a window, as rich draws one."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    summary_table(result.document, result.snapshot, console, None)
    drawn = console.export_svg(title="connectorwatch scan --demo")
    return f"<!doctype html><style>body{{margin:0}}svg{{width:{TERMINAL[0]}px}}</style>{drawn}"


def _take(browser: Browser, page: Path, size: tuple[int, int]) -> None:
    width, height = size
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.goto(page.as_uri())
    target = DOCS / f"{page.stem}.png"
    target.write_bytes(tab.screenshot())
    sys.stdout.write(f"took {target}\n")


if __name__ == "__main__":
    main()
