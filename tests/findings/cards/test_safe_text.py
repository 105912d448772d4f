"""Text in a card."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import UNSEEN
from findings.cards.safe_text import name_of, plural, safe
from tests.findings.cards.making import HOSTILE

TEXT = st.text(st.characters(codec=None) | st.sampled_from("<{:/w.@\u202e\n"), max_size=200) | st.sampled_from(HOSTILE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dmz-con-01.corp.example", "dmz-con-01.corp.example"),
        ("a < b & c", "a < b & c"),
        ("<at>Ada</at>", "< at>Ada< /at>"),
        ("<!-- x", "< !-- x"),
        ("{{{DATE(now)}}", "{ { {DATE(now)}}"),
        ("https://evil.example", "https[:]//evil.example"),
        ("see WWW.evil.example", "see WWW[.]evil.example"),
        ("two\nlines", "two\\nlines"),
        ("gnp\u202eexe", "gnp\\u202eexe"),
        ("w" * 50, "w" * 48 + " ww"),
    ],
)
def test_text_is_shown_as_it_stands(text: str, shown: str) -> None:
    """What a client would act upon is written so that it does not; all else stays."""
    assert safe(text) == shown


@given(TEXT, st.integers(5, 300))
def test_no_text_can_do_anything(text: str, longest: int) -> None:
    """Whatever the text: one line of visible characters, no tag, no macro, no address, and hardly longer than asked."""
    shown = safe(text, longest)

    assert not UNSEEN.search(shown)
    assert not re.search(r"<[A-Za-z/!?]|\{\{|://|(?<![a-z0-9])www\.", shown, re.IGNORECASE)
    assert len(shown) <= 2 * longest
    assert all(len(word) <= 48 + 2 for word in re.split(r"\s", shown))


def test_a_long_text_is_cut_with_a_mark() -> None:
    """A text that is too long ends in an ellipsis."""
    assert safe("ab " * 10, 8) == "ab ab a…"


def test_an_empty_name_is_replaced() -> None:
    """A name that shows nothing gives way to what stands for it."""
    assert [name_of("Contoso", "id"), name_of(" ", "id")] == ["Contoso", "id"]


def test_numbers_have_commas() -> None:
    """A count is written with its noun and with commas."""
    assert [plural(1, "rule"), plural(1000, "rule"), plural(2, "was", "were")] == ["1 rule", "1,000 rules", "2 were"]
