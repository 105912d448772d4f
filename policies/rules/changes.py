"""Rules about what changed since somebody last looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from policies.frameworks import controls
from policies.memory import RememberedRegistrar, lasting_marks
from policies.registration.holders import Completeness, Holder, registration
from policies.rule import Judgement, Rule, failed, not_assessed, passed
from policies.rules.holders import PIM, ROLES, registrars
from policies.runbooks import Runbook
from policies.vocabulary import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from policies.evidence import Evidence


@dataclass(frozen=True)
class _Now:
    """Somebody as they are now (None: gone) and as they are remembered (None: never seen before)."""

    holder: Holder | None
    before: RememberedRegistrar | None


def _then_and_now(evidence: Evidence) -> Iterator[tuple[Subject, _Now]]:
    """List the registrars of now, and whoever is remembered and none any more; nobody on the first full look."""
    memory = evidence.memory
    if memory.registrars_read_at is None:
        evidence.need(Completeness.EVERYTHING)
        return
    listed = set()
    for subject, holder in registrars(evidence):
        listed.add(holder.id)
        yield subject, _Now(holder, memory.registrars.get(holder.id))
    for own, entry in memory.registrars.items():
        if own not in listed:
            yield Subject(type="principal", id=own, name=entry.name), _Now(None, entry)


def _moved(evidence: Evidence, who: _Now) -> Judgement:
    now, before = evidence.snapshot.taken_at, who.before
    if who.holder is None:
        gone = (before.gone if before else None) or now
        if _recent(gone, evidence):
            return failed(Severity.INFO, "can no longer register connectors", change="gone", since=gone.isoformat())
        return passed("has not been able to register connectors for a while")
    can, why_not = registration(who.holder, evidence.snapshot)
    if can is None:
        return not_assessed(f"whether this principal can register is not known: {why_not}")
    appeared = now if before is None or before.gone else before.appeared
    if appeared and _recent(appeared, evidence):
        return failed(Severity.INFO, "can now register connectors", change="appeared", since=appeared.isoformat())
    gained = _gained(who, evidence, activated=False)
    if not gained:
        # What somebody has activated is told by the paths that let them, and these could be unread.
        evidence.need(Completeness.EVERYTHING)
        gained = _gained(who, evidence, activated=True)
    if gained:
        return failed(Severity.INFO, "has another path to register connectors", change="gained", paths=gained)
    return passed("could register connectors before by the same paths")


def _gained(who: _Now, evidence: Evidence, *, activated: bool) -> list[str]:
    known = who.before.paths if who.before else {}
    marks = lasting_marks(who.holder, activated=activated) if who.holder else frozenset[str]()
    return sorted(mark for mark in marks if _recent(known.get(mark, evidence.snapshot.taken_at), evidence))


def _recent(moment: datetime | None, evidence: Evidence) -> bool:
    """Whether something was first seen so lately that it is still told; None is the first full look's."""
    days = timedelta(days=evidence.policy.new_connector_days)
    return moment is not None and evidence.snapshot.taken_at - moment < days


REG011 = Rule(
    id="REG011",
    title="The people who can register connectors are the same as before",
    subject="principal",
    severity=Severity.INFO,
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
        "change": "appeared, gained (another path) or gone",
        "since": "the first look that showed it, a time",
        "paths": "the paths that are new",
    },
    settings=("new_connector_days",),
)
