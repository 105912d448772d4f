"""JSON written in bulk.

orjson writes what it writes as the standard library does, and many times faster. What it refuses or writes otherwise
(half a surrogate pair, integers beyond 64 bits, numbers that are not whole) is left to the standard library, so that
the bytes never depend on which of the two wrote them. Source: orjson's README, version 3.11 (read 2026-12-01).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from common.text import UNSEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

_ESCAPED = re.compile(rf"(?!\n){UNSEEN.pattern}")
_DELETE = "\x7f"
"""The one control character that JSON lets stand as it is."""
_INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATETIME


def one_line(value: Mapping[str, JsonValue]) -> str:
    """Return JSON on one line and in ASCII alone, so that nothing in it can steer or split what reads it.

    Raises:
        ValueError: It holds a number that is not finite; JSON has none.
    """
    try:
        content = None if _has_fraction(value) else orjson.dumps(value)
    except orjson.JSONEncodeError:
        content = None
    if content is not None and content.isascii() and b"\x7f" not in content:
        return content.decode("ascii")
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace(_DELETE, "\\u007f")


def indented(value: object, default: Callable[[Any], object]) -> bytes:
    """Return JSON in UTF-8, indented by two, with unseen characters (`common.text.UNSEEN`) written as escapes.

    Args:
        value: What to write.
        default: Returns what stands for a value that JSON has no form for, such as a date.

    Raises:
        ValueError: It holds a number that is not finite; JSON has none.
    """
    try:
        content = None if _has_fraction(value) else orjson.dumps(value, default=default, option=_INDENTED)
    except orjson.JSONEncodeError:
        content = None
    if content is None:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=default)
    elif content.isascii() and b"\x7f" not in content:
        return content
    else:
        text = content.decode()
    return _ESCAPED.sub(lambda match: json.dumps(match[0])[1:-1], text).encode()


def canonical(value: JsonValue) -> bytes:
    """Return the one way to write a value as JSON: sorted keys, UTF-8, no spaces. Equal bytes mean equal values.

    UTF-8 has no half of a surrogate pair; a question mark stands for it, since one odd character must not stop scans.

    Raises:
        ValueError: The value holds a number that is not finite; JSON has none.
    """
    try:
        content = None if _has_fraction(value) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        content = None
    if content is not None:
        return content
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", errors="replace")


def _has_fraction(value: object) -> bool:
    """Return whether a number in a tree is a float: those are written by the standard library."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str) or item is None:  # most of them
            continue
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        elif isinstance(item, float):
            return True
    return False
