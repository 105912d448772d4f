"""Untrusted text made safe for Markdown: plain words stay as they are, everything else becomes code.

Within code there is no markup, no link, no mention and no reference, whoever renders it. Escaping would not do: GitHub
looks for `@name`, `#1` and addresses in what is left after escapes are resolved.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

from common.text import visible

_SAFE = re.compile(r"(?:[^\W_]|[,.;()/'\"+%:!?=–—…×-])*")  # noqa: RUF001 - the dash and the sign for times are meant
_MEANT = re.compile(
    r":(?=[^\s\d])|:\d+:"  # an address, an emoji
    r"|[!%](?=\w)"  # a merge request, a milestone
    r"|\w\.(?=[^\W\d_])|www\."  # a host
    r"|\bgh-\d"  # an issue
    r"|\b[0-9a-f]{7,40}\b",  # a commit
    re.IGNORECASE,
)
"""What a renderer may take for more than words, though it is made of harmless characters."""
_BEGINS_A_BLOCK = re.compile(r"[-+=]+|\d+[.)]|/.+")
"""A first word that begins a list, a rule or a heading, or is a command to GitLab or a bot, such as `/close`."""
_FENCE = re.compile("`+")
_LINK = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(?:/[A-Za-z0-9/._~%=?#-]*)?")
_NOTHING = "(no name)"


@lru_cache(maxsize=4096)
def code(text: str, pipe: str = "|") -> str:
    """Return the text as a code span; `pipe` replaces the character that would end a table cell."""
    seen = visible(text)
    if not seen:
        return _NOTHING
    fence = "`" * (max(map(len, _FENCE.findall(seen)), default=0) + 1)
    # One space on either side is taken off again where both are there.
    padded = seen.strip(" ") and (seen[0] + seen[-1] == "  " or "`" in seen[0] + seen[-1])
    inner = f" {seen} " if padded else seen
    return f"{fence}{inner.replace('|', pipe)}{fence}"


@lru_cache(maxsize=4096)  # names and sentences repeat themselves
def words_of(text: str, pipe: str = "|") -> str:
    """Return the text on one line, with everything but plain words in code spans."""
    words = list(filter(None, visible(text).split(" ")))  # four spaces at the start would begin a block of code
    runs = groupby(enumerate(words), key=lambda numbered: _is_plain(*numbered))
    together = ((plain, " ".join(word for _, word in run)) for plain, run in runs)
    return " ".join(run if plain else code(run, pipe) for plain, run in together)


def step_of(text: str, pipe: str = "|") -> str:
    """Return a step of a remedy on one line: what stands between two backticks as code, the rest as `words_of` does."""
    parts = text.strip(" ").split("`")
    if len(parts) % 2 == 0:
        return words_of(text, pipe)
    pieces = (code(part, pipe) if number % 2 and part else _between(part, pipe) for number, part in enumerate(parts))
    # Two pieces of code side by side would be read as one with other fences.
    return "".join(pieces).strip(" ").replace("``", "` `")


def _between(part: str, pipe: str) -> str:
    """Return what stands between two commands, with the space on either side."""
    words = words_of(part, pipe)
    return f"{' ' if part[:1] == ' ' else ''}{words}{' ' if words and part[-1:] == ' ' else ''}"


def link(url: str, pipe: str = "|") -> str:
    """Return a link if the address is harmless, otherwise the text as code."""
    return f"<{url}>" if _LINK.fullmatch(url) else code(url, pipe)


def _is_plain(place: int, word: str) -> bool:
    if not _SAFE.fullmatch(word) or _MEANT.search(word):
        return False
    return place > 0 or not _BEGINS_A_BLOCK.fullmatch(word)
