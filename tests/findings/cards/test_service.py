"""The card of the service itself, and the card of a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from findings.cards import Notification, RouteFilter, service_card
from findings.cards import test_card as trial_card
from findings.document import SectionInfo
from findings.state.announcements import NotAssessed
from policies.vocabulary import Outcome, Severity
from tests.findings.cards.making import CALLED, NOW, lost_permission, moved_verdict, samples, service_told, told_of
from tests.findings.cards.reading import check, content, lines

DENIED = SectionInfo(name="connectors", status="denied", count=None)


def test_trouble_is_told_with_its_remedy() -> None:
    """What is wrong, what was lost and what is over stand in this order, each in words."""
    card = samples()["service"]

    check(card)
    assert lines(card) == [
        "The service: 4 problems",
        "What is wrong",
        "HIGH",
        "Fabrikam AG  SVC001 · Scan failed",
        "Scan 20261120T060000Z-1a2b3c4d failed: the certificate has expired.",
        "First step: Read why, mend it, and ask for a scan.",
        "HIGH",
        "Tailspin AG  SVC002 · Not scanned",
        "The tenant was never scanned, and 36 hours are allowed.",
        "First step: See whether scan requests wait and whether the schedule runs.",
        "HIGH",
        "soc-channel  SVC003 · Notification not delivered",
        "3 announcements were refused by the flow (400).",
        "First step: Look at the route's flow and its owner, then send a test card.",
        "Permissions lost",
        "Contoso Ltd: Graph refuses the list of role assignments. It needs RoleManagement.Read.All.",
        "What is well again",
        "Adatum AG  SVC001 · Scan failed: over",
    ]


def test_all_well_again() -> None:
    """Trouble that is over calls nobody."""
    card = service_card([service_told("SVC002", "a", "", "resolved")], RouteFilter(mentions=CALLED))

    assert card is not None
    assert lines(card)[0] == "The service: all well again"
    assert "entities" not in content(card)["msteams"]


def test_the_newest_word_counts() -> None:
    """Of a failure that came and went only its end is told."""
    came = service_told("SVC001", "a", "It failed.")
    went = service_told("SVC001", "a", "It is stored.", "resolved")

    card = service_card([came, went], RouteFilter())

    assert card is not None
    assert lines(card) == ["The service: all well again", "What is well again", "a  SVC001 · Scan failed: over"]


def test_nothing_about_the_service_is_no_card() -> None:
    """Findings of tenants, rules the route does not want and mild ones make no card of the service."""
    told = [told_of(moved_verdict("new", "a")), service_told("SVC001", "a", "It failed."), lost_permission()]

    assert service_card(told[:1], RouteFilter()) is None
    assert service_card(told, RouteFilter(rules=("VER",))) is None
    assert service_card(told, RouteFilter(threshold=Severity.CRITICAL)) is None


def test_a_permission_is_lost_only_if_it_was_there() -> None:
    """A list that was refused before, at a first scan, or in a result that is gone is no news."""
    lost = NotAssessed(rule="VER003", subjects=1)
    before = told_of(moved_verdict("new", "a"), sections=(DENIED,))
    first = told_of(first=True, unseen=(lost,), sections=(DENIED,))
    throttled = told_of(unseen=(lost,), sections=(DENIED.model_copy(update={"status": "throttled"}),))
    gone = Notification(first.tenant, lost_permission().entry)

    assert [service_card([told], RouteFilter()) for told in (before, first, throttled, gone)] == [None] * 4


def test_a_list_that_was_refused_before_is_no_news() -> None:
    """Of several refused lists the one is told that a rule misses which could look before."""
    told = lost_permission()
    assert told.document is not None
    (blind,) = told.document.verdicts
    verdicts = (
        blind.model_copy(update={"evidence": {"section": "role_assignments"}}),
        blind.model_copy(update={"rule": "VER003", "evidence": {"section": "connectors"}}),
        blind.model_copy(update={"outcome": Outcome.PASS, "evidence": {"section": "connectors"}}),
    )
    sections = (*told.document.sections, DENIED)
    document = told.document.model_copy(update={"verdicts": verdicts, "sections": sections})

    card = service_card([replace(told, document=document)], RouteFilter())

    assert card is not None
    assert [line for line in lines(card) if "refuses" in line] == [
        "Contoso Ltd: Graph refuses the list of role assignments. It needs RoleManagement.Read.All."
    ]


def test_a_lost_permission_outlives_the_next_scan() -> None:
    """A loss is told though the scan after it, told at once with it, has nothing to say of that any more."""
    card = service_card(
        [told_of(moved_verdict("new", "a"), at=NOW + timedelta(days=1)), lost_permission()], RouteFilter()
    )

    assert card is not None
    assert lines(card)[0] == "The service: 1 problem"


def test_a_permission_without_a_name() -> None:
    """A refused list is told where Graph does not say which permission is missing."""
    card = service_card([told_of(unseen=(NotAssessed(rule="VER003", subjects=1),), sections=(DENIED,))], RouteFilter())

    assert card is not None
    assert lines(card)[-1] == "Contoso Ltd: Graph refuses the list of connectors."


def test_unknown_trouble_is_told_too() -> None:
    """A service rule that this card has no words for, with a finding that is forgotten, is told by its ids."""
    told = replace(service_told("SVC099", "somebody", "x"), findings={})

    card = service_card([told], RouteFilter(mentions=CALLED))

    assert card is not None
    check(card)
    assert lines(card)[2:] == ["HIGH", "somebody  SVC099 · SVC099"]


def test_a_test_card_names_its_route() -> None:
    """A test says which route it took and that nothing happened."""
    card = trial_card("soc**channel**")

    check(card)
    assert lines(card)[1] == "This card came by the route soc**channel**. Nothing happened in any tenant."
