"""A finding's history in words: why it changed, why it ended, what waives it; shared by all reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import plain, sentences, words
from findings.state.endings import BY_TIME, OUT_OF_SIGHT, ending_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findings.document import Lifecycle, WaiverInfo
    from policies.vocabulary import Subject


def moved_text(lifecycle: Lifecycle) -> str:
    """Return the changed facts of a finding, such as `severity: medium -> high`; empty if none is recorded."""
    facts = (
        f"{words(fact.what.removeprefix('evidence.'))}: {plain(fact.before, {})} -> {plain(fact.after, {})}"
        for fact in lifecycle.moved
    )
    return "; ".join(facts)


def life_text(lifecycle: Lifecycle | None, subject: Subject) -> str:
    """Return in a sentence or two why a finding changed, ended, or could not be assessed; empty if it stays open."""
    if lifecycle is None:
        return ""
    over = ending_words(lifecycle, subject)
    moved = moved_text(lifecycle)
    return sentences(
        f"Resolved: {over}" if over else "",
        f"Changed: {moved}" if moved else "",
        BY_TIME if lifecycle.correction == "time" else "",
        "The policy moved, not the tenant" if lifecycle.cause == "policy" and lifecycle.ending != "not_asked" else "",
        OUT_OF_SIGHT if lifecycle.stale else "",
    )


def waiver_text(waiver: WaiverInfo | None) -> str:
    """Return why a failure is waived, by whom and until when (UTC, that day included); empty without a waiver."""
    if waiver is None:
        return ""
    until = f" until {waiver.until.isoformat()}" if waiver.until else ""
    ticket = f"Ticket {waiver.ticket}" if waiver.ticket else ""
    return sentences(f"Waived by {waiver.owner}{until} ({waiver.id}): {waiver.reason}", ticket)


def named(value: str, names: Mapping[str, str]) -> str:
    """Return the names for an id or for ids between commas, as far as they are known."""
    return ", ".join(names.get(part, part) for part in value.split(", "))
