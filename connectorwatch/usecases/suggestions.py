"""Suggest close matches for an unknown key or name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from common.cells import cut
from common.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEAR, _LONGEST = 5, 80


def nearest(query: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys that match a query best, best first, at most five.

    In this order: a similar key, a similar `RULE/name` or name (a machine's first label counts as a name), a name that
    contains the query, any key of the rule in the query.

    Args:
        query: The key or name that is unknown, in any case.
        names: What each key's subject is called.
    """
    wanted = query.strip().casefold()[:_LONGEST]
    words: dict[str, str] = {}
    for key, name in names.items():
        for word in _words(key, name):
            words.setdefault(word[:_LONGEST], key)
    matches = [words[word] for word in get_close_matches(wanted, list(words), n=_NEAR)]
    last = wanted.rpartition("/")[2]
    matches += [key for key, name in names.items() if last and last in name.casefold()]
    rule, slash, _ = wanted.partition("/")
    matches += [key for key in names if slash and key.casefold().startswith(f"{rule}/")]
    return tuple(dict.fromkeys(matches))[:_NEAR]


def _words(key: str, name: str) -> Iterator[str]:
    """Yield the texts that stand for a key."""
    yield key.casefold()
    rule, slash, _ = key.partition("/")
    for word in dict.fromkeys((name.casefold(), name.casefold().partition(".")[0])):
        if word:
            yield word
            if slash:
                yield f"{rule.casefold()}/{word}"


def listed(keys: tuple[str, ...], names: Mapping[str, str], between: str = "; ") -> str:
    """Return keys with the names of their subjects, such as `GRP001/id (Paris); GRP004/id (Rome)`; all visible."""
    return between.join(f"{visible(key)} ({cut(names[key])})" for key in keys)
