"""Text in a card: the one place where tenant text is made harmless to Teams.

Every text of a card is a TextRun, which takes no Markdown (Microsoft Learn "Adaptive Cards text features", read
2026-11-20). Escaping Markdown in a TextBlock or a Fact is no way: clients on different systems undo it differently
(MicrosoftDocs/msteams-docs issue 5793). What is left then are a few things that clients do to any text.
"""

from __future__ import annotations

import re

from common.text import visible

NAME, SENTENCE, STEP = 80, 220, 160
"""How many characters are shown of a name, of a finding's message, and of what to do about it."""

_UNBROKEN = re.compile(r"(\S{48})(?=\S)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_MACRO = re.compile(r"\{(?=\{)")
_ADDRESS = re.compile(r":(?=//)")
_WEB = re.compile(r"(?<![A-Za-z0-9])(www)\.", re.IGNORECASE)


def safe(text: str, longest: int = SENTENCE) -> str:
    r"""Return a text that every client shows as it stands, on one line and not too long.

    Unseen characters, line breaks among them, are written as escapes. A `<` that could begin a tag or a mention gets a
    space, and so do the braces of `{{DATE(…)}}`, which clients replace in every text. Addresses are written with
    brackets (`https[:]//`), as clients make links of them. Words of more than 48 characters get spaces, as clients do
    not break a word in a run.
    """
    shown = visible(text)
    if len(shown) > longest:
        shown = shown[: longest - 1] + "…"
    shown = _MACRO.sub("{ ", _TAG.sub("< ", shown))
    return _UNBROKEN.sub(r"\1 ", _WEB.sub(r"\1[.]", _ADDRESS.sub("[:]", shown)))


def name_of(name: str, otherwise: str) -> str:
    """Return a name, or what stands for it where it is empty or nothing but space."""
    return name if name.strip() else otherwise


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Return a number with its noun and commas in the number, such as `1,000 findings`."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
