"""report.html: one self-contained page about one scan, for forwarding, reading and printing."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from common.text import counted, facts, minute, plain, sentences, timestamp, unless_named, visible, words
from findings.history.change_words import change_word
from findings.reports import answers, audit, charts, inventory, listing, lists_read, registrars, view
from findings.reports import map as tenant_map
from findings.reports.group_owners import group_owners
from findings.reports.templating import environment, hash_of, part
from findings.state.endings import ending_words
from policies.rules import EVENT_RULE_IDS, RULES
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment
    from pydantic import JsonValue

    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot

_HEADER = 90
"""How many letters of tenant and scan fit on top of a printed page."""
_OF_IDS = frozenset(
    key
    for rule in RULES
    for key, meaning in rule.evidence.items()
    if re.match(r"ids? of|user name or id|the paths", meaning)
)
"""The facts that hold ids, or paths of ids. Only those show names: a machine may be called by somebody's id."""
_BASE = "default-src 'none'; base-uri 'none'; form-action 'none'"


def render_html(document: FindingsDocument, snapshot: Snapshot) -> bytes:
    """Return report.html in UTF-8, with its style sheet and script inline; the page loads nothing from elsewhere.

    Args:
        document: The scan's result.
        snapshot: What the scan saw, for the inventory.
    """
    style, script, page_header = part("style.css"), part("script.js"), _page_header(document)
    names = {**inventory.names(snapshot), **registrars.names(document)}
    page = (
        page_environment()
        .get_template("report.html.j2")
        .render(
            document=document,
            snapshot=snapshot,
            names=names,
            labels=inventory.list_labels(snapshot),
            **_answer(document),
            **_fleet(document, snapshot),
            **_registrars(document),
            events=audit.events(snapshot, names),
            events_since=audit.reaches_back_to(snapshot),
            style=style,
            page_header=page_header,
            script=script,
            security=f"{_BASE}; style-src {hash_of(style)} {hash_of(page_header)}; script-src {hash_of(script)}",
        )
    )
    return page.encode()


def _answer(document: FindingsDocument) -> dict[str, object]:
    """Return what fails, what moved, and what could not be said."""
    blocks, moved = listing.blocks(document), view.moved(document)
    choices = listing.choices(blocks)
    return {
        "headline": view.headline(document),
        "failing": view.failing(document),
        "worst": listing.worst(document),
        "unread": view.unread(document.sections),
        "unexplained": view.unexplained(document),
        "compared": view.compared(document),
        "moved": moved,
        "moved_as_one": view.moved_as_one(document),
        "move_counts": list(Counter(entry.change for entry in moved).items()),
        "changes": listing.changes(document),
        "change_counts": listing.inventory_changes(document),
        "blocks": blocks,
        "choices": choices,
        "still_open": view.still_open(document),
        "answered": answers.answered(document),
        "asked_to_answer": answers.is_asked(document),
        "event_rules": sorted(EVENT_RULE_IDS),
        "not_assessed": view.shared_messages(document, Outcome.NOT_ASSESSED),
        "not_applicable": view.shared_messages(document, Outcome.NOT_APPLICABLE),
        "passed": view.shared_messages(document, Outcome.PASS, by_message=False),
        "gone": view.gone(document),
        "asked": lists_read.kinds(document.sections),
    }


def _fleet(document: FindingsDocument, snapshot: Snapshot) -> dict[str, object]:
    """Return the inventory: map, charts and tables."""
    regions = tenant_map.regions(document, snapshot)
    return {
        "regions": regions,
        "at_risk": tenant_map.at_risk(regions or ()),
        "strips": charts.strips(document),
        "bars": charts.bars(document, inventory.version_counts(snapshot)),
        "ages": charts.ages(document),
        "groups": inventory.group_rows(document, snapshot),
        "connectors": inventory.connector_rows(snapshot),
        "applications": inventory.application_rows(snapshot),
        "unread_applications": inventory.unread_applications(snapshot),
    }


def _registrars(document: FindingsDocument) -> dict[str, object]:
    """Return who can register connectors, and what of it is not known."""
    return {
        "registrars": registrars.cards(document),
        "registrar_counts": registrars.counts(document),
        "registrars_hidden": registrars.hiding(document),
        "registrars_details": registrars.detailing(document),
        "group_owners": group_owners(document),
    }


def _page_header(document: FindingsDocument) -> Markup:
    """Return the style rule that writes tenant and scan on top of each printed page; every odd letter as an escape."""
    subtitle = visible(f"{document.tenant.name or document.tenant.id}, {minute(document.scan.started_at)}")
    letters = (
        letter if letter.isascii() and letter.isalnum() else f"\\{ord(letter):x} " for letter in subtitle[:_HEADER]
    )
    return Markup(f'@page {{ @top-left {{ content: "{"".join(letters)}" }} }}')  # noqa: S704 - letters, digits, escapes


def fact_text(value: JsonValue, fact: str, names: Mapping[str, str]) -> str:
    """Return the value of a fact as people read it, with names for ids where the fact holds ids."""
    return plain(value, names if fact.removeprefix("evidence.") in _OF_IDS else {})


@cache
def page_environment() -> Environment:
    """Return the template engine with what the page calls."""
    engine = environment("html")
    engine.filters |= {
        "minute": minute,
        "timestamp": timestamp,
        "plain": plain,
        "fact": fact_text,
        "words": words,
        "because": ending_words,
        "happened": change_word,
        "unless_named": unless_named,
        "sentences": sentences,
        "facts": facts,
        "explained": inventory.explained,
        "frameworks": listing.by_framework,
        "hops": registrars.hops,
        "finding": registrars.finding_text,
        "how_to_answer": answers.how_to_answer,
    }
    engine.globals |= {
        "counted": counted,
        "is_narrow": registrars.is_narrow,
        "shares": (charts.current_share, charts.redundant_share),
    }
    return engine
