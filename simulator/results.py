"""Results of endpoints: one object or a list, before query options are applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.kinds import Fields, Kind, Resource

Expander = Callable[[Resource], "Resource | Absent | None"]


class Absent:
    """Stands for a relationship that is left out of the answer."""


ABSENT = Absent()


@dataclass(frozen=True)
class Rules:
    """What a service allows in a query."""

    operators: frozenset[str] = frozenset(
        {"eq", "ne", "in", "ge", "le", "gt", "lt", "startswith", "and", "or", "not", "any"}
    )
    properties: frozenset[str] | None = None
    """Properties that can be filtered on; all when absent."""
    required: tuple[str, ...] = ()
    """Properties one of which a filter has to pin to one value."""
    filter_code: str = "BadRequest"
    """The code of a refused filter."""
    expand: Mapping[str, Expander] = field(default_factory=dict)
    one_expand: bool = False
    nested_select: bool = True
    """Whether a nested `$select` in an expand is let through; PIM refuses it."""
    advanced: bool = False
    """Whether this is the directory, with its advanced queries and its strict `$top`."""


@dataclass(frozen=True)
class Item:
    """One object."""

    resource: Resource
    context: str
    kinds: tuple[Kind, ...]
    rules: Rules = field(default_factory=Rules)
    typed: bool = False


@dataclass(frozen=True)
class Listing:
    """A list of objects; typed when they may be of several types."""

    rows: Sequence[Resource]
    context: str
    kinds: tuple[Kind, ...]
    rules: Rules = field(default_factory=Rules)
    typed: bool = False
    unreadable: frozenset[str] = frozenset()
    """Names of types the caller may not read: of these only type and id are shown."""
    index: Mapping[str, Mapping[str, Sequence[Resource]]] = field(default_factory=dict)
    """Rows by property and value, for filters that pin one of these."""


@dataclass(frozen=True)
class Plain:
    """A complex value, or an object no query option applies to."""

    fields: Fields
    context: str


@dataclass(frozen=True)
class Written:
    """The result of a write: the created object, or nothing."""

    made: Item | None = None


@dataclass(frozen=True)
class Accepted:
    """An accepted request that is carried out later: 202 without a body."""


Shown = Item | Listing | Plain
Result = Shown | Accepted
