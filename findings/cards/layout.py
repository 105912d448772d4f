"""What fits into a card: whole rows from the top, and a count of the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from findings.cards.pieces import line, quiet, weight
from findings.cards.safe_text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findings.cards.pieces import Piece


@dataclass(frozen=True)
class Part:
    """Rows under a title.

    Attributes:
        title: What stands above them.
        rows: The rows, most important first.
        noun: What a row is called, and `many` several, where some are left out.
        most: How many are shown at most, whatever room there is.
    """

    title: Piece
    rows: Sequence[Piece]
    noun: str
    many: str
    most: int

    def rest(self, shown: int) -> Piece:
        """Return the line that counts the rows that are not shown."""
        return line(quiet(f"and {plural(len(self.rows) - shown, f'more {self.noun}', f'more {self.many}')}"))


@dataclass(frozen=True)
class Group:
    """What belongs together, such as all of a tenant: what is always shown, then parts."""

    head: Sequence[Piece]
    parts: Sequence[Part] = ()

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(len(part.rows) for part in self.parts)

    @property
    def least(self) -> int:
        """How many bytes it takes if no row is shown."""
        frame = [*self.head, *(part.title for part in self.parts), *(part.rest(0) for part in self.parts)]
        return sum(map(_with_comma, frame))


@dataclass
class Fitted:
    """What is shown, and how many rows are not."""

    body: list[Piece] = field(default_factory=list)
    left_out: int = 0


def fit(groups: Sequence[Group], room: int, rest_of: str) -> Fitted:
    """Return as much of the groups as fits, in their order.

    Args:
        groups: The groups, most important first.
        room: How many bytes there are, as `weight` counts them.
        rest_of: What several groups are called where some are left out, such as `tenant`.
    """
    done = Fitted()
    room -= _with_comma(_rest(len(groups), rest_of))
    for index, group in enumerate(groups):
        room -= group.least
        if room < 0:
            done.body.append(_rest(len(groups) - index, rest_of))
            done.left_out += sum(other.rows for other in groups[index:])
            break
        done.body += group.head
        for part in group.parts:
            room = _fill(done, part, room)
    return done


def _fill(done: Fitted, part: Part, room: int) -> int:
    """Add a part's title, the rows that fit, and a count of the rest; return the room that is left."""
    done.body.append(part.title)
    shown = 0
    for row in part.rows[: part.most]:
        room -= _with_comma(row)
        if room < 0:
            room += _with_comma(row)
            break
        done.body.append(row)
        shown += 1
    left = len(part.rows) - shown
    if left:
        done.body.append(part.rest(shown))
        done.left_out += left
    return room


def _rest(count: int, noun: str) -> Piece:
    return line(quiet(f"{plural(count, f'more {noun}')} did not fit here; see the reports."), separator=True)


def _with_comma(piece: Piece) -> int:
    return weight(piece) + 1
