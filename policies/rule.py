"""What a rule is, what it may say, and how what it says is written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from policies.policy_file.waivers import Waiver
from policies.vocabulary import Ending, Outcome, Remediation, RuleKind, Severity, Subject, SubjectType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from policies.evidence import Evidence
    from policies.runbooks import Runbook

E = TypeVar("E")
"""What a rule looks at."""
S = TypeVar("S")
"""What a rule knows of one subject."""

Fact: TypeAlias = "str | int | bool | Sequence[str] | None"
"""What evidence is made of."""


@dataclass(frozen=True)
class Judgement:
    """What a rule says of one subject.

    `evidence` holds the facts the judgement rests on; when one of them moves, the finding has changed. `aside` holds
    what moves by itself with the calendar (days behind, days left) and is shown, never compared. `partial` says that
    part of what it rests on could not be read: the failure is proven, and how bad it is may only seem to have moved.
    `ending` says why an open finding ends where that differs from the outcome's usual reason. `since` is when an event
    happened.
    """

    outcome: Outcome
    message: str
    severity: Severity | None = None
    evidence: dict[str, JsonValue] = field(default_factory=dict)
    volatile: dict[str, JsonValue] = field(default_factory=dict)
    partial: bool = False
    ending: Ending | None = None
    since: datetime | None = None

    def ended_by(self, ending: Ending) -> Judgement:
        """Return the same judgement with what it says of an open finding's end."""
        return replace(self, ending=ending)

    def happened(self, since: datetime) -> Judgement:
        """Return the same judgement of an event with when that event happened, so that answers can be matched."""
        return replace(self, since=since)

    def with_facts(self, **evidence: Fact) -> Judgement:
        """Return the same judgement with these facts as its evidence."""
        return replace(self, evidence=_plain(evidence))

    def with_volatile(self, **volatile: Fact) -> Judgement:
        """Return the same judgement with what is shown beside its evidence, and never compared."""
        return replace(self, volatile=_plain(volatile))

    def when_partial(self, *, partial: bool) -> Judgement:
        """Return the same judgement, marked if part of what it rests on could not be read."""
        return replace(self, partial=partial)


def passed(message: str, **evidence: Fact) -> Judgement:
    """Return the judgement that the subject is as it should be."""
    return Judgement(Outcome.PASS, message, evidence=_plain(evidence))


def failed(severity: Severity, message: str, **evidence: Fact) -> Judgement:
    """Return the judgement that the subject is not as it should be."""
    return Judgement(Outcome.FAIL, message, severity, _plain(evidence))


def not_applicable(message: str, **evidence: Fact) -> Judgement:
    """Return the judgement that the rule does not speak about this subject, and why."""
    return Judgement(Outcome.NOT_APPLICABLE, message, evidence=_plain(evidence))


def not_assessed(message: str, **evidence: Fact) -> Judgement:
    """Return the judgement that something needed could not be seen, and what."""
    return Judgement(Outcome.NOT_ASSESSED, message, evidence=_plain(evidence))


def _plain(evidence: Mapping[str, Fact]) -> dict[str, JsonValue]:
    """Return evidence as it is stored; text that is a sequence of letters stays text."""
    return {k: v if v is None or isinstance(v, str | int) else list(v) for k, v in evidence.items()}


@dataclass(frozen=True)
class BaseRule(Generic[E, S]):
    """One rule: its words and its check, side by side.

    Attributes:
        id: Such as `GRP001`; never reused.
        kind: Whether a failure is a state, an event or news (`RuleKind`); time alone never ends an event.
        severity: The usual severity of a failure; a judgement may differ.
        why: Why it matters, for somebody who reads the finding at night.
        runbook: What to do about a failure; `remedy` is the same for anybody.
        subjects: Lists what the rule speaks about. May raise `NotReadError` at any point of the list: what it listed
            before is judged, and the rule says `not_assessed` for the rest.
        check: Judges one subject. May raise `NotReadError`: that subject is `not_assessed`.
        nobody: What to say when `subjects` lists nothing. A rule is never silent.
        evidence: What each key of a judgement's evidence and aside means, with its unit. `section`, which a judgement
            of any rule holds where `NotReadError` was raised, is not among them.
        settings: The keys of the policy file that steer it.
        enabled: Whether it runs unless the policy says otherwise.
    """

    id: str
    title: str
    subject: SubjectType
    severity: Severity
    why: str
    runbook: Runbook
    subjects: Callable[[E], Iterable[tuple[Subject, S]]]
    check: Callable[[E, S], Judgement]
    when_empty: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    enabled: bool = True
    kind: RuleKind = "state"

    @cached_property
    def remedy(self) -> Remediation:
        """What to do about a failure, in words that fit every subject."""
        return Remediation(summary=self.runbook.summary, steps=self.runbook.generic, links=self.runbook.links)


@dataclass(frozen=True)
class Rule(BaseRule["Evidence", S]):
    """A rule that judges the evidence; see `BaseRule` for its parts."""


@dataclass(frozen=True)
class MetaRule(BaseRule["Review", S]):
    """A rule that judges what the other rules said, once they all spoke; nothing it says can be waived."""


AnyRule = Rule[Any] | MetaRule[Any]


class Verdict(BaseModel):
    """What one rule says of one subject, ready to be stored, remembered and shown.

    `key` is stable over scans and renames: rule and immutable subject id within a tenant.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    rule: str
    title: str
    outcome: Outcome
    severity: Severity
    subject: Subject
    message: str
    evidence: dict[str, JsonValue]
    volatile: dict[str, JsonValue]
    remediation: Remediation
    """What to do, in words that fit every subject of the rule: the same for all of them, so that it is told once."""
    steps: tuple[str, ...] = ()
    """The remedy's steps for this subject where it fails and they differ from the general ones; never compared."""
    partial: bool = False
    """Whether part of what a failure rests on could not be read, so that only its being there is certain."""
    speaks_for_rest: bool = False
    """Whether this says that the rule could not list all its subjects, so that absence proves nothing."""
    ending: Ending | None = None
    """Why an open finding ends, where that differs from the outcome's usual reason."""
    waiver: Waiver | None = None
    """Which waiver covers the failure, where the outcome is `waived`; shown, never compared."""


@dataclass(frozen=True)
class Review:
    """What a late rule looks at.

    Attributes:
        evidence: What was judged.
        said: What each rule that ran said of it, waived where a waiver covers it, by the rule's id.
    """

    evidence: Evidence
    said: Mapping[str, Sequence[Verdict]]
