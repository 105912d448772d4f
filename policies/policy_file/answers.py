"""Answers: what somebody says about an event that a finding reports. The newest answer to a finding counts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.moments import Moment
from policies.policy_file.policy_part import PolicyPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

AnswerVerdict = Literal["expected", "wrong", "handled"]
"""`expected`: it was meant. `wrong`: it was not meant. `handled`: whatever it was, it has been dealt with."""

LONGEST_KEY, LONGEST_REASON, LONGEST_NAME = 300, 1000, 200
"""The most characters of a finding's key, of a reason, and of the name of who answers."""


class Answer(PolicyPart):
    """One answer: to which finding, what it says, why, by whom and when."""

    key: str = Field(
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[^/]+/.+$",
        description="The finding's key, RULE/subject-id. Only findings about something that happened are answered: "
        "those of CON003, CON005 and REG011.",
    )
    verdict: AnswerVerdict = Field(
        description="`expected` ends the finding: it was meant. `wrong` confirms it: it stays open and high until its "
        "subject is gone. `handled` ends it until its subject acts anew."
    )
    reason: str = Field(min_length=1, max_length=LONGEST_REASON, pattern=r"\S", description="Why.")
    by: str = Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S", description="Who answers.")
    at: Moment = Field(
        description="When it was answered, such as `2026-11-20T09:30:00Z`. It covers what happened until then, and "
        "counts in scans from then on."
    )
    tenant: str | None = Field(
        default=None, description="The id of the only tenant in which it counts; without it, it counts in all."
    )

    def concerns(self, tenant_id: str) -> bool:
        """Return whether it counts in a tenant."""
        return self.tenant is None or self.tenant.casefold() == tenant_id.casefold()

    def says_the_same(self, other: Answer) -> bool:
        """Return whether another answer to the same finding has the same content, whenever it was given."""
        return (self.verdict, self.reason, self.by) == (other.verdict, other.reason, other.by)

    def covers(self, happened: datetime, acted: datetime | None) -> bool:
        """Return whether it ends the finding about an event.

        Args:
            happened: When the event happened, or which scan showed it first.
            acted: When its subject last acted anew; None if it has not.
        """
        if self.verdict == "wrong" or self.at < happened:
            return False
        return self.verdict == "expected" or acted is None or acted <= self.at


def answers_by_key(answers: Iterable[Answer], tenant_id: str, until: datetime) -> Mapping[str, Sequence[Answer]]:
    """Return the answers that count in a tenant at a moment, by their keys in lower case; the newest comes last.

    Of two with one moment, the one that was listed later is the newer. An answer that is listed twice counts once.
    """
    by_key: dict[str, list[Answer]] = {}
    for answer in sorted(answers, key=_moment):
        if answer.at <= until and answer.concerns(tenant_id):
            same_key = by_key.setdefault(answer.key.casefold(), [])
            if not any(other.at == answer.at and other.says_the_same(answer) for other in same_key):
                same_key.append(answer)
    return by_key


def _moment(answer: Answer) -> datetime:
    return answer.at
