"""What a card says, and what it may be made of at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from findings.cards.announcement import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findings.cards import Card

_TEXT_LOOKS = {"weight", "size", "color", "isSubtle"}
ALLOWED: dict[str, set[str]] = {
    "AdaptiveCard": {"$schema", "version", "msteams", "body", "actions"},
    "RichTextBlock": {"inlines", "separator", "spacing", "horizontalAlignment"},
    "TextRun": {"text", *_TEXT_LOOKS},
    "TextBlock": {"text", "wrap"},
    "ColumnSet": {"columns", "separator", "spacing"},
    "Column": {"width", "items"},
    "FactSet": {"facts"},
    "ActionSet": {"actions", "spacing"},
    "Action.OpenUrl": {"title", "url"},
}
"""The elements of Adaptive Cards 1.4 that our cards use, each with the properties it may have (adaptivecards.io)."""


def content(card: Card) -> dict[str, Any]:
    """Return the Adaptive Card that would be posted."""
    envelope = json.loads(card.to_bytes())
    assert envelope.keys() == {"type", "attachments"}
    (attachment,) = envelope["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    found: dict[str, Any] = attachment["content"]
    return found


def pieces(found: object) -> Iterator[dict[str, Any]]:
    """Yield everything in a card that has a type, outermost first."""
    if isinstance(found, dict):
        if "type" in found:
            yield found
        for key, value in found.items():
            if key != "msteams":
                yield from pieces(value)
    elif isinstance(found, list):
        for value in found:
            yield from pieces(value)


def lines(card: Card) -> list[str]:
    """Return what each paragraph of a card says, in the order in which they are shown."""
    return [
        "".join(run["text"] for run in piece["inlines"])
        for piece in pieces(content(card))
        if piece["type"] == "RichTextBlock"
    ]


def said(card: Card) -> str:
    """Return all that a card says, a paragraph a line."""
    return "\n".join(lines(card))


def addresses(card: Card) -> list[str]:
    """Return the addresses that a card links to."""
    return [piece["url"] for piece in pieces(content(card)) if piece["type"] == "Action.OpenUrl"]


def check(card: Card) -> None:
    """Assert that a card fits and is made of nothing else than allowed pieces, and that tenant text can stand in it."""
    assert len(json.dumps(card.envelope, separators=(",", ":"))) <= LIMIT
    assert len(card.to_bytes()) <= LIMIT
    found = content(card)
    assert (found["type"], found["version"], found["msteams"]["width"]) == ("AdaptiveCard", "1.4", "Full")
    for piece in pieces(found):
        assert piece.keys() - {"type"} <= ALLOWED[piece["type"]], piece
        if piece["type"] == "TextBlock":
            called = " ".join(entity["text"] for entity in found["msteams"]["entities"])
            assert piece["text"] == called
        for fact in piece.get("facts", ()):
            assert not set(json.dumps(fact, ensure_ascii=False)) & set("*_[]<>`~#\\|")
