"""What the parts of findings.json share, and those parts that tell of rules and of scans over time."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from common.moments import Moment
from policies.policy_file.answers import AnswerVerdict
from policies.vocabulary import Outcome, Severity


class Part(BaseModel):
    """What all parts of the document share: frozen, open to keys of a newer minor version."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="ignore",
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
    )


class TrendPoint(Part):
    """One scan in numbers, for charts over time; null where what is counted was not read.

    `groups_redundant` of `groups_judged` passed GRP001, `connectors_current` of `connectors_judged` passed VER003.
    """

    scan: str
    at: Moment
    complete: bool
    outcomes: dict[Outcome, int]
    failing: dict[Severity, int]
    groups: int | None = None
    connectors: int | None = None
    active: int | None = None
    applications: int | None = None
    registrars: int | None = None
    groups_redundant: int | None = None
    groups_judged: int | None = None
    connectors_current: int | None = None
    connectors_judged: int | None = None


class ControlInfo(Part):
    """One control of a framework that a rule helps to show: NIST SP 800-53, ISO/IEC 27001, CIS Controls, ATT&CK."""

    framework: str
    id: str
    name: str


class RuleInfo(Part):
    """One rule that spoke: its words, told once however many verdicts it gave."""

    id: str
    title: str
    why: str
    severity: Severity
    controls: tuple[ControlInfo, ...] = ()


class AnswerInfo(Part):
    """What somebody answered to a finding about an event: the newest answer, whether it ends the finding or not."""

    verdict: AnswerVerdict
    reason: str
    by: str
    at: Moment
