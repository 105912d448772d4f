"""The cards of the sixty days, worked out by hand, and what a card says in so few words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from findings.cards import Notification, RouteFilter, change_card, service_card
from findings.cards.repeated import announced_again
from tests.findings.cards.reading import check, lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findings.cards import Card
    from findings.document import FindingsDocument

HQ1, HQ2, ROGUE = "hq-pnc01.clean.example", "hq-pnc02.clean.example", "LAPTOP-9"
POLICY = " because of the policy"
UNSEEN = ("CON001", "CON002", "CON003", "CON004", "CON005", "GRP001", "GRP002", "GRP003", "GRP004", "VER001")
"""Rules that are blind on the night on which Graph refuses everything about connectors; the card names more of them."""

CARDS: dict[int, list[str]] = {
    0: [
        "First scan",
        f"MEDIUM {HQ1} VER003 New",
        f"MEDIUM {HQ2} VER003 New",
    ],
    3: [
        "Changes",
        f"MEDIUM {HQ1} VER003 Resolved",
    ],
    5: ["Changes", f"MEDIUM {HQ2} VER003 Resolved"],
    10: ["Changes", "HIGH Head office GRP001 New", f"MEDIUM {HQ2} CON001 New"],
    20: [
        "Changes",
        f"LOW {HQ2} CON002 New",
        "HIGH Head office GRP001 Changed",
        f"MEDIUM {HQ2} CON001 Resolved",
    ],
    22: ["Changes", f"LOW {HQ2} CON002 Changed", "HIGH Head office GRP001 Resolved"],
    30: ["Changes", f"HIGH {ROGUE} CON003 New", "INFO lab-has-one POL001 New"],
    33: ["Changes", "blind"],
    34: ["Changes", f"HIGH {ROGUE} CON002 New", f"HIGH {ROGUE} CON003 Resolved"],
    45: ["Changes", "HIGH Laboratory GRP001 Got worse", "INFO lab-has-one POL001 Changed"],
    50: [
        "Changes",
        f"HIGH HQ GRP001 Came back{POLICY}",
        f"HIGH Laboratory GRP001 Changed{POLICY}",
        f"LOW {HQ2} CON002 Resolved",
        "INFO lab-has-one POL001 Resolved",
    ],
}
"""By day; on all other days there is no card."""


def cards_of(documents: Mapping[int, FindingsDocument]) -> dict[int, list[str]]:
    """Return what the cards of the days say; a day without a card is left out, and so are cards of the service."""
    found = {}
    before = None
    for day, document in sorted(documents.items()):
        told = Notification(document.tenant, announced_again(document, before), document)
        card, before = change_card([told], RouteFilter()), document
        assert service_card([told], RouteFilter()) is None
        if card is not None:
            found[day] = _short(card)
    return found


def _short(card: Card) -> list[str]:
    check(card)
    said = lines(card)
    short = [said[0].partition(":")[0]]
    for severity, own, why in zip(said, said[1:], [*said[2:], ""], strict=False):
        if re.fullmatch(r"[A-Z]{3,8}", severity):
            name, _, told = own.partition("  ")
            rule, _, kind = told.partition(" · ")
            policy = "because the policy changed" in kind or "the policy changed, not the tenant" in why
            kind = kind.partition(",")[0].partition(" because")[0]
            short.append(f"{severity} {name} {rule} {kind}{POLICY if policy else ''}")
    short += [line for line in said if line.startswith("and ")]
    blind = {line.partition(" ")[0] for line in said if "not assessed)" in line}
    return [*short, *(["blind"] if blind >= set(UNSEEN) else sorted(blind))]
