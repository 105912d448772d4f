"""The shape of answers: which properties stood where, of which type, with which of Microsoft's own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from connectorwatch.recording.document import PropertyShape, Sizes
from connectorwatch.recording.vocabulary import UNKNOWN, listed, vocabulary

_DEEPEST = 12
"""Graph's own answers are seven deep; what lies deeper is not looked into."""
_MOST_PLACES = 5000
"""The largest type, an audit event, has a hundred; an answer made to fill memory could have millions."""

Leaf = Callable[[str, str], None]
"""Called with the place of each text and the text."""


@dataclass
class _Place:
    types: Counter[str] = field(default_factory=Counter)
    sizes: list[int] | None = None
    words: Counter[str] = field(default_factory=Counter)

    def took(self, size: int) -> None:
        least, most, total = self.sizes or (size, 0, 0)
        self.sizes = [min(least, size), max(most, size), total + size]

    def shape(self) -> PropertyShape:
        sizes = Sizes(least=self.sizes[0], most=self.sizes[1], total=self.sizes[2]) if self.sizes else None
        return PropertyShape(types=dict(self.types), sizes=sizes, words=dict(self.words))


class Shapes:
    """The shapes of all answers to one kind of request, added up; no value is kept.

    The answer itself is the place `` (nothing), the elements of an array at `value` are at `value[]`.
    """

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}

    def add(self, body: object, leaf: Leaf = lambda _place, _text: None) -> None:
        """Add one decoded answer; `leaf` is called with each text at a known place."""
        waiting: list[tuple[str, object, int]] = [("", body, 0)]
        while waiting:
            path, node, depth = waiting.pop()
            place = self._place(path)
            place.types[_type_of(node)] += 1
            if isinstance(node, str):
                _note_word(place, path, node)
                leaf(path, node)
            elif isinstance(node, list):
                place.took(len(node))
            if depth < _DEEPEST and not path.endswith(UNKNOWN):
                waiting += [(name, child, depth + 1) for name, child in _children(path, node)]

    def _place(self, path: str) -> _Place:
        if path not in self._places and len(self._places) >= _MOST_PLACES:
            path = UNKNOWN
        return self._places.setdefault(path, _Place())

    def result(self) -> dict[str, PropertyShape]:
        """Return the shapes by place, in order."""
        return {path: place.shape() for path, place in sorted(self._places.items())}


def _children(path: str, node: object) -> list[tuple[str, object]]:
    if isinstance(node, list):
        return [(f"{path}[]", child) for child in node]
    if not isinstance(node, dict):
        return []
    name_of, prefix = vocabulary().name_of, f"{path}." if path else ""
    return [(prefix + name_of(name), child) for name, child in node.items()]


def _note_word(place: _Place, path: str, text: str) -> None:
    allowed = vocabulary().words_at(path)
    if allowed is not None:
        place.words[listed(text, allowed)] += 1


def _type_of(node: object) -> str:
    if node is None:
        return "null"
    if isinstance(node, bool):
        return "boolean"
    if isinstance(node, int | float):
        return "number"
    if isinstance(node, str):
        return "string"
    return "array" if isinstance(node, list) else "object"
