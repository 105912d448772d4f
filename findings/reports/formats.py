"""The formats of a scan's result: each one's name, file, media type and renderer.

Renderers are loaded when they are first used, so that a command's help and the web's routes start without Jinja.
"""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from common.defects import DEFECTS, place_of
from common.errors import RenderError

if TYPE_CHECKING:
    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot


@dataclass(frozen=True)
class ReportFormat:
    """One format.

    Attributes:
        name: What `connectorwatch report --format` calls it.
        file: The file that a scan publishes.
        content_type: Its media type over HTTP.
        renderer: Module and function that make it, as `pkgutil.resolve_name` takes them.
        needs_snapshot: Whether it shows the inventory, which findings.json does not hold.
    """

    name: str
    file: str
    content_type: str
    renderer: str
    needs_snapshot: bool = False

    def render(self, document: FindingsDocument, snapshot: Snapshot | None = None) -> bytes:
        """Return the file's content; the same input gives the same bytes.

        Raises:
            ValueError: The format needs a snapshot and none is given.
            RenderError: The renderer failed, which is a defect; the message names its place and no tenant data.
        """
        if self.needs_snapshot and snapshot is None:
            raise ValueError(f"{self.file} cannot be rendered without a snapshot.")
        arguments = (document, snapshot) if self.needs_snapshot else (document,)
        try:
            content: bytes = resolve_name(self.renderer)(*arguments)
        except (*DEFECTS, *_template_errors()) as error:
            raise RenderError(f"{self.file} cannot be rendered ({place_of(error)})") from error
        return content


def _template_errors() -> tuple[type[Exception], ...]:
    """Return what a template may raise; only asked for when something was raised."""
    from jinja2 import TemplateError  # noqa: PLC0415 - loaded by then

    return (TemplateError,)


_ALL = (
    ReportFormat(
        "md",
        "report.md",
        "text/markdown; charset=utf-8",
        "findings.reports.markdown:render_markdown",
        needs_snapshot=True,
    ),
    ReportFormat(
        "html", "report.html", "text/html; charset=utf-8", "findings.reports.html:render_html", needs_snapshot=True
    ),
    ReportFormat("csv", "findings.csv", "text/csv; charset=utf-8", "findings.reports.csv_file:render_findings_csv"),
    ReportFormat("json", "findings.json", "application/json", "findings.reports.json_file:render_json"),
    ReportFormat("ocsf", "findings.ocsf.jsonl", "application/x-ndjson", "findings.reports.ocsf:render_ocsf"),
    ReportFormat("sarif", "findings.sarif", "application/sarif+json", "findings.reports.sarif:render_sarif"),
    ReportFormat(
        "registrars-csv",
        "registrars.csv",
        "text/csv; charset=utf-8",
        "findings.reports.registrars_csv:render_registrars_csv",
    ),
    *(
        ReportFormat(
            f"{kind}-csv",
            f"{kind}.csv",
            "text/csv; charset=utf-8",
            f"findings.reports.inventory_csv:render_{kind}_csv",
        )
        for kind in ("connectors", "groups", "applications")
    ),
)
FORMATS = {report.name: report for report in _ALL}
"""All formats by name, in the order in which the command lists them; a scan publishes each."""
BY_FILE = {report.file: report for report in _ALL}
"""All formats by the name of their file."""
