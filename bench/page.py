"""What report.html costs: to make, to send, and for the browser that opens it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from bench.measure import median
from findings.reports.html import render_html
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from findings.document import FindingsDocument
    from inventory.models import Connector
    from inventory.snapshot import Section, Snapshot

_CHROMIUM = Path("/usr/bin/chromium")
_READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
_SEARCH = """() => {
  const began = performance.now();
  const field = document.querySelector('#controls [name=text]');
  field.value = 'older 00042';
  field.dispatchEvent(new Event('input', {bubbles: true}));
  return new Promise((done) => setTimeout(() => done(performance.now() - began), 60));
}"""


def crowded(snapshot: Snapshot) -> Snapshot:
    """Return what a scan saw, with every connector outdated, so that each fails twice."""
    contents = tuple(entry.model_copy(update={"members": _failing(entry.members)}) for entry in snapshot.contents)
    return snapshot.model_copy(update={"connectors": _failing(snapshot.connectors), "contents": contents})


def page_rows(document: FindingsDocument, snapshot: Snapshot) -> list[tuple[str, str, str]]:
    """Return the rows about the page of a scan; those about the browser only where there is chromium."""
    page = render_html(document, snapshot)
    making = median(lambda: render_html(document, snapshot))
    failing = sum(verdict.outcome is Outcome.FAIL for verdict in document.verdicts)
    rows = [(f"report.html with {failing:,} failures", f"{len(page) / 1e6:.2f} MB", f"{making * 1000:.0f} ms to make")]
    if _CHROMIUM.exists():
        ready, searched = _opened(page)
        rows.append(("the same in chromium, until it can be used", f"{ready:.0f} ms", f"a search: {searched:.0f} ms"))
    return rows


def _opened(page: bytes) -> tuple[float, float]:
    """Return the median milliseconds until the page can be used, and until a search has answered."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "report.html"
        path.write_bytes(page)
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        times = []
        for _ in range(5):
            tab = browser.new_page()
            tab.goto(path.as_uri())
            times.append((float(tab.evaluate(_READY)), float(tab.evaluate(_SEARCH))))
            tab.close()
        browser.close()
    ready, searched = (sorted(each)[2] for each in zip(*times, strict=True))
    return ready, searched


def _failing(section: Section[Connector]) -> Section[Connector]:
    old = {"version": "1.5.3437.0"}
    return section.model_copy(update={"records": tuple(record.model_copy(update=old) for record in section.records)})
