"""Findings about one connector that the same update fixes: shown as one entry, kept and counted as one a rule. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol, TypeVar

from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from findings.document import VerdictEntry

ONE_UPDATE = frozenset({"VER001", "VER003", "VER004"})
"""Rules whose failures about a connector end with one update, to the newest release."""


class Finding(Protocol):
    """What is put together: something that a rule found."""

    @property
    def rule(self) -> str:
        """The rule's id."""
        ...

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        ...


F = TypeVar("F", bound=Finding)


def together(entries: Iterable[F], subject_of: Callable[[F], str]) -> tuple[tuple[F, tuple[F, ...]], ...]:
    """Return entries in their order, each with those that one update ends with it; the worst one leads, once.

    Args:
        entries: What was found.
        subject_of: Returns the id of what an entry is about.
    """
    listed = tuple(entries)
    groups: dict[str, dict[str, F]] = defaultdict(dict)
    for entry in listed:
        if entry.rule in ONE_UPDATE:
            groups[subject_of(entry)].setdefault(entry.rule, entry)
    led = {
        subject_id: sorted(same.values(), key=lambda finding: (finding.severity.rank, finding.rule))
        for subject_id, same in groups.items()
    }
    leads = {id(same[0]): tuple(same[1:]) for same in led.values()}
    others = {id(entry) for same in leads.values() for entry in same}
    return tuple((entry, leads.get(id(entry), ())) for entry in listed if id(entry) not in others)


def as_one(verdicts: Iterable[VerdictEntry]) -> tuple[VerdictEntry, ...]:
    """Return verdicts for people to read: failures that one update fixes are one, the worst, which names the others.

    Waived failures stay entries of their own.
    """
    listed = tuple(verdicts)
    failing = (verdict for verdict in listed if verdict.outcome is Outcome.FAIL)
    led = {verdict.key: others for verdict, others in together(failing, lambda verdict: verdict.subject.id)}
    return tuple(
        with_others(verdict, led[verdict.key]) if verdict.outcome is Outcome.FAIL else verdict
        for verdict in listed
        if verdict.outcome is not Outcome.FAIL or verdict.key in led
    )


def with_others(verdict: VerdictEntry, others: Iterable[VerdictEntry]) -> VerdictEntry:
    """Return a verdict whose message names the rules that the same update satisfies."""
    names = named(other.rule for other in others)
    if not names:
        return verdict
    return verdict.model_copy(update={"message": f"{verdict.message}; the same update also fixes {names}"})


def named(rules: Iterable[str]) -> str:
    """Return rules in words, such as `VER003 and VER004`; empty for none."""
    return " and ".join(rules)
