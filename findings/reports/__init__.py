"""Pure renderers: a scan's result in, files for people and programs out; the same input gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.reports.csv_file import render_findings_csv
from findings.reports.html import render_html
from findings.reports.json_file import render_json
from findings.reports.markdown import render_markdown
from findings.reports.ocsf import render_ocsf
from findings.reports.registrars_csv import render_registrars_csv
from findings.reports.sarif import render_sarif

if TYPE_CHECKING:
    from collections.abc import Callable

    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot


def _alone(render: Callable[[FindingsDocument], bytes]) -> Callable[[FindingsDocument, Snapshot], bytes]:
    """Return a renderer that needs the document alone in the form of those that need the snapshot, too."""
    return lambda document, _snapshot: render(document)


FROM_DOCUMENT: dict[str, Callable[[FindingsDocument], bytes]] = {
    "findings.json": render_json,
    "findings.csv": render_findings_csv,
    "registrars.csv": render_registrars_csv,
    "findings.ocsf.jsonl": render_ocsf,
    "findings.sarif": render_sarif,
}
"""Files that are made from findings.json alone."""
FROM_SNAPSHOT: dict[str, Callable[[FindingsDocument, Snapshot], bytes]] = {
    "report.html": render_html,
    "report.md": render_markdown,
}
"""Files that show what the scan saw as well."""
ARTEFACTS: tuple[tuple[str, Callable[[FindingsDocument, Snapshot], bytes]], ...] = (
    *((name, _alone(render)) for name, render in FROM_DOCUMENT.items()),
    *FROM_SNAPSHOT.items(),
)
"""What a scan publishes: each file's name and what renders it."""
