"""The words that rules, findings and policies share: severity, outcome, subject and remediation."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

RuleKind = Literal["state", "event", "news"]
"""What a rule's failure is: true now (`state`), something that happened (`event`), or worth saying once (`news`)."""

Ending = Literal["fixed", "left_scope", "answered", "not_asked"]
"""Why a finding ended: its check passes on changed facts, its subject left, somebody answered, the policy moved."""

SubjectType = Literal["group", "connector", "principal", "role", "application", "waiver", "route", "tenant"]


class Severity(StrEnum):
    """How bad a failure is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst, rising."""
        return list(Severity).index(self)


class Outcome(StrEnum):
    """What a rule can say of a subject. Silence is not among them."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASSESSED = "not_assessed"


class Subject(BaseModel):
    """What a verdict is about. The id never changes; the name is only shown."""

    model_config = ConfigDict(frozen=True)

    type: SubjectType
    id: str
    name: str


class Remediation(BaseModel):
    """What to do about a failure: one line, then steps in order, then where to read on."""

    model_config = ConfigDict(frozen=True)

    summary: str
    steps: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
