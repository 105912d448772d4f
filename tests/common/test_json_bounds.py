"""How many values JSON may hold is counted before it is read, and what texts say does not count."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.json_bounds import has_more_tokens

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('",[]{}\\ab\n\u00e9'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('",[{\\'), inner),
    max_leaves=20,
)


def _places(value: object) -> int:
    """Return how many commas, brackets and braces open or part the values of something."""
    if isinstance(value, dict):
        return max(len(value), 1) + sum(map(_places, value.values()))
    return max(len(value), 1) + sum(map(_places, value)) if isinstance(value, list) else 0


@given(VALUES)
def test_what_is_counted(value: object) -> None:
    """Exactly the values and names count, whatever characters the texts hold."""
    content, number = json.dumps(value).encode(), _places(value)

    assert not has_more_tokens(content, number)
    assert number == 0 or has_more_tokens(content, number - 1)


def test_names_full_of_commas() -> None:
    """A thousand names of commas alone are a thousand values: no tenant's names make its evidence unreadable."""
    assert not has_more_tokens(json.dumps(["," * 256] * 1000).encode(), 1000)


@pytest.mark.parametrize("part", [b'"', b'\\"', b'"\\', b"\\", b',"', b'["', b'"\\\\'])
def test_text_without_an_end(part: bytes) -> None:
    """What is no JSON is counted in time that grows with its length alone."""
    content = (b"," * 11) + b'"' + part * (1_000_000 // len(part))
    began = time.monotonic()

    has_more_tokens(content, 10)
    assert time.monotonic() - began < 5
