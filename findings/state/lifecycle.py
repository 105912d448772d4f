"""What a scan's verdicts do to the findings remembered. Pure: a state and verdicts in, a new state out.

A finding is open or resolved. It resolves only by an answer: its own `pass` or `not_applicable`, its subject's absence
from a list that was read in full, or its rule being switched off. A day on which nobody could look moves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from common.errors import RuleError
from common.json_bytes import canonical
from findings.state.document import SCANS_KEPT
from findings.state.events import appended, brief, closed, unassessed
from findings.state.parts import Event, StoredFact
from findings.state.record import FindingState, StoredAnswer, StoredSubject
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from findings.document import Change
    from findings.state.document import ScanMeta, State
    from findings.state.parts import ResolvedBy
    from policies.rule import Verdict
    from policies.vocabulary import Ending

Failing = Literal[Outcome.FAIL, Outcome.WAIVED]


def is_superseded(state: State, scan: ScanMeta) -> bool:
    """Return whether a newer scan was applied before this one, which therefore must change nothing.

    A scan that was applied itself is not superseded, whatever came after it.
    """
    if not state.scans or state.has_applied(scan.id):
        return False
    newest = state.scans[-1]
    return (scan.taken_at, scan.id) < (newest.taken_at, newest.id)


def apply(state: State, scan: ScanMeta, verdicts: Sequence[Verdict], ran: frozenset[str]) -> State:
    """Return the state after a scan; the very same state if the scan was applied already or is superseded.

    Args:
        state: What was remembered before; left untouched.
        scan: Which scan gave the verdicts.
        verdicts: What the rules said, in any order.
        ran: Ids of the rules that ran. Findings of any other rule resolve as `rule_disabled`.

    Raises:
        RuleError: Two verdicts share a key, a verdict comes from a rule that did not run, or its evidence is no JSON.
    """
    if state.has_applied(scan.id) or is_superseded(state, scan):
        return state
    by_key = _by_key(verdicts, ran)
    unlisted = frozenset(verdict.rule for verdict in verdicts if verdict.speaks_for_rest)
    findings = {
        key: record if key in by_key else _unmentioned(record, scan, ran, unlisted)
        for key, record in state.findings.items()
    }
    for key, verdict in by_key.items():
        record = _judged(state.findings.get(key), verdict, scan)
        if record is not None:
            findings[key] = _with_answers(record, verdict)
    return state.model_copy(
        update={
            "revision": state.revision + 1,
            "findings": findings,
            "scans": (*state.scans, scan)[-SCANS_KEPT:],
            "unpublished": (*state.unpublished, scan.id),
        }
    )


def _by_key(verdicts: Sequence[Verdict], ran: frozenset[str]) -> Mapping[str, Verdict]:
    by_key: dict[str, Verdict] = {}
    for verdict in verdicts:
        if verdict.key in by_key:
            raise RuleError(f"Two verdicts share the key {verdict.key}: a defect of {verdict.rule}, please report it.")
        if verdict.rule not in ran:
            raise RuleError(f"There is a verdict {verdict.key}, but {verdict.rule} did not run: please report this.")
        by_key[verdict.key] = verdict
    return by_key


def _judged(record: FindingState | None, verdict: Verdict, scan: ScanMeta) -> FindingState | None:
    """Return what to remember of a subject that its rule spoke about; None where there is nothing to remember."""
    if verdict.outcome is Outcome.FAIL or verdict.outcome is Outcome.WAIVED:
        return _failing(record, verdict, verdict.outcome, scan)
    if record is None:
        return None
    if verdict.outcome is Outcome.NOT_ASSESSED:
        return _stale(record, scan)
    events = closed(record.events, scan.taken_at)
    answered = record.model_copy(update={"assessed_at": scan.taken_at, "stale": False, "events": events})
    if answered.state == "resolved":
        return answered
    passes = verdict.outcome is Outcome.PASS
    ending = verdict.ending or ("fixed" if passes else "left_scope")
    return _resolved(answered, scan, "fixed" if passes else "not_applicable", ending)


def _with_answers(record: FindingState, verdict: Verdict) -> FindingState:
    """Return a finding with the answers that its verdict knows; those of before are kept where it knows none."""
    if not verdict.answers:
        return record
    answers = tuple(StoredAnswer(**answer.model_dump()) for answer in verdict.answers)
    return record.model_copy(update={"answers": answers})


def _unmentioned(record: FindingState, scan: ScanMeta, ran: frozenset[str], unlisted: frozenset[str]) -> FindingState:
    """Return what to remember of a subject that no verdict is about."""
    if record.state == "resolved":
        return record
    if record.rule not in ran:
        return _resolved(record, scan, "rule_disabled", "not_asked")
    if record.rule in unlisted:
        return _stale(record, scan)
    return _resolved(record, scan, "subject_gone", "left_scope")


def _stale(record: FindingState, scan: ScanMeta) -> FindingState:
    """Return what to remember where nobody could look; the story tells it of open findings, once."""
    if record.stale or record.state == "resolved":
        return record.model_copy(update={"stale": True})
    event = Event(at=scan.taken_at, scan=scan.id, change="unassessed")
    return record.model_copy(update={"stale": True, "events": unassessed(record.events, event)})


def _failing(record: FindingState | None, verdict: Verdict, outcome: Failing, scan: ScanMeta) -> FindingState:
    change = _change(record, verdict)
    if record is None:
        return _opened(verdict, outcome, scan)
    half = _only_half_seen(record, verdict)
    facts = {"severity": verdict.severity, "message": verdict.message, "evidence": verdict.evidence}
    seen = {
        "subject": record.subject.model_copy(update=verdict.subject.model_dump()),
        **({} if half else facts),
        "outcome": outcome,
        "state": "open",
        "last_seen": scan.taken_at,
        "resolved_at": None,
        "resolved_by": None,
        "ending": None,
        "assessed_at": scan.taken_at,
        "stale": False,
        "events": closed(record.events, scan.taken_at),
    }
    after = record.model_copy(update=seen)
    if change is None:
        return after
    moved = _moved(record, after)
    event = _opening(verdict, change, scan) if change == "reopened" else _step(change, scan)
    events = appended(after.events, event.model_copy(update={"moved": tuple(map(brief, moved))}))
    correction = record.correction if change == "reopened" else None
    return after.model_copy(
        update={
            "change": change,
            "change_scan": scan.id,
            "moved": moved,
            "cause": None,
            "correction": correction,
            "events": events,
        }
    )


def _opened(verdict: Verdict, outcome: Failing, scan: ScanMeta) -> FindingState:
    """Return what to remember of a failure that was never seen before."""
    return FindingState(
        key=verdict.key,
        rule=verdict.rule,
        subject=StoredSubject(**verdict.subject.model_dump()),
        severity=verdict.severity,
        message=verdict.message,
        evidence=verdict.evidence,
        outcome=outcome,
        state="open",
        change="new",
        change_scan=scan.id,
        first_seen=scan.taken_at,
        last_seen=scan.taken_at,
        assessed_at=scan.taken_at,
        events=appended((), _opening(verdict, "new", scan)),
    )


def _step(change: Change, scan: ScanMeta) -> Event:
    return Event(at=scan.taken_at, scan=scan.id, change=change)


def _opening(verdict: Verdict, change: Change, scan: ScanMeta) -> Event:
    waived = verdict.outcome is Outcome.WAIVED
    return Event(at=scan.taken_at, scan=scan.id, change=change, severity=verdict.severity, waived=waived)


def _moved(before: FindingState, after: FindingState) -> tuple[StoredFact, ...]:
    """Return the facts that differ, severity and outcome first; a fact that one of them does not have is null there."""
    old, new = _named(before), _named(after)
    return tuple(
        StoredFact(what=what, before=old.get(what), after=new.get(what))
        for what in old | new
        if what not in old or what not in new or canonical(old[what]) != canonical(new[what])
    )


def _named(record: FindingState) -> dict[str, JsonValue]:
    evidence = {f"evidence.{name}": value for name, value in sorted(_known(record.evidence).items())}
    return {"severity": record.severity.value, "outcome": record.outcome.value, **evidence}


def _change(record: FindingState | None, verdict: Verdict) -> Change | None:
    """Return what a failing verdict changes; the message, the subject's name and aside are shown, never compared."""
    facts = _facts(verdict)
    if record is None:
        return "new"
    if record.state == "resolved":
        return "reopened"
    if _only_half_seen(record, verdict):
        return None if record.outcome is verdict.outcome else "changed"
    return None if facts == _facts(record) else "changed"


