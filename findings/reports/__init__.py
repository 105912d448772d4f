"""Pure renderers: a scan's result in, files for people and programs out; the same input gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.reports.csvfile import render_findings_csv
from findings.reports.html import render_html
from findings.reports.jsonfile import render_json
from findings.reports.registrarscsv import render_registrars_csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot


def _json(document: FindingsDocument, _snapshot: Snapshot) -> bytes:
    """Return findings.json, which needs no snapshot."""
    return render_json(document)


def _csv(document: FindingsDocument, _snapshot: Snapshot) -> bytes:
    """Return findings.csv, which needs no snapshot."""
    return render_findings_csv(document)


def _registrars(document: FindingsDocument, _snapshot: Snapshot) -> bytes:
    """Return registrars.csv, which needs no snapshot."""
    return render_registrars_csv(document)


ARTEFACTS: tuple[tuple[str, Callable[[FindingsDocument, Snapshot], bytes]], ...] = (
    ("findings.json", _json),
    ("findings.csv", _csv),
    ("registrars.csv", _registrars),
    ("report.html", render_html),
)
"""What a scan publishes: each file's name and what renders it."""
