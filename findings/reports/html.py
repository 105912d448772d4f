"""report.html: one self-contained page about one scan, made to be forwarded, read and printed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from findings.reports import audit, fleet, registrars, view
from findings.reports.text import counted, facts, minute, plain, sentences, timestamp, unless_named, visible, words
from policies.model import Outcome

if TYPE_CHECKING:
    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot

_TEMPLATES = Path(__file__).parent / "templates"


def render_html(document: FindingsDocument, snapshot: Snapshot) -> bytes:
    """Return report.html, in UTF-8, without script and without anything loaded from elsewhere.

    Args:
        document: The scan's result.
        snapshot: What the scan saw, for the inventory.
    """
    names = {**fleet.names(snapshot), **registrars.names(document)}
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            document=document,
            snapshot=snapshot,
            headline=view.headline(document),
            unread=view.unread(document.sections),
            unexplained=view.unexplained(document),
            compared=view.compared(document),
            failing=view.failing(document),
            moved=view.moved(document),
            still_open=view.still_open(document),
            not_assessed=view.said(document, Outcome.NOT_ASSESSED),
            not_applicable=view.said(document, Outcome.NOT_APPLICABLE),
            passed=view.said(document, Outcome.PASS, by_message=False),
            waived=view.waived(document),
            gone=view.gone(document),
            names=names,
            labels=fleet.list_labels(snapshot),
            groups=fleet.group_rows(document, snapshot),
            connectors=fleet.connector_rows(snapshot),
            versions=fleet.version_counts(snapshot),
            registrars=registrars.cards(document),
            registrar_counts=registrars.counts(document),
            registrars_hidden=registrars.hiding(document),
            registrars_details=registrars.detailing(document),
            events=audit.events(snapshot, names),
            events_since=audit.reaches_back_to(snapshot),
        )
    )
    return page.encode()


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
    environment.filters |= {
        "minute": minute,
        "timestamp": timestamp,
        "plain": plain,
        "words": words,
        "because": view.resolved_because,
        "unless_named": unless_named,
        "sentences": sentences,
        "facts": facts,
        "explained": fleet.explained,
        "alike": view.alike,
        "hops": registrars.hops,
        "finding": registrars.finding_text,
    }
    environment.globals |= {"counted": counted, "is_narrow": registrars.is_narrow}
    return environment


def _shown(value: object) -> object:
    """Return what an expression of a template prints; text of the tenant, that is, all text, becomes visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
