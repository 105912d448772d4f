"""What a scan publishes."""

from __future__ import annotations

from findings.reports import ARTEFACTS
from findings.reports.csv_file import render_findings_csv
from findings.reports.html import render_html
from findings.reports.json_file import render_json
from findings.reports.markdown import render_markdown
from findings.reports.ocsf import render_ocsf
from findings.reports.registrars_csv import render_registrars_csv
from findings.reports.sarif import render_sarif
from tests.findings.reports.sample import document
from tests.findings.reports.sample_snapshot import snapshot


def test_artefacts() -> None:
    """A scan publishes its document, its tables and the page, each by its renderer."""
    made = {name: render(document(), snapshot()) for name, render in ARTEFACTS}

    assert made == {
        "findings.json": render_json(document()),
        "findings.csv": render_findings_csv(document()),
        "registrars.csv": render_registrars_csv(document()),
        "findings.ocsf.jsonl": render_ocsf(document()),
        "findings.sarif": render_sarif(document()),
        "report.html": render_html(document(), snapshot()),
        "report.md": render_markdown(document(), snapshot()),
    }
