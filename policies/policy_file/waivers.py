"""Waivers: failures that somebody answers for until a day. The rule still runs; its failure is told as waived."""

from __future__ import annotations

from datetime import UTC, date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from common.ids import is_object_id
from policies.policy_file.policy_part import PolicyPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inventory.snapshot import Snapshot
    from policies.vocabulary import Subject

LONGEST_DAYS = 366
"""How many days may lie between the first and the last day of a waiver: an exception is looked at once a year."""
UNWAIVABLE = ("POL001", "POL002", "SVC")
"""How the ids of rules begin that no waiver applies to: those about waivers, and those about the service itself."""
BY_ID_ONLY = ("CON003", "CON005", "REG")
"""How the ids of rules begin whose subjects' names an attacker can choose, so that no name pattern may match them."""


class Waiver(PolicyPart):
    """One waiver: which rule, which subject, from when to when, why, and who answers for it.

    Reason, owner and end may be missing where a file is read: the waiver is void then, waives nothing, and is told of.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    id: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="What the waiver is called: letters, digits, `.`, `_` and `-`. No two waivers share an id.",
    )
    rule: str = Field(description="The id of the rule whose failure is waived, such as `GRP001`.")
    subject: str | None = Field(
        default=None,
        min_length=1,
        description="The id of the one subject whose failure is waived: what stands behind the rule's id and `/` in "
        "the finding's key. Either this or `name`.",
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        description="A pattern for the subjects' names, without case: `*` stands for any text, `?` for one character. "
        "Not for CON003, CON005 and the REG rules, whose names an attacker can choose.",
    )
    from_: date = Field(alias="from", description="The first day, in UTC, such as `2026-11-20`.")
    until: date | None = Field(
        default=None,
        description=f"The last day, to its end in UTC; at most {LONGEST_DAYS} days after `from`. "
        "Without it, or with a later one, the waiver is void.",
    )
    reason: str | None = Field(default=None, description="Why the failure is accepted. Without it the waiver is void.")
    owner: str | None = Field(default=None, description="Who answers for it. Without it the waiver is void.")
    ticket: str | None = Field(default=None, description="Where it was decided, such as a ticket's number.")
    tenant: str | None = Field(
        default=None, description="The id of the only tenant in which the waiver counts; without it, it counts in all."
    )

    @property
    def flaws(self) -> tuple[str, ...]:
        """What makes it void, in words; nothing where it is valid."""
        length = 0 if self.until is None else (self.until - self.from_).days
        checks = {
            "no reason": not (self.reason or "").strip(),
            "no owner": not (self.owner or "").strip(),
            "no end": self.until is None,
            f"longer than {LONGEST_DAYS} days": length > LONGEST_DAYS,
        }
        return tuple(flaw for flaw, is_so in checks.items() if is_so)

    def in_force(self, day: date) -> bool:
        """Return whether it waives anything on a day; a void waiver never does."""
        return not self.flaws and self.until is not None and self.from_ <= day <= self.until

    def concerns(self, tenant_id: str) -> bool:
        """Return whether it counts in a tenant."""
        return self.tenant is None or self.tenant.casefold() == tenant_id.casefold()

    def matches(self, rule_id: str, subject: Subject) -> bool:
        """Return whether it is about a rule's failure of a subject, whichever day it is."""
        if rule_id != self.rule or not is_waivable(rule_id) or (self.subject is None and self.name is None):
            return False
        by_id = self.subject is None or _same_id(self.subject, subject.id)
        return by_id and (self.name is None or (may_match_names(rule_id) and _fits(subject.name, self.name)))


def is_waivable(rule_id: str) -> bool:
    """Return whether waivers apply to a rule."""
    return not rule_id.startswith(UNWAIVABLE)


def may_match_names(rule_id: str) -> bool:
    """Return whether a waiver may choose a rule's subjects by their names."""
    return not rule_id.startswith(BY_ID_ONLY)


def day_of(snapshot: Snapshot) -> date:
    """Return the day of a look, in UTC."""
    return snapshot.taken_at.astimezone(UTC).date()


def in_force_by_rule(waivers: Iterable[Waiver], snapshot: Snapshot) -> Mapping[str, Sequence[Waiver]]:
    """Return the waivers that count in the tenant on the day of the look, by rule: the one that ends last goes first.

    Of those that end on one day the first by id goes first, so that the order in the file says nothing.
    """
    day, by_rule = day_of(snapshot), dict[str, list[Waiver]]()
    for waiver in sorted(waivers, key=_last_first):
        if waiver.in_force(day) and waiver.concerns(snapshot.tenant_id):
            by_rule.setdefault(waiver.rule, []).append(waiver)
    return by_rule


def _last_first(waiver: Waiver) -> tuple[int, str]:
    return -(waiver.until or date.min).toordinal(), waiver.id


def _same_id(first: str, other: str) -> bool:
    """Object ids are the same in either case; other ids hold names from the policy, which are not."""
    return first == other or (is_object_id(first) and first.casefold() == other.casefold())


def _fits(name: str, pattern: str) -> bool:
    """Return whether a name fits a pattern; a bracket, which fnmatch would read as a choice, is only itself."""
    return fnmatchcase(name.casefold(), pattern.casefold().replace("[", "[[]"))
