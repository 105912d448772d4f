"""Meta rules about waivers that are about to end, have ended, are void, or match no failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.frameworks import controls
from policies.policy_file.waivers import day_of
from policies.rule import Judgement, MetaRule, failed, not_applicable, not_assessed, passed
from policies.runbooks import Runbook
from policies.vocabulary import Outcome, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policies.policy_file.waivers import Waiver
    from policies.rule import Review, Verdict

ENDING_DAYS = 14
"""How many days before its last day a waiver is reported as ending."""
_FAILING = (Outcome.FAIL, Outcome.WAIVED)
_LINKS = (
    "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
)  # control CA-5, weaknesses that are accepted for a time


def _waivers(review: Review) -> Iterator[tuple[Subject, Waiver]]:
    for waiver in review.evidence.policy.waivers:
        yield Subject(type="waiver", id=waiver.id, name=waiver.id), waiver


def _verdicts_of_rule(review: Review, waiver: Waiver) -> Sequence[Verdict]:
    """Return the verdicts of the waiver's rule; none if the rule is disabled or does not exist."""
    return review.verdicts.get(waiver.rule, ())


def _matched(review: Review, waiver: Waiver, *outcomes: Outcome) -> list[Verdict]:
    """Return the verdicts with these outcomes that a waiver matches, whatever its dates."""
    verdicts = (verdict for verdict in _verdicts_of_rule(review, waiver) if verdict.outcome in outcomes)
    return [verdict for verdict in verdicts if waiver.matches(verdict.rule, verdict.subject)]


def _incomplete(review: Review, waiver: Waiver) -> bool:
    """Return whether the waiver's rule could not assess all subjects, so that a missing match proves nothing."""
    return any(verdict.outcome is Outcome.NOT_ASSESSED for verdict in _verdicts_of_rule(review, waiver))


def _elsewhere(review: Review, waiver: Waiver) -> bool:
    return not waiver.concerns(review.evidence.snapshot.tenant_id)


def _ending(review: Review, waiver: Waiver) -> Judgement:
    if _elsewhere(review, waiver):
        return not_applicable("it names another tenant")
    head, flaws = f"the waiver of {waiver.rule}", waiver.flaws
    if flaws or waiver.until is None:
        words = f"{head} is void and waives nothing: {', '.join(flaws)}"
        return failed(Severity.INFO, words, waives=waiver.rule, state="void", flaws=flaws)
    day, until = day_of(review.evidence.snapshot), waiver.until.isoformat()
    if day > waiver.until:
        return _ended(review, waiver, head, until)
    left = (waiver.until - day).days
    if waiver.from_ <= day and left <= ENDING_DAYS:
        ending = failed(Severity.INFO, f"{head} ends on {until}", waives=waiver.rule, state="ending", until=until)
        return ending.with_volatile(days_left=left)
    return passed(f"it ends on {until}", waives=waiver.rule, until=until)


def _ended(review: Review, waiver: Waiver, head: str, until: str) -> Judgement:
    """Judge a waiver after its last day; failures that another waiver covers are left out."""
    failing = [verdict.subject.id for verdict in _matched(review, waiver, Outcome.FAIL)]
    if failing:
        words = f"{head} ended on {until}, and what it waived still fails"
        return failed(Severity.INFO, words, waives=waiver.rule, state="ended", until=until, failing=failing)
    if _incomplete(review, waiver):
        return not_assessed(f"{waiver.rule} could not look at everything, so what it waived may still fail")
    return passed(f"it ended on {until}, and nothing that it waived fails", waives=waiver.rule, until=until)


def _unused(review: Review, waiver: Waiver) -> Judgement:
    if _elsewhere(review, waiver):
        return not_applicable("it names another tenant")
    if day_of(review.evidence.snapshot) < waiver.from_:
        return not_applicable(f"it begins on {waiver.from_}")
    if not _verdicts_of_rule(review, waiver):
        return not_applicable(f"{waiver.rule} is switched off")
    if _matched(review, waiver, *_FAILING):
        return passed("it matches a failure", waives=waiver.rule)
    if _incomplete(review, waiver):
        return not_assessed(f"{waiver.rule} could not look at everything, so it may match what was not seen")
    return failed(Severity.INFO, f"no failure of {waiver.rule} matches the waiver", waives=waiver.rule)


POL001 = MetaRule(
    id="POL001",
    title="Waivers are valid and not about to end",
    subject="waiver",
    severity=Severity.INFO,
    why="After its last day a waived failure fails again, and a waiver without reason, owner or end waives nothing: "
    "better to know before somebody is called.",
    runbook=Runbook(
        summary="Mend what the waiver covers, or decide anew before it ends.",
        steps=(
            "Look at the failure that {waiver} covers: if it is mended, take the waiver out of the policy file.",
            "If it is to be accepted for longer, write a waiver that begins the day after this one ends (`--from`).",
            "If the waiver is void, add what it lacks, or make it shorter.",
        ),
        links=_LINKS,
    ),
    subjects=_waivers,
    check=_ending,
    when_empty="the policy has no waivers",
    controls=controls(nist="CA-5", iso="A.5.36", cis="7.2"),
    evidence={
        "waives": "the rule whose failures it waives",
        "state": "void, ending or ended",
        "flaws": "why it is void",
        "until": "its last day",
        "failing": "ids of the subjects that still fail",
        "days_left": "days until its last day",
    },
    settings=("waivers",),
)

POL002 = MetaRule(
    id="POL002",
    title="Waivers match a failure",
    subject="waiver",
    severity=Severity.INFO,
    why="A waiver that matches nothing is a typing error, or is left over and would hide the next failure of its kind.",
    runbook=Runbook(
        summary="Correct the waiver, or take it out of the policy file.",
        steps=(
            "Compare rule and subject of {waiver} with the keys of the failing findings in the report.",
            "If what it covered is mended, take it out.",
            "If it is meant for one tenant of several, name that tenant in it.",
        ),
        links=_LINKS,
    ),
    subjects=_waivers,
    check=_unused,
    when_empty="the policy has no waivers",
    controls=controls(nist="CA-5", iso="A.5.36", cis="7.2"),
    evidence={"waives": "the rule whose failures it waives"},
    settings=("waivers",),
)
