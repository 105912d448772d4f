"""report.md: a scan for wikis and pull requests, in GitHub's Markdown; see `markup` for why no name can break it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from common.text import minute, sentences, unless_named, words
from findings.history.change_words import change_word
from findings.reports import inventory, markup, registrars, view
from findings.reports.group_owners import group_owners
from findings.reports.json_text import entries
from findings.reports.lifecycle_text import moved_text, named
from findings.reports.templating import environment

if TYPE_CHECKING:
    from jinja2 import Environment

    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot

_PIPE = "\0"
"""Stands for a pipe until it is known whether it stands in a table; text that was made visible cannot hold it."""
_TABLE_LINE = re.compile(r"^\|.*$", re.MULTILINE)
_GAP = re.compile(r"\n{3,}")
_CAN = {True: "yes", False: "no", None: "unknown"}


def render_markdown(document: FindingsDocument, snapshot: Snapshot) -> bytes:
    """Return report.md, in UTF-8: GitHub-flavoured Markdown without HTML.

    Args:
        document: The scan's result.
        snapshot: What the scan saw, for the inventory.
    """
    names = {**inventory.names(snapshot), **registrars.names(document)}
    failing = view.failing_as_one(document)
    page = (
        page_environment()
        .get_template("report.md.j2")
        .render(
            document=document,
            headline=view.headline(document),
            failing=failing,
            remedies=view.alike(verdict for _, verdicts in failing for verdict in verdicts),
            compared=view.compared(document),
            moved=view.moved_as_one(document),
            details={
                (entry.rule, entry.subject): moved_text(entry.lifecycle)
                for entry in entries(document)
                if entry.lifecycle and entry.lifecycle.change
            },
            unread=view.unread(document.sections),
            unexplained=view.unexplained(document),
            still_open=view.still_open(document),
            waived=view.waived(document),
            names=names,
            labels=inventory.list_labels(snapshot),
            registrars=registrars.cards(document),
            registrar_counts=registrars.counts(document),
            registrars_hidden=registrars.hiding(document),
            group_owners=group_owners(document),
            groups=inventory.group_rows(document, snapshot),
            connectors=inventory.connector_rows(snapshot),
        )
    )
    tables = _TABLE_LINE.sub(lambda line: line[0].replace(_PIPE, "\\|"), page)
    return (_GAP.sub("\n\n", tables.replace(_PIPE, "|")).strip("\n") + "\n").encode()


@cache
def page_environment() -> Environment:
    """Return the template engine: all text that it prints goes through `markup`, and it refuses an unknown name."""
    engine = environment("markdown", _shown)  # what was made safe is not escaped again, and macros return what is safe
    engine.filters |= {
        "code": _code,
        "link": _link,
        "step": _step,
        "minute": minute,
        "words": words,
        "named": named,
        "happened": change_word,
        "explained": inventory.explained,
        "finding": registrars.finding_text,
    }
    engine.globals |= {
        "can": _CAN,
        "is_narrow": registrars.is_narrow,
        "sentences": sentences,
        "unless_named": unless_named,
    }
    return engine


def _shown(value: object) -> object:
    """Return what an expression of the template prints."""
    return Markup(markup.words_of(value, _PIPE)) if isinstance(value, str) and not isinstance(value, Markup) else value  # noqa: S704 - nothing here is HTML; the class only says that it was made safe


def _code(text: str) -> Markup:
    return Markup(markup.code(text, _PIPE))  # noqa: S704 - nothing here is HTML


def _step(text: str) -> Markup:
    return Markup(markup.step_of(text, _PIPE))  # noqa: S704 - nothing here is HTML


def _link(url: str) -> Markup:
    return Markup(markup.link(url, _PIPE))  # noqa: S704 - nothing here is HTML
