"""Bound what JSON may become before any object is made of it: a few kilobytes of `[],[],[]` cost gigabytes as objects.

Depth is bounded by the parsers that are used: pydantic's stops at 200 levels (jiter 0.11), Python's at its stack.
"""

from __future__ import annotations

_TOKENS = (b",", b"[", b"{")
_PART = 64 * 1024
"""Bytes that are split into texts and what lies between them at a time."""


def has_more_tokens(content: bytes, most: int) -> bool:
    """Return whether JSON may hold more than `most` values and names.

    Each of them follows a comma, a bracket or a brace, or the name before it; these are counted, which takes a
    millisecond a megabyte. Only where there are too many are texts left out of it: names of a tenant may hold commas.
    """
    return _tokens(content) > most and _tokens_outside_texts(content) > most


def _tokens(content: bytes) -> int:
    return sum(map(content.count, _TOKENS))


def _tokens_outside_texts(content: bytes) -> int:
    bare = content.replace(b"\\\\", b"").replace(b'\\"', b"")  # now every quotation mark begins a text or ends one
    number, inside = 0, False
    for start in range(0, len(bare), _PART):
        parts = bare[start : start + _PART].split(b'"')
        number += _tokens(b"".join(parts[inside::2]))
        inside ^= len(parts) % 2 == 0
    return number
