"""index.html: one self-contained page about many tenants; complete without its script, which filters and sorts."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from findings.reports.fleetpage.lines import ago
from findings.reports.fleetpage.sparkline import HEIGHT, WIDTH, sparkline
from findings.reports.text import counted, minute, timestamp, visible
from policies.model import Severity

if TYPE_CHECKING:
    from findings.reports.fleetpage.lines import Fleet

_TEMPLATES = Path(__file__).parent.parent / "templates"
BESIDE = "{tenant}/latest/{file}"
"""Where a tenant's newest reports lie, seen from a page at the top of a folder store."""


def render_fleet_html(fleet: Fleet, links: str = BESIDE, table: str = "fleet.csv") -> bytes:
    """Return index.html in UTF-8, with nothing loaded from elsewhere and a policy that lets only its own script run.

    Args:
        fleet: The tenants.
        links: Where a tenant's newest reports are, relative to the page, with `{tenant}` and `{file}` in it.
        table: Where fleet.csv is, relative to the page.
    """
    style, script = _asset("style.css") + _asset("fleet.css"), _asset("fleet.js")
    page = (
        _environment()
        .get_template("fleet.html.j2")
        .render(
            fleet=fleet,
            standings=fleet.standings,
            table=table,
            style=Markup(style),  # noqa: S704 - our own file, which holds no name of a tenant
            script=Markup(script),  # noqa: S704 - the same
            style_hash=source_hash(style),
            script_hash=source_hash(script),
            link=lambda tenant, file: links.format(tenant=quote(tenant, safe=""), file=file),
        )
    )
    return page.encode()


def source_hash(text: str) -> str:
    """Return how a Content-Security-Policy names an inline style or script: by the SHA-256 of its text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    """Return the template engine: it escapes everything, shows the unseen, and refuses an unknown name."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters |= {"minute": minute, "timestamp": timestamp, "ago": ago, "sparkline": sparkline}
    environment.globals |= {"counted": counted, "severities": tuple(Severity), "width": WIDTH, "height": HEIGHT}
    return environment


def _shown(value: object) -> object:
    """Return what an expression of a template prints; text of the tenant, that is, all text, becomes visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
