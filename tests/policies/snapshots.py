"""Several looks at one tenant, a day apart, and what a rule says at the last of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from policies.memory import Memory
from policies.registration.events import memory_after
from tests.making import NOW, evidence
from tests.policies.judging import short, verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence
    from policies.rule import Verdict

DAY = timedelta(days=1)


def on(days: float) -> datetime:
    """Return the moment so many days after the first look."""
    return NOW + days * DAY


def at(seen: Snapshot, days: float) -> Snapshot:
    """Return a look so many days after the first."""
    return seen.model_copy(update={"taken_at": on(days)})


def after(seen: Mapping[float, Snapshot], policy: Mapping[str, object] | None = None) -> Memory:
    """Return the memory after looks on these days."""
    memory = Memory()
    for days, one in seen.items():
        memory = memory_after(memory, evidence(at(one, days), policy=policy, memory=memory))
    return memory


def evidence_of(seen: Mapping[float, Snapshot], policy: Mapping[str, object] | None = None) -> Evidence:
    """Return the evidence of the last look, with the memory of those before."""
    *earlier, (days, last) = seen.items()
    return evidence(at(last, days), policy=policy, memory=after(dict(earlier), policy))


def verdicts_of(
    rule_id: str, seen: Mapping[float, Snapshot], policy: Mapping[str, object] | None = None
) -> dict[str, Verdict]:
    """Return what a rule says at the last look, by its subjects' ids."""
    return verdicts(rule_id, evidence_of(seen, policy))


def said_of(rule_id: str, seen: Mapping[float, Snapshot], policy: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return the same in words."""
    return {subject: short(verdict) for subject, verdict in verdicts_of(rule_id, seen, policy).items()}


def seen_on(*seen: Snapshot) -> dict[float, Snapshot]:
    """Return looks a day apart."""
    return dict(enumerate(seen))
