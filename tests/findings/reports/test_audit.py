"""Reports show who registered or moved what, and never take an unread log for a quiet one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import DeniedError, FailedError, NotLicensedError
from common.text import visible
from findings.reports import audit
from findings.reports.html import render_html
from inventory.models import AuditApp, AuditEvent, AuditInitiator, AuditTarget, AuditUser
from inventory.snapshot import Section
from tests.examples import examples
from tests.findings.reports.page import Page
from tests.findings.reports.sample import HOSTILE, document
from tests.findings.reports.sample_snapshot import NOW, snapshot

if TYPE_CHECKING:
    from common.errors import ReadError
    from inventory.snapshot import Snapshot

ANN = AuditInitiator(user=AuditUser(id="u", display_name="Ann", user_principal_name="ann@contoso.com"))


def event(
    number: int = 0,
    *,
    by: AuditInitiator | None = ANN,
    targets: tuple[AuditTarget, ...] = (AuditTarget(display_name="HQ-01", type="Connector"),),
    result: str | None = "success",
) -> AuditEvent:
    """Return a registration, by default Ann's of HQ-01; higher numbers are longer ago."""
    return AuditEvent(
        id=f"e{number}",
        activity_date_time=NOW - timedelta(hours=number),
        activity_display_name="Register connector",
        result=result,
        initiated_by=by,
        target_resources=targets,
    )


def seen(*events: AuditEvent) -> Snapshot:
    """Return the sample's snapshot with these lines in its audit log."""
    return snapshot().model_copy(update={"audit": Section[AuditEvent].read("audit", events)})


def unseen(error: ReadError) -> Snapshot:
    """Return the sample's snapshot with an audit log that was not read."""
    return snapshot().model_copy(update={"audit": Section[AuditEvent].unread("audit", error)})


def text_of(scan: Snapshot) -> str:
    """Return the section about the audit log as one line of text."""
    page = Page(render_html(document(), scan))
    text = re.sub(r"\s+", " ", page.text)
    return text.partition("Registrations and moves ")[2].partition("What passed")[0].strip()


def test_newest_first() -> None:
    """The newest event stands first, whatever the order of the log."""
    found = audit.events(seen(event(2), event(0), event(1)), {}) or ()

    assert [one.at for one in found] == [NOW, NOW - timedelta(hours=1), NOW - timedelta(hours=2)]


@pytest.mark.parametrize(
    ("by", "who"),
    [
        (ANN, ("Ann", "ann@contoso.com")),
        (AuditInitiator(user=AuditUser(id="u1", user_principal_name="ann@contoso.com")), ("Known", "ann@contoso.com")),
        (AuditInitiator(user=AuditUser(id="x", user_principal_name="ann@contoso.com")), ("ann@contoso.com", "")),
        (AuditInitiator(user=AuditUser(id="x")), ("x", "")),
        (AuditInitiator(user=AuditUser()), ("", "")),
        (AuditInitiator(app=AuditApp(display_name="Script", service_principal_id="s")), ("Script", "")),
        (AuditInitiator(app=AuditApp(service_principal_id="u1")), ("Known", "")),
        (AuditInitiator(app=AuditApp(service_principal_id="s")), ("s", "")),
        (AuditInitiator(app=AuditApp()), ("", "")),
        (AuditInitiator(), ("", "")),
        (None, ("", "")),
    ],
)
def test_who(by: AuditInitiator | None, who: tuple[str, str]) -> None:
    """Whoever did it is called by name where the log or the scan knows one, else by user name or id."""
    found = audit.events(seen(event(by=by)), {"u1": "Known"}) or ()

    assert [(one.who, one.upn) for one in found] == [who]


def test_targets() -> None:
    """What it was done to is called by name where the log or the scan knows one, else by id, with its kind."""
    targets = (
        AuditTarget(id="c", display_name="HQ-01", type="Connector"),
        AuditTarget(id="g", type="ConnectorGroup"),
        AuditTarget(id="x"),
        AuditTarget(),
    )

    found = audit.events(seen(event(targets=targets)), {"g": "Paris"}) or ()

    assert found[0].targets == (("HQ-01", "connector"), ("Paris", "connector group"), ("x", ""), ("", ""))


