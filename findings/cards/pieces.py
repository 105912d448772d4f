"""The pieces of a card, Adaptive Cards 1.4: Power Automate refuses newer versions, and so there is no Table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from findings.cards.announcement import Card
from findings.cards.safe_text import SENTENCE, safe
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import JsonValue

    from findings.cards.announcement import Mention

Piece: TypeAlias = "dict[str, JsonValue]"

_COLOURS = {
    Severity.CRITICAL: "Attention",
    Severity.HIGH: "Attention",
    Severity.MEDIUM: "Warning",
    Severity.LOW: "Accent",
    Severity.INFO: "Default",
}
_LONGEST_ADDRESS = 600
_MENTIONS = 3000
"""Bytes that mentions may take; whoever does not fit is not called."""
_NOT_IN_A_NAME = str.maketrans(dict.fromkeys("<>[]()*_`\\~#|", " "))


def run(text: str, longest: int = SENTENCE, **looks: JsonValue) -> Piece:
    """Return a run of text; `looks` are properties of a TextRun, such as `weight="Bolder"`."""
    return {"type": "TextRun", "text": safe(text, longest), **looks}


def bold(text: str, longest: int = SENTENCE) -> Piece:
    """Return a run of text that stands out."""
    return run(text, longest, weight="Bolder")


def quiet(text: str, longest: int = SENTENCE) -> Piece:
    """Return a run of text that stands back."""
    return run(text, longest, isSubtle=True)


def line(*runs: Piece, **looks: JsonValue) -> Piece:
    """Return a paragraph of runs; `looks` are properties of the element, such as `separator=True`."""
    return {"type": "RichTextBlock", **looks, "inlines": list(runs)}


def heading(text: str, longest: int = SENTENCE) -> Piece:
    """Return the heading of a card."""
    return line(run(text, longest, size="Large", weight="Bolder"))


def severity_run(severity: Severity, word: str | None = None) -> Piece:
    """Return a severity in its colour: its own word, or a shorter one."""
    return run(word or severity.value.upper(), weight="Bolder", size="Small", color=_COLOURS[severity])


def columns(*cells: tuple[str, Sequence[Piece]], **looks: JsonValue) -> Piece:
    """Return cells side by side, each a width (`70px`, `stretch`) and what stands in it."""
    shown: list[JsonValue] = [{"type": "Column", "width": width, "items": list(items)} for width, items in cells]
    return {"type": "ColumnSet", **looks, "columns": shown}


def facts(*pairs: tuple[str, str]) -> Piece:
    """Return pairs of words; clients read Markdown in both, so only our own words and numbers may stand here."""
    return {"type": "FactSet", "facts": [{"title": title, "value": value} for title, value in pairs]}


def link(title: str, address: str | None) -> list[Piece]:
    """Return the button that opens an address; none where there is no address, or none of https."""
    if address is None or not address.startswith("https://") or len(address) > _LONGEST_ADDRESS:
        return []
    return [{"type": "Action.OpenUrl", "title": title, "url": address}]


def calling(mentions: Iterable[Mention]) -> tuple[list[Piece], list[JsonValue]]:
    """Return the line that calls people and what Teams needs to know of them; nothing where there is nobody."""
    entities: list[JsonValue] = []
    called: list[str] = []
    for mention in mentions:
        name = safe(" ".join(mention.name.translate(_NOT_IN_A_NAME).split()), 60) or "somebody"
        text = f"<at>{name}</at>"
        entity: Piece = {"type": "mention", "text": text, "mentioned": {"id": mention.id, "name": name}}
        if weight([*entities, entity]) <= _MENTIONS and text not in called:
            entities.append(entity)
            called.append(text)
    # Teams finds mentions in a TextBlock; their names come from the policy, not from the tenant.
    return [{"type": "TextBlock", "text": " ".join(called), "wrap": True}] if called else [], entities


def weight(piece: JsonValue) -> int:
    r"""Return how many bytes a piece takes at most, as JSON with every character beyond ASCII written `\uXXXX`.

    What a flow makes of the body we post is not ours to know, and the limit holds for what comes out of it.
    """
    return len(json.dumps(piece, separators=(",", ":")))


def envelope(
    body: Sequence[Piece], actions: Sequence[Piece] = (), entities: Sequence[JsonValue] = (), left_out: int = 0
) -> Card:
    """Return the card in the envelope that the flow's template expects."""
    teams: Piece = {"width": "Full"}
    if entities:
        teams["entities"] = list(entities)
    content: Piece = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": teams,
        "body": list(body),
    }
    if actions:
        content["actions"] = list(actions)
    attachment: Piece = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return Card({"type": "message", "attachments": [attachment]}, left_out)
