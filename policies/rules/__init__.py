"""All rules, in the order in which they are shown. A rule that is not in this tuple does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.rules.capacity import CAP001
from policies.rules.catalogue import VER005
from policies.rules.changes import REG011
from policies.rules.connectors import CON001, CON004
from policies.rules.group_owners import REG010
from policies.rules.group_use import GRP003, GRP004, GRP005
from policies.rules.newcomers import CON003
from policies.rules.outdated import VER003, VER004
from policies.rules.policy import POL003
from policies.rules.reach import REG002, REG008, REG009
from policies.rules.redundancy import GRP001, GRP002
from policies.rules.registrars import REG001, REG003, REG004, REG005, REG006, REG007
from policies.rules.supported import VER001, VER002
from policies.rules.vanished import CON002, CON005
from policies.rules.waivers import POL001, POL002

if TYPE_CHECKING:
    from policies.rule import AnyRule

RULES: tuple[AnyRule, ...] = (
    GRP001,
    GRP002,
    GRP003,
    GRP004,
    GRP005,
    CON001,
    CON002,
    CON003,
    CON004,
    CON005,
    VER001,
    VER002,
    VER003,
    VER004,
    VER005,
    REG001,
    REG002,
    REG003,
    REG004,
    REG005,
    REG006,
    REG007,
    REG008,
    REG009,
    REG010,
    REG011,
    POL001,
    POL002,
    POL003,
    CAP001,
)

RULE_IDS = frozenset(rule.id for rule in RULES)

EVENT_RULE_IDS: frozenset[str] = frozenset(rule.id for rule in RULES if rule.kind == "event")
"""The ids of the rules about something that happened, whose findings people answer."""
