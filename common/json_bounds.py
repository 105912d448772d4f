"""Bound what JSON may become before any object is made of it: a few kilobytes of `[],[],[]` cost gigabytes as objects.

Depth is bounded by the parsers that are used: pydantic's stops at 200 levels (jiter 0.11), Python's at its stack.
"""

from __future__ import annotations

_TOKENS = (b",", b"[", b"{")


def has_more_tokens(content: bytes, most: int) -> bool:
    """Return whether JSON may hold more than `most` values and names.

    Each of them follows a comma, a bracket or a brace, or the name before it; these are counted, in texts too, which
    takes a millisecond a megabyte.
    """
    return sum(content.count(token) for token in _TOKENS) > most
