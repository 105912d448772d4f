"""index.html: one self-contained page about many tenants; complete without its script, which filters and sorts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from common.text import counted, minute, timestamp
from findings.reports.fleet_page.lines import ago
from findings.reports.fleet_page.sparkline import HEIGHT, WIDTH, sparkline
from findings.reports.templating import environment, hash_of, part
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from jinja2 import Environment

    from findings.reports.fleet_page.lines import Fleet

BESIDE = "{tenant}/latest/{file}"
"""Where a tenant's newest reports lie, seen from a page at the top of a folder store."""


def render_fleet_html(fleet: Fleet, links: str = BESIDE, table: str = "fleet.csv") -> bytes:
    """Return index.html in UTF-8, with nothing loaded from elsewhere and a policy that lets only its own script run.

    Args:
        fleet: The tenants.
        links: Where a tenant's newest reports are, relative to the page, with `{tenant}` and `{file}` in it.
        table: Where fleet.csv is, relative to the page.
    """
    style, script = part("style.css") + part("fleet.css"), part("fleet.js")
    page = (
        page_environment()
        .get_template("fleet.html.j2")
        .render(
            fleet=fleet,
            statuses=fleet.statuses,
            table=table,
            style=style,
            script=script,
            style_hash=Markup(hash_of(style)),  # noqa: S704 - a hash of our own file
            script_hash=Markup(hash_of(script)),  # noqa: S704 - the same
            link=lambda tenant, file: links.format(tenant=quote(tenant, safe=""), file=file),
        )
    )
    return page.encode()


@cache
def page_environment() -> Environment:
    """Return the template engine with what the page calls."""
    engine = environment("fleet")
    engine.filters |= {"minute": minute, "timestamp": timestamp, "ago": ago, "sparkline": sparkline}
    engine.globals |= {"counted": counted, "severities": tuple(Severity), "width": WIDTH, "height": HEIGHT}
    return engine
