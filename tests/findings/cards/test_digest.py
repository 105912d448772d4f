"""The weekly card."""

from __future__ import annotations

from typing import Any

import pytest

from findings.cards import Card, RouteFilter, TenantRow, digest_card
from policies.vocabulary import Severity
from tests.findings.cards.making import HOSTILE, NOW, row, samples
from tests.findings.cards.reading import check, content, lines, pieces


def card_of(*rows: TenantRow, threshold: Severity = Severity.INFO) -> Card:
    """Return the checked card of some rows."""
    card = digest_card(rows, NOW, RouteFilter(threshold=threshold))
    check(card)
    return card


def facts(card: Card) -> dict[str, Any]:
    """Return the pairs of words of a card."""
    (found,) = (piece["facts"] for piece in pieces(content(card)) if piece["type"] == "FactSet")
    return {fact["title"]: fact["value"] for fact in found}


def test_the_week_in_numbers() -> None:
    """Sums of all tenants, each counted once, with the first of each kind of day."""
    assert facts(samples()["digest"]) == {
        "Failing now": "146 (13 critical, 91 high, 14 medium, 28 low)",
        "Since last week": "+48 (better in 3, worse in 10 of 14 tenants)",
        "Waivers ending": "7 within 14 days, the first on 2026-11-28",
        "To be purged": "14 inactive connectors, the first by 2026-11-24",
        "New registrars": "7 in the last 7 days",
        "Not assessed": "something in 1 tenant",
    }


def test_the_worst_stand_in_a_table() -> None:
    """Ten tenants are shown, by their worst findings, and the others are counted."""
    card = samples()["digest"]
    found = lines(card)
    start = found.index("Tenant")

    assert found[start : start + 12] == [
        *("Tenant", "CRIT", "HIGH", "MED", "LOW", "Week"),
        *("Tenant 11", "2", "11", "1", "2", "+9"),
    ]
    assert "and 4 more tenants with failing findings" in found
    assert card.left_out == 4


def test_the_oldest_are_told() -> None:
    """Five findings that are open for longest are told with their age."""
    found = lines(samples()["digest"])

    assert found[found.index("Open for longest") + 1] == (
        "con-09.corp.example  VER003 · 322 days, since 2026-01-02 · Tenant 09"
    )
    assert len(found) - found.index("Open for longest") == 1 + 5


def test_nothing_fails() -> None:
    """A quiet week is one line and a few zeros."""
    card = card_of(row("a"), row("b"))

    assert lines(card)[1:] == ["2 of 2 tenants without a failing finding."]
    assert facts(card) == {
        "Failing now": "0",
        "Since last week": "not known yet",
        "New registrars": "0 in the last 7 days",
    }


def test_no_tenant_at_all() -> None:
    """An installation without a scan gets a card, too."""
    assert lines(card_of())[1:] == ["0 of 0 tenants without a failing finding."]


def test_a_threshold_counts_less() -> None:
    """Milder findings are in no number, and the card says so."""
    card = card_of(
        row("a", failing=(0, 1, 5, 5, 5), week_before="2,1,9,9,9"),
        row("b", failing=(0, 0, 1, 0, 0)),
        threshold=Severity.HIGH,
    )

    assert lines(card)[1] == "1 of 2 tenants without a failing finding of severity high or worse."
    assert facts(card)["Since last week"] == "\N{MINUS SIGN}2"
    assert lines(card)[2:] == ["Tenant", "CRIT", "HIGH", "Week", "a", "0", "1", "\N{MINUS SIGN}2"]


def test_what_was_not_scanned_this_week() -> None:
    """A tenant without a scan, and one whose scan is old, are no tenants without findings."""
    old = row("old", scanned_at="2026-11-01T06:00:00Z", week_before="odd")

    card = card_of({"tenant": "never"}, old)

    assert facts(card)["Not scanned"] == "2 tenants this week"
    assert lines(card)[1] == "1 of 2 tenants without a failing finding."


def test_no_change_is_told() -> None:
    """As much as a week before is told as no change."""
    card = card_of(row("a", failing=(1, 0, 0, 0, 0), week_before="1,0,0,0,0"), row("b", failing=(1, 0, 0, 0, 0)))

    assert facts(card)["Since last week"] == "no change"
    assert [lines(card)[number] for number in (-7, -1)] == ["0", "-"]


def test_a_finding_of_today_is_no_day_old() -> None:
    """A finding that was found after the card's moment, by another clock, has no negative age; one may be nameless."""
    card = card_of(row("a", oldest_open="2026-11-21T06:00:00Z", oldest_rule="X"))

    assert lines(card)[-1] == "one finding  X · 0 days, since 2026-11-21 · a"


@pytest.mark.slow
def test_ten_thousand_hostile_tenants_fit() -> None:
    """However many tenants, and whatever they are called: one card below the limit."""
    names = (f"{HOSTILE[number % len(HOSTILE)]}{number}".ljust(256, "\U0001f480") for number in range(10_000))
    rows = [
        row(
            name, failing=(number, 1, 1, 1, 1), oldest_open="2026-01-01T00:00:00Z", oldest_subject=name, oldest_rule="R"
        )
        for number, name in enumerate(names)
    ]

    card = card_of(*rows)

    assert card.left_out >= 10_000 - 10