def _only_half_seen(record: FindingState, verdict: Verdict) -> bool:
    """Return whether an open finding is seen again by half: that it is still there is certain, no more than that."""
    return verdict.partial and record.state == "open"


def _facts(source: FindingState | Verdict) -> bytes:
    """Return what is compared, as JSON: Python takes 1 and true for equal, and both outlive a rewrite as they are."""
    try:
        return canonical([source.severity, source.outcome, _known(source.evidence)])
    except ValueError as error:
        raise RuleError(
            f"The evidence of {source.key} cannot be stored ({error}): a defect of {source.rule}, please report it."
        ) from error


def _known(evidence: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the facts that are compared: one that is null says as little as one that is not there."""
    return {name: value for name, value in evidence.items() if value is not None}


def _resolved(record: FindingState, scan: ScanMeta, by: ResolvedBy, ending: Ending) -> FindingState:
    event = _step("resolved", scan).model_copy(update={"resolved_by": by, "ending": ending})
    return record.model_copy(
        update={
            "state": "resolved",
            "change": "resolved",
            "change_scan": scan.id,
            "moved": (),
            "cause": None,
            "resolved_at": scan.taken_at,
            "resolved_by": by,
            "ending": ending,
            "correction": None,
            "stale": False,
            "events": appended(closed(record.events, scan.taken_at), event),
        }
    )
