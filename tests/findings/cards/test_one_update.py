"""Findings of one connector that one update fixes are one row of a card."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from findings.cards import RouteFilter
from policies.vocabulary import Severity
from tests.findings.cards.making import moved_verdict, told_of
from tests.findings.cards.test_change import card_of

if TYPE_CHECKING:
    from findings.document import Change, VerdictEntry

BY_RULE = (("VER003", Severity.MEDIUM, "is older"), ("VER001", Severity.HIGH, "is old"), ("VER004", Severity.LOW, ""))


def three(change: Change, name: str = "hq-01") -> tuple[VerdictEntry, ...]:
    """Return what three rules say of one connector that one update fixes."""
    return tuple(
        moved_verdict(change, name, rule=rule, severity=severity, message=message)
        for rule, severity, message in BY_RULE
    )


def test_what_one_update_fixes_is_one_row() -> None:
    """The worst of them stands for all and names the others; the numbers are those of the report."""
    card = "\n".join(card_of(told_of(*three("new"), *three("resolved", "lab-01"))))

    assert "3 new, 3 resolved · scan of" in card
    assert "is old; the same update also fixes VER003 and VER004" in card
    assert "is older" not in card
    assert card.count("lab-01  VER001 · Resolved, fixed") == 1
    assert "VER003 and VER004 ended with it" in card


def test_a_route_above_the_others_severities() -> None:
    """A route that hears of some of them names no other, and the card says how many there are in all."""
    card = "\n".join(card_of(told_of(*three("new")), wish=RouteFilter(Severity.MEDIUM)))
    low = "\n".join(card_of(told_of(*three("new")), wish=RouteFilter(rules=("VER004",))))
    both = "\n".join(card_of(told_of(*three("new")), wish=RouteFilter(Severity.HIGH, rules=("VER001", "VER003"))))

    assert "3 new (2 for this route, 1 below its severity) · " in card
    assert "is old; the same update also fixes VER003" in card
    assert "3 new (1 for this route, 2 of other rules) · " in low
    assert "3 new (1 for this route, 1 below its severity, 1 of other rules) · " in both


def test_one_update_where_the_result_is_lost() -> None:
    """Where nothing is known of the findings but their keys, the row says which rules the update satisfies."""
    told = replace(told_of(*three("new")), document=None)

    assert "the same update also fixes VER003 and VER004" in "\n".join(card_of(told))
