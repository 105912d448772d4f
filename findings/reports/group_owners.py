"""Owners of groups on a path to a role that can register connectors, and groups whose members others can change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from findings.reports import registrars
from policies.rules.group_owners import REG010
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from findings.document import FindingsDocument, VerdictEntry

_TOLD = (Outcome.FAIL, Outcome.NOT_ASSESSED, Outcome.WAIVED, Outcome.PASS)
_OWNED = ("groups", "owns")


@dataclass(frozen=True)
class GroupOwner:
    """A principal that REG010 judges, and the groups that it owns, each with id and name.

    `listed` is true where the principal holds a role, too, and so stands among the registrars.
    """

    verdict: VerdictEntry
    owned: tuple[tuple[str, str], ...]
    listed: bool

    @property
    def name(self) -> str:
        """The name to show."""
        return self.verdict.subject.name or self.verdict.subject.id


def group_owners(document: FindingsDocument) -> tuple[GroupOwner, ...]:
    """Return all owners of groups on a path, and groups that others can fill: failing ones first, expected last."""
    names = registrars.names(document)
    listed = {entry.principal.id for entry in document.registrars}
    verdicts = (entry for entry in document.verdicts if entry.rule == REG010.id and entry.outcome in _TOLD)
    owners = (
        GroupOwner(
            entry,
            tuple((object_id, names.get(object_id, object_id)) for object_id in _owned(entry)),
            entry.subject.id in listed,
        )
        for entry in verdicts
        if entry.subject.type == "principal" and (entry.outcome is not Outcome.PASS or _owned(entry))
    )
    return tuple(sorted(owners, key=lambda gate: (_TOLD.index(gate.verdict.outcome), gate.name.casefold())))


def _owned(entry: VerdictEntry) -> list[str]:
    """Return the ids of the groups that the evidence of a verdict says it owns."""
    lists = (entry.evidence.get(key) for key in _OWNED)
    return [str(object_id) for value in lists if isinstance(value, list) for object_id in value]
