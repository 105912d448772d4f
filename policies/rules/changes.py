"""Rules about what changed since somebody last looked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inventory.roles import GLOBAL_ADMINISTRATOR
from policies.frameworks import controls
from policies.memory import RememberedRegistrar, lasting_marks, path_key
from policies.registration.holders import Completeness, Holder, registration
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.holders import PIM, ROLES, registrars
from policies.runbooks import Runbook, day
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from policies.evidence import Evidence
    from policies.vocabulary import Subject


@dataclass(frozen=True)
class _Now:
    """A principal as it is now and as it is remembered (None: never seen before)."""

    holder: Holder
    before: RememberedRegistrar | None


def _then_and_now(evidence: Evidence) -> Iterator[tuple[Subject, _Now]]:
    """List the registrars of now; nobody on the first full scan.

    Whoever can no longer register connectors is a change of the inventory and no finding.
    """
    memory = evidence.memory
    if memory.registrars_read_at is None:
        evidence.need(Completeness.EVERYTHING)
        return
    for subject, holder in registrars(evidence):
        yield subject, _Now(holder, memory.registrars.get(holder.id))


def _moved(evidence: Evidence, who: _Now) -> Judgement:
    can, why_not = registration(who.holder, evidence.snapshot)
    if can is None:
        return not_assessed(f"whether this principal can register is not known: {why_not}")
    now, before = evidence.snapshot.taken_at, who.before
    appeared = now if before is None or before.gone else before.appeared
    if appeared is not None and _is_asked(appeared, before):
        return _appeared(evidence, who, appeared)
    gained = _gained(who.holder, before, now, activated=False)
    if not gained:
        # What somebody has activated is shown by the paths that let them, and these could be unread.
        evidence.need(Completeness.EVERYTHING)
        gained = _gained(who.holder, before, now, activated=True)
    if gained:
        return _event(evidence, who, max(gained.values()), gained.keys()).with_facts(
            change="gained", paths=sorted(gained)
        )
    return passed("could register connectors before by the same paths").ended_by("left_scope")


def _appeared(evidence: Evidence, who: _Now, appeared: datetime) -> Judgement:
    """Return the judgement of a principal who appeared, and of the paths that they gained since then."""
    gained = _gained(who.holder, who.before, evidence.snapshot.taken_at, activated=True)
    later = {mark: moment for mark, moment in gained.items() if moment > appeared}
    judgement = _event(evidence, who, appeared, None)
    if not later:
        return judgement.with_facts(change="appeared", since=appeared.isoformat())
    newest = max(later.values())
    judgement = replace(judgement, message=f"{judgement.message}; the newest path since {day(newest)}")
    judgement = judgement.with_facts(change="appeared", since=appeared.isoformat(), paths=sorted(later))
    return judgement if judgement.since is None else judgement.happened(newest)


def _event(evidence: Evidence, who: _Now, since: datetime, marks: AbstractSet[str] | None) -> Judgement:
    """Return the judgement of a principal who appeared or gained paths: an event while the policy names nobody.

    Args:
        evidence: What is judged.
        who: The principal, now and before.
        since: The scan that first showed it.
        marks: The paths that were gained; None for whoever appeared.
    """
    what = "can register connectors" if marks is None else "has another path to register connectors"
    if evidence.policy.expected_registrars and not _is_confirmed(evidence, who):
        why = "the policy names who is meant to register connectors (see REG003)"
        return not_applicable(f"{what}; {why}").ended_by("not_asked")
    now = [path for path in who.holder.tenant_wide if marks is None or path_key(path) in marks]
    roles = {path.role_id for path in now} | {_role(mark) for mark in marks or (who.before.paths if who.before else ())}
    message = f"{what} since {day(since)}: {'; '.join(sorted({path.words for path in now}))}"
    return failed(Severity.HIGH if GLOBAL_ADMINISTRATOR in roles else Severity.MEDIUM, message).happened(since)


def _is_confirmed(evidence: Evidence, who: _Now) -> bool:
    return evidence.is_confirmed(f"REG011/{who.holder.id}")


def _role(mark: str) -> str:
    """Return the id of the role that a remembered path leads to."""
    return mark.partition("|")[0]


def _gained(
    holder: Holder, before: RememberedRegistrar | None, now: datetime, *, activated: bool
) -> dict[str, datetime]:
    """Return the paths that came after somebody was first seen, each with the scan that first showed it."""
    known = before.paths if before else {}
    since = {mark: known.get(mark, now) for mark in lasting_marks(holder, activated=activated)}
    return {mark: moment for mark, moment in since.items() if moment is not None and _is_asked(moment, before)}


def _is_asked(moment: datetime | None, before: RememberedRegistrar | None) -> bool:
    """Return whether a change is asked about: not of the first full scan, and not settled before changes were kept."""
    return moment is not None and (before is None or before.settled is None or moment > before.settled)


REG011 = Rule(
    id="REG011",
    title="The people who can register connectors are the same as before",
    subject="principal",
    severity=Severity.MEDIUM,
    why="Whoever appears among the registrars was let in by somebody; the day it happens is the day to ask.",
    runbook=Runbook(
        summary="Check that the change was meant.",
        steps=(
            "Look in the audit log for who changed the assignments of {who}, or the group.",
            "Undo it if nobody asked for it.",
        ),
        links=(ROLES, PIM),
    ),
    subjects=_then_and_now,
    check=_moved,
    when_empty="this is the first look at everybody who can register connectors, or nobody can",
    controls=controls(nist="AC-2 AU-6", iso="A.5.18 A.8.15", cis="5.1 8.11", attack="T1098.003"),
    evidence={
        "change": "appeared, or gained (another path)",
        "since": "the first look that showed it, a time",
        "paths": "the paths that are new",
    },
    settings=("expected_registrars", "answers"),
    kind="event",
)
