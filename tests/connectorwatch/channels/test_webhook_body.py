"""What a generic webhook is sent: words from the scan's result, filtered, bounded, and valid by its schema."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from connectorwatch.channels.port import Message
from connectorwatch.channels.webhook_body import LONGEST, MOST_CHANGES, WebhookBody, body_of
from findings.cards import Notification, RouteFilter
from findings.state.announcements import NotAssessed
from policies.vocabulary import Severity
from tests.findings.cards.making import NOW, gone, moved_verdict, told_of
from tests.paths import ROOT

SCHEMA = ROOT / "docs/schemas/webhook.schema.json"
GAP = (NotAssessed(rule="VER003", subjects=2),)


def body(*told: Notification, route_filter: RouteFilter | None = None, kind: str = "changes") -> WebhookBody | None:
    """Return the message of some announcements."""
    return body_of(Message("service" if kind == "service" else "changes", NOW, told), route_filter or RouteFilter())


def test_words_come_from_the_scans_result() -> None:
    """A finding has its title, its message and its remedy, be it there or gone, and where its report is."""
    told = told_of(moved_verdict("new", "PAR01"), gone("OLD01"))

    found = body(told)

    assert found is not None
    (announcement,) = found.data.announcements
    assert announcement.report == told.report
    there, away = sorted(announcement.findings, key=lambda one: one.change)
    assert (there.change, there.subject and there.subject.name, bool(there.title), bool(there.remedy)) == (
        "new", "PAR01", True, True
    )  # fmt: skip
    assert (away.change, away.subject and away.subject.name) == ("resolved", "OLD01")
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(json.loads(found.model_dump_json()))


def test_a_route_hears_what_it_asks_for() -> None:
    """Findings and gaps that it does not want are left out, and a message without any is none."""
    told = told_of(moved_verdict("new", "PAR01"), unseen=GAP)

    assert body(told, route_filter=RouteFilter(Severity.CRITICAL, ("CON",))) is None
    gaps_only = body(told, route_filter=RouteFilter(Severity.CRITICAL))
    assert gaps_only is not None
    assert (gaps_only.data.announcements[0].findings, len(gaps_only.data.announcements[0].not_assessed)) == ((), 1)
    service = body(told, route_filter=RouteFilter(Severity.CRITICAL), kind="service")
    assert service is not None
    assert service.data.announcements[0].findings == ()


def test_hostile_names_and_many_findings_stay_bounded() -> None:
    """A name of a million characters is cut, and what does not fit is counted."""
    many = told_of(*(moved_verdict("new", f"{at}" + "x" * 256) for at in range(MOST_CHANGES + 5)))
    long = told_of(moved_verdict("new", "\u202e</script>" * 100_000))

    found = body(many, long)

    assert found is not None
    assert found.data.left_out == 6
    assert sum(len(one.findings) for one in found.data.announcements) == MOST_CHANGES
    alone = body(long)
    assert alone is not None
    subject = alone.data.announcements[0].findings[0].subject
    assert subject is not None
    assert len(subject.name) == len(subject.id) == LONGEST
