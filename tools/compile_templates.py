"""Compile the templates of reports ahead of time, so that no start of the product has to."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader

from findings.reports import html, markdown
from findings.reports.fleet_page import page
from findings.reports.templating import TEMPLATES, compiled_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

SETS: dict[str, tuple[Callable[[], Environment], Callable[[str], bool]]] = {
    "html": (html.page_environment, lambda name: name.endswith(".html.j2") and not name.startswith("fleet")),
    "markdown": (markdown.page_environment, lambda name: name.endswith(".md.j2")),
    "fleet": (page.page_environment, lambda name: name in ("fleet.html.j2", "macros.html.j2")),
}
"""Each set: the engine that renders it, and which templates belong to it."""


def compiled(name: str) -> dict[str, bytes]:
    """Return what the archive of a set holds: the compiled modules by their file names."""
    make, belongs = SETS[name]
    engine = make().overlay(loader=FileSystemLoader(TEMPLATES))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "compiled.zip"
        engine.compile_templates(target, filter_func=belongs, zip="stored", ignore_errors=False)
        return contents(target)


def contents(archive: Path) -> dict[str, bytes]:
    """Return the files in an archive by their names; none where there is no archive."""
    if not archive.exists():
        return {}
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in sorted(opened.namelist())}


def write_all() -> list[str]:
    """Write the sets whose templates have changed, and return their archives' names."""
    written = []
    for name in SETS:
        modules, archive = compiled(name), compiled_set(name)
        if modules != contents(archive):
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
                for file, content in modules.items():
                    made.writestr(zipfile.ZipInfo(file), content, zipfile.ZIP_DEFLATED)
            written.append(archive.name)
    return written
