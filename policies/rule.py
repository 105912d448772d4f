"""Rules and their results: the judgement on one subject, and the verdict that is stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from policies.vocabulary import Ending, Outcome, Remediation, RuleKind, Severity, Subject, SubjectType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from pydantic import JsonValue

    from inventory.records import UnreadableRecord
    from policies.evidence import Evidence
    from policies.frameworks import Control
    from policies.policy_file.answers import Answer
    from policies.policy_file.waivers import Waiver
    from policies.runbooks import Runbook

E = TypeVar("E")
"""What a rule judges: `Evidence`, or for a meta rule `Review`."""
S = TypeVar("S")
"""What a rule lists for each subject and hands to its check, such as a connector."""

Fact: TypeAlias = "str | int | bool | Sequence[str] | None"
"""The types of a single fact in a judgement's evidence."""


@dataclass(frozen=True)
class Judgement:
    """The result of a rule's check for one subject.

    Attributes:
        outcome: Pass, fail, not applicable or not assessed; only the evaluator waives.
        message: The reason, in a sentence without a full stop.
        severity: How bad a failure is, where it differs from the rule's usual severity.
        evidence: The facts the judgement rests on; when one of them changes, the finding has changed.
        volatile: Facts that change with the calendar (days behind, days left): shown, never compared.
        partial: Whether part of the data could not be read: the failure is certain, its evidence may be incomplete.
        ending: Why an open finding ends, where that differs from the outcome's usual reason.
        since: When an event happened.
        acted: When an event's subject last acted anew, such as a connector that became active again.
        act: What it did then, in words.
    """

    outcome: Outcome
    message: str
    severity: Severity | None = None
    evidence: dict[str, JsonValue] = field(default_factory=dict)
    volatile: dict[str, JsonValue] = field(default_factory=dict)
    partial: bool = False
    ending: Ending | None = None
    since: datetime | None = None
    acted: datetime | None = None
    act: str = ""

    def ended_by(self, ending: Ending) -> Judgement:
        """Return the same judgement with what it says of an open finding's end."""
        return replace(self, ending=ending)

    def happened(self, since: datetime) -> Judgement:
        """Return the same judgement of an event with when that event happened, so that answers can be matched."""
        return replace(self, since=since)

    def acted_anew(self, acted: datetime | None, act: str) -> Judgement:
        """Return the same judgement of an event with when its subject last acted anew, if it has, and how."""
        return replace(self, acted=acted, act=act)

    def with_facts(self, **evidence: Fact) -> Judgement:
        """Return the same judgement with these facts as its evidence."""
        return replace(self, evidence=_plain(evidence))

    def with_volatile(self, **volatile: Fact) -> Judgement:
        """Return the same judgement with facts that are shown beside its evidence and never compared."""
        return replace(self, volatile=_plain(volatile))

    def when_partial(self, *, partial: bool) -> Judgement:
        """Return the same judgement, marked as partial if part of its data could not be read."""
        return replace(self, partial=partial)


def passed(message: str, **evidence: Fact) -> Judgement:
    """Return a pass: the subject meets the rule."""
    return Judgement(Outcome.PASS, message, evidence=_plain(evidence))


def failed(severity: Severity, message: str, **evidence: Fact) -> Judgement:
    """Return a failure: the subject does not meet the rule."""
    return Judgement(Outcome.FAIL, message, severity, _plain(evidence))


def not_applicable(message: str, **evidence: Fact) -> Judgement:
    """Return that the rule does not apply to this subject; the message gives the reason."""
    return Judgement(Outcome.NOT_APPLICABLE, message, evidence=_plain(evidence))


def not_assessed(message: str, **evidence: Fact) -> Judgement:
    """Return that data the rule needs could not be read; the message names it."""
    return Judgement(Outcome.NOT_ASSESSED, message, evidence=_plain(evidence))


def _plain(evidence: Mapping[str, Fact]) -> dict[str, JsonValue]:
    """Return evidence as JSON values; sequences become lists, but text stays text."""
    return {k: v if v is None or isinstance(v, str | int) else list(v) for k, v in evidence.items()}


@dataclass(frozen=True)
class BaseRule(Generic[E, S]):
    """A rule: its texts, the subjects it lists, and the check of one subject.

    Attributes:
        id: Such as `GRP001`; the id of a removed rule is not used again.
        kind: Whether a failure is a state, an event or news (`RuleKind`); time alone never ends an event.
        severity: The usual severity of a failure; a judgement may differ.
        why: Why a failure matters; readers may see it without any other context.
        runbook: The steps that remedy a failure; `remedy` holds them in words that fit every subject.
        subjects: Lists the subjects to judge. May raise `NotReadError` at any point: subjects listed before are
            judged, and a `not_assessed` verdict stands for the rest.
        check: Judges one subject. May raise `NotReadError`: that subject is `not_assessed`.
        when_empty: The reason of the `not_applicable` verdict on the tenant when `subjects` lists nothing. Every rule
            gives at least one verdict.
        controls: The controls that a pass is evidence for; see `policies.frameworks.controls`.
        evidence: The meaning of each key of a judgement's `evidence` and `volatile`, with its unit. `section` is left
            out: every verdict has it that follows from a `NotReadError`.
        settings: The keys of the policy file that affect the rule.
        enabled: Whether the rule runs unless the policy says otherwise.
    """

    id: str
    title: str
    subject: SubjectType
    severity: Severity
    why: str
    runbook: Runbook
    subjects: Callable[[E], Iterable[tuple[Subject, S | UnreadableRecord]]]
    check: Callable[[E, S], Judgement]
    when_empty: str
    controls: tuple[Control, ...]
    evidence: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    enabled: bool = True
    kind: RuleKind = "state"

    @cached_property
    def remedy(self) -> Remediation:
        """The runbook in words that fit every subject."""
        return Remediation(summary=self.runbook.summary, steps=self.runbook.generic, links=self.runbook.links)


@dataclass(frozen=True)
class Rule(BaseRule["Evidence", S]):
    """A rule that judges the evidence; `BaseRule` describes its attributes."""


@dataclass(frozen=True)
class MetaRule(BaseRule["Review", S]):
    """A rule that judges the verdicts of all other rules; its own failures cannot be waived."""


AnyRule = Rule[Any] | MetaRule[Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's result for one subject, as it is stored and shown.

    `key` is the same over scans and renames: the rule's id and the subject's immutable id. A large tenant has tens of
    thousands of verdicts, so they are as small as Python allows.
    """

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
    """The remedy in words that fit every subject of the rule, so that reports print it only once."""
    steps: tuple[str, ...] = ()
    """The remedy's steps for this subject where it fails and they differ from the general ones; never compared."""
    partial: bool = False
    """Whether part of a failure's data could not be read: that it fails is certain, its evidence may be incomplete."""
    speaks_for_rest: bool = False
    """Whether this verdict stands for subjects that could not be listed, so that absence proves nothing."""
    ending: Ending | None = None
    """Why an open finding ends, where that differs from the outcome's usual reason."""
    answers: tuple[Answer, ...] = ()
    """What somebody answered to the finding, the newest last; shown, never compared."""
    waiver: Waiver | None = None
    """The waiver that covers the failure, where the outcome is `waived`; shown, never compared."""


@dataclass(frozen=True)
class Review:
    """What a meta rule judges.

    Attributes:
        evidence: The evidence that the other rules judged.
        verdicts: The verdicts of each rule that ran, by the rule's id, with waivers applied.
    """

    evidence: Evidence
    verdicts: Mapping[str, Sequence[Verdict]]
