"""Links to reports, and people whom a card calls."""

from __future__ import annotations

import pytest

from findings.cards import Mention, RouteFilter, change_card
from findings.document import TenantInfo
from tests.findings.cards.making import CALLED, moved_verdict, told_of
from tests.findings.cards.reading import addresses, check, content, pieces, said

EVERYTHING = RouteFilter()


@pytest.mark.parametrize(
    "report", [None, "http://plain.example", "javascript:alert(1)", f"https://long.example/{'x' * 600}"]
)
def test_only_https_is_linked(report: str | None) -> None:
    """A report without an address, or with one that is not of https, has no button."""
    alone = change_card([told_of(moved_verdict("new", "a"), report=report)], EVERYTHING)
    other = told_of(moved_verdict("new", "b"), report=report, tenant=TenantInfo(id="b", name="B"))
    many = change_card([told_of(moved_verdict("new", "a"), report=report), other], EVERYTHING)

    assert alone is not None
    assert many is not None
    assert addresses(alone) + addresses(many) == []


def test_people_are_called_once_and_plainly() -> None:
    """A mention stands in text and in the list that Teams resolves; its name can be nothing else."""
    people = (*CALLED, *CALLED, Mention("bob", "**<at>Bob"), Mention("x", "[]"))
    card = change_card([told_of(moved_verdict("new", "a"))], RouteFilter(mentions=people))

    assert card is not None
    check(card)
    entities = content(card)["msteams"]["entities"]
    assert [entity["mentioned"]["name"] for entity in entities] == ["Ada Lovelace", "at Bob", "somebody"]
    blocks = [piece["text"] for piece in pieces(content(card)) if piece["type"] == "TextBlock"]
    assert blocks == ["<at>Ada Lovelace</at> <at>at Bob</at> <at>somebody</at>"]


def test_too_many_people_are_not_all_called() -> None:
    """Mentions take a part of the card and no more."""
    crowd = tuple(Mention(f"{number}@contoso.example", f"Person {number}") for number in range(200))

    card = change_card([told_of(moved_verdict("new", "a"))], RouteFilter(mentions=crowd))

    assert card is not None
    check(card)
    assert 10 < len(content(card)["msteams"]["entities"]) < 30
    assert "a  VER003 · New" in said(card)
