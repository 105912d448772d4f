"""The table of formats: what each renders, and what it takes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from common.errors import RenderError
from findings.reports.csv_file import render_findings_csv
from findings.reports.formats import BY_FILE, FORMATS, ReportFormat
from findings.reports.html import render_html
from findings.reports.inventory_csv import render_applications_csv, render_connectors_csv, render_groups_csv
from findings.reports.json_file import render_json
from findings.reports.markdown import render_markdown
from findings.reports.ocsf import render_ocsf
from findings.reports.registrars_csv import render_registrars_csv
from findings.reports.sarif import render_sarif
from tests.findings.reports.sample import document
from tests.findings.reports.sample_snapshot import snapshot


def test_every_format_has_its_renderer() -> None:
    """A scan publishes its document, its tables and the pages, each by its renderer."""
    made = {report.file: report.render(document(), snapshot()) for report in FORMATS.values()}

    assert made == {
        "findings.json": render_json(document()),
        "findings.csv": render_findings_csv(document()),
        "registrars.csv": render_registrars_csv(document()),
        "connectors.csv": render_connectors_csv(document()),
        "groups.csv": render_groups_csv(document()),
        "applications.csv": render_applications_csv(document()),
        "findings.ocsf.jsonl": render_ocsf(document()),
        "findings.sarif": render_sarif(document()),
        "report.html": render_html(document(), snapshot()),
        "report.md": render_markdown(document(), snapshot()),
    }


def test_names_and_files_are_unique() -> None:
    """No two formats share a name or a file, so that neither lookup hides one."""
    assert len({report.name for report in FORMATS.values()}) == len(FORMATS)
    assert sorted(BY_FILE) == sorted(report.file for report in FORMATS.values())


@pytest.mark.parametrize("report", FORMATS.values(), ids=FORMATS)
def test_without_a_snapshot(report: ReportFormat) -> None:
    """Formats that show the inventory refuse to be rendered without it; the others need the document alone."""
    if report.needs_snapshot:
        with pytest.raises(ValueError, match="cannot be rendered without a snapshot"):
            report.render(document())
    else:
        assert report.render(document()) == report.render(document(), snapshot())


def test_the_table_loads_no_renderer() -> None:
    """Names, files and media types are known without loading a template engine or the models."""
    code = (
        "import sys, findings.reports.formats\n"
        "print([name for name in ('jinja2', 'markupsafe', 'pydantic') if name in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 - this Python and our own code

    assert shown.stdout == "[]\n"


@pytest.mark.parametrize(("renderer", "kind"), [("builtins:len", "TypeError"), ("jinja2:Template", "TypeError")])
def test_a_renderer_that_breaks(renderer: str, kind: str) -> None:
    """A defect of a renderer is named by its kind and its place, and no tenant text is in the message."""
    broken = ReportFormat("x", "x.txt", "text/plain", renderer)
    with pytest.raises(
        RenderError, match=rf"^x\.txt cannot be rendered \({kind} at findings/reports/formats\.py:\d+\)$"
    ):
        broken.render(document())
