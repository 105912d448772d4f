"""What somebody may have meant by a key or a name that is not there; one answer for every command that asks."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from common.cells import cut
from common.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEAR, _LONGEST = 5, 80


def nearest(asked: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys that come nearest to what was asked, the nearest first, at most five.

    Near is a key of almost these letters, `RULE/name` or a name (a machine's first label is one), a name that holds
    what was asked, and last a key of the rule that was asked for.

    Args:
        asked: What somebody wrote, in any case.
        names: What each key's subject is called.
    """
    wanted = asked.strip().casefold()[:_LONGEST]
    words: dict[str, str] = {}
    for key, name in names.items():
        for word in _words(key, name):
            words.setdefault(word[:_LONGEST], key)
    near = [words[word] for word in get_close_matches(wanted, list(words), n=_NEAR)]
    last = wanted.rpartition("/")[2]
    near += [key for key, name in names.items() if last and last in name.casefold()]
    rule, slash, _ = wanted.partition("/")
    near += [key for key in names if slash and key.casefold().startswith(f"{rule}/")]
    return tuple(dict.fromkeys(near))[:_NEAR]


def _words(key: str, name: str) -> Iterator[str]:
    """Yield what a key can be asked for by."""
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
