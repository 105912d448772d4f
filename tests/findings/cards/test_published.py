"""The published schema of Adaptive Cards 1.4.

`CONNECTORWATCH_FACTS` names a folder with `schemas/adaptive-card-1.4.0.json` (github.com/microsoft/AdaptiveCards,
`schemas/1.4.0/adaptive-card.json`).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema.validators import validator_for

from findings.cards import RouteFilter, change_card
from tests.findings.cards.making import flood, samples
from tests.findings.cards.reading import content

if TYPE_CHECKING:
    from findings.cards import Card

SCHEMA = Path(os.environ.get("CONNECTORWATCH_FACTS", "/nowhere")) / "schemas" / "adaptive-card-1.4.0.json"
pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason="CONNECTORWATCH_FACTS names no folder with this schema")


def complaints(card: dict[str, Any]) -> int:
    """Return in how many ways a card is wrong; what is for Teams alone (`msteams`) the schema does not know."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    plain = {key: value for key, value in card.items() if key != "msteams"}
    return sum(1 for _ in validator_for(schema)(schema).iter_errors(plain))


@pytest.mark.parametrize("card", [*samples().values(), change_card([flood()], RouteFilter())])
def test_cards_are_valid(card: Card) -> None:
    """Every kind of card, and the largest one, is valid by Microsoft's schema."""
    assert complaints(content(card)) == 0


@pytest.mark.parametrize("element", [{"type": "Table"}, {"type": "RichTextBlock", "inlines": [{"type": "TextRun"}]}])
def test_the_schema_is_really_asked(element: dict[str, Any]) -> None:
    """An element that 1.4 does not have, and a run without text, are refused."""
    assert complaints({"type": "AdaptiveCard", "version": "1.4", "body": [element]})
