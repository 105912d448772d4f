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
    """The outcome of a verdict."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASSESSED = "not_assessed"


class Subject(BaseModel):
    """The subject of a verdict. The id never changes; the name is for display only."""

    model_config = ConfigDict(frozen=True)

    type: SubjectType
    id: str
    name: str

    @property
    def is_setting(self) -> bool:
        """Whether it is a name in the policy: the tenant's type, with the setting before the colon of its id."""
        return self.type == "tenant" and ":" in self.id and not self.is_registration

    @property
    def is_registration(self) -> bool:
        """Whether it is a connector known only by the audit event of its registration (CON005).

        Results of earlier versions give it the tenant's type.
        """
        return self.id.startswith("event:")


class Remediation(BaseModel):
    """The remedy for a failure: a summary, steps in order, links to documentation."""

    model_config = ConfigDict(frozen=True)

    summary: str
    steps: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