@pytest.mark.parametrize(
    ("result", "failed", "word"),
    [
        ("success", False, "success"),
        ("Success", False, "Success"),
        ("failure", True, "failure"),
        (None, True, "not given"),
    ],
)
def test_result(result: str | None, failed: bool, word: str) -> None:  # noqa: FBT001 - pytest passes it by name
    """Everything but a success counts as failed, also what the log does not tell."""
    found = audit.events(seen(event(result=result)), {}) or ()

    assert [(one.failed, one.result) for one in found] == [(failed, word)]


def test_reaches_back() -> None:
    """The log was asked for thirty days, the longest that Microsoft keeps it."""
    assert audit.reaches_back_to(seen()) == datetime(2026, 10, 21, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("error", [NotLicensedError("no licence"), FailedError("broken")])
def test_unread(error: ReadError) -> None:
    """An unread log gives no events, also where a licence is what it lacks: things happened all the same."""
    assert audit.events(unseen(error), {}) is None


def test_section() -> None:
    """The report shows when, what, who, of what and with which result, and how far the log reaches."""
    moved = (AuditTarget(display_name="HQ-01", type="Connector"), AuditTarget(id="x", type="ConnectorGroup"))
    text = text_of(seen(event(0, targets=moved), event(1, by=None, targets=(), result="failure")))

    assert "30 days with a licence and for 7 without, so this scan asked from 2026-10-21 06:00 UTC on" in text
    assert (
        "2026-11-20 06:00 UTC Register connector Ann ann@contoso.com HQ-01 connectorx connector group success" in text
    )
    assert "2026-11-20 05:00 UTC Register connector not told not told failure" in text


def test_failures_are_visible() -> None:
    """A failed registration is marked, and a successful one is not."""
    page = Page(render_html(document(), seen(event(0), event(1, result="failure"))))

    assert page.values("class").count("failed") == 1


def test_long_log_is_cut() -> None:
    """Fifty events are shown and the rest is counted; so are very many targets of one event."""
    many = tuple(AuditTarget(display_name=f"C{number}") for number in range(9))
    text = text_of(seen(event(0, targets=many), *(event(number) for number in range(1, 60))))

    assert text.count("Register connector") == 50
    assert "And 10 earlier ones." in text
    assert "C4and 4 more" in text


def test_quiet_log() -> None:
    """A log that was read and tells of nothing says so, and from when on."""
    text = text_of(seen())

    assert "asked from 2026-10-21 06:00 UTC on" in text
    assert "The log tells of no registration and no change of a connector group since then." in text


def test_unread_section() -> None:
    """An unread log says why, what it needs and what to do, and never that nothing happened."""
    denied = DeniedError("Graph refused.", code="Forbidden", permission="AuditLog.Read.All", advice="Grant it.")

    text = text_of(unseen(denied))

    assert (
        "Who registered or moved what is not known, since the audit log was not read: Graph refused. (Forbidden)"
        in text
    )
    assert "It needs AuditLog.Read.All. Grant it." in text
    assert "no registration" not in text


def test_unlicensed_section() -> None:
    """A tenant without the licence is told that nobody knows, rather than that nothing happened."""
    text = text_of(unseen(NotLicensedError("")))

    assert text.endswith("is not known, since the audit log was not read: not licensed.")


@settings(max_examples=examples(30), deadline=None)
@given(st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=80))
def test_no_name_breaks_out(name: str) -> None:
    """Whatever the log calls people and things, the page's elements stay those of a harmless one."""
    pages = []
    for word in (name, "x"):
        by = AuditInitiator(user=AuditUser(display_name=word, user_principal_name=word))
        targets = (AuditTarget(display_name=word, type="x"),)
        pages.append(Page(render_html(document(), seen(event(by=by, targets=targets, result="failure")))))

    assert pages[0].anatomy == pages[1].anatomy
    assert visible(name) in pages[0].text
