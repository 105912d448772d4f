"""JSON written in bulk is what the standard library writes, whatever is in it."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.json_bytes import canonical, indented, one_line
from common.text import UNSEEN

TEXTS = st.text(st.characters(), max_size=12)
NUMBERS = st.integers(min_value=-(2**70), max_value=2**70) | st.floats(allow_nan=False, allow_infinity=False)
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
ODD = ["\ud800", "\x7f", "\x00", "\u2028", "é", "\u202e", 2**64, -(2**63) - 1, 1e16, 0.1, {"": []}, {"\udfff": {}}, []]


def _unseen_escaped(text: str) -> bytes:
    return re.sub(rf"(?!\n){UNSEEN.pattern}", lambda match: json.dumps(match[0])[1:-1], text).encode()


@given(TREES)
def test_indented_as_the_standard_library_does(tree: object) -> None:
    """Indented JSON has the standard library's bytes, with unseen characters as escapes."""
    expected = json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False)

    assert indented(tree, str) == _unseen_escaped(expected)


@given(st.dictionaries(TEXTS, TREES, max_size=4))
def test_one_line_as_the_standard_library_does(tree: dict[str, object]) -> None:
    """JSON on one line is ASCII alone, in the standard library's bytes, and holds no delete character."""
    expected = json.dumps(tree, separators=(",", ":"), allow_nan=False).replace("\x7f", "\\u007f")

    assert one_line(tree) == expected  # type: ignore[arg-type] # any tree is a JSON value
    assert one_line(tree).isascii()  # type: ignore[arg-type] # the same


@given(TREES)
def test_canonical_as_the_standard_library_does(tree: object) -> None:
    """The canonical form has the standard library's bytes: keys sorted, no spaces, half a surrogate pair replaced."""
    expected = json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

    assert canonical(tree) == expected.encode(errors="replace")  # type: ignore[arg-type] # any tree is a JSON value


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_what_orjson_refuses_or_writes_otherwise(value: object) -> None:
    """Half a surrogate pair, large integers and fractions are written as before."""
    assert json.loads(indented({"value": value}, str)) == {"value": value}
    assert json.loads(one_line({"value": value})) == {"value": value}  # type: ignore[dict-item] # any JSON value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")], {"a": [float("nan")]}])
def test_numbers_that_json_lacks_are_refused(value: object) -> None:
    """A number that is not finite is refused, never written as null."""
    with pytest.raises(ValueError, match="JSON compliant"):
        indented({"value": value}, str)
    with pytest.raises(ValueError, match="JSON compliant"):
        one_line({"value": value})  # type: ignore[dict-item] # any JSON value
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"value": value})  # type: ignore[dict-item] # any JSON value


def test_what_has_no_form_is_left_to_the_caller() -> None:
    """A day is written as the caller says, in either way of writing."""
    assert indented({"day": date(2026, 12, 1)}, str) == b'{\n  "day": "2026-12-01"\n}'
    assert json.loads(indented({"day": date(2026, 12, 1), "part": 0.5}, str)) == {"day": "2026-12-01", "part": 0.5}
