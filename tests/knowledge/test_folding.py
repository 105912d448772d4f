"""Text is reduced to what cannot be mangled, and every letter is found again where it stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectorwatch.diagnosis.normalise import fold, letters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can't\nreach", "cantreach"),
        ("can’t", "cant"),  # noqa: RUF001 - a bent quote
        ("canâ€™t", "cant"),
        ("&quot;one&quot;&amp;two", "onetwo"),
        (r"\u0027one\u0027", "one"),
        (r"said \"one\" and \'two\'", "saidoneandtwo"),
        (r"one\r\ntwo", "onetwo"),
        (r"one\ttwo\x", "onetwox"),
        ("", ""),
    ],
)
def test_what_is_left(text: str, expected: str) -> None:
    """Quotes, breaks and escapes of any kind leave nothing behind."""
    assert fold(text).letters == expected


@given(st.text(alphabet=st.characters(blacklist_characters="&\\"), max_size=200))
def test_every_letter_keeps_its_place(text: str) -> None:
    """Where a letter stands in the reduced text leads to the same letter in the text."""
    folded = fold(text)

    assert folded.letters == letters(text)
    assert [folded.text[folded.place(at)].lower() for at in range(len(folded.letters))] == list(folded.letters)


def test_no_letters() -> None:
    """A text without letters has one place, its beginning."""
    assert fold("...").place(0) == 0
