"""The lists that a scan requested from Graph, by kind, with the permission each kind needs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.text import words
from inventory.permissions import NEEDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findings.document import SectionInfo


@dataclass(frozen=True)
class Kind:
    """All lists of one kind: how many there are, how many were read, their records together, and what they need.

    `records` is None where none of them was read; `permission` is empty for a kind that this version does not know.
    """

    label: str
    permission: str
    lists: int
    read: int
    records: int | None


def kinds(sections: Iterable[SectionInfo]) -> tuple[Kind, ...]:
    """Return the kinds of list in the order in which a scan shows them."""
    by_kind: dict[str, list[SectionInfo]] = defaultdict(list)
    for section in sections:
        by_kind[kind_of(section.name)].append(section)
    return tuple(_kind_of(kind, same) for kind, same in by_kind.items())


def _kind_of(kind: str, same: list[SectionInfo]) -> Kind:
    counts = [section.count for section in same if section.known and section.count is not None]
    owner, _, what = kind.partition("/")
    label = f"{words(what)} of {words(owner)}" if what else words(owner)
    read = sum(section.known for section in same)
    return Kind(label, NEEDS[kind].least if kind in NEEDS else "", len(same), read, sum(counts) if counts else None)
