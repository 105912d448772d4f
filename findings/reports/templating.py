"""The template engine of all reports: it escapes everything, refuses unknown names, and loads packaged files only."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, ModuleLoader, StrictUndefined
from markupsafe import Markup

from common.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATES = Path(__file__).parent / "templates"


def visibly(value: object) -> object:
    """Return what an expression of an HTML template prints, with invisible characters in any text made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def environment(compiled: str, shown: Callable[[object], object] = visibly) -> Environment:
    """Return a template engine without filters of its own.

    Templates are compiled ahead of time (`make docs`), since compiling them takes a third of a second at each start.

    Args:
        compiled: Which set of compiled templates: `html`, `markdown` or `fleet`.
        shown: Returns what is printed for the value of an expression, before it is escaped unless it is `Markup`.
    """
    return Environment(
        loader=ModuleLoader(compiled_set(compiled)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def compiled_set(name: str) -> Path:
    """Return the archive that holds a set of compiled templates."""
    return TEMPLATES / f"{name}.zip"


@cache
def part(name: str) -> Markup:
    """Return a packaged style sheet or script, to be put into a page unescaped."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - our own file, no tenant text


def hash_of(text: str) -> str:
    """Return the Content-Security-Policy source of an inline style or script: the SHA-256 of its text (CSP level 3)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"
