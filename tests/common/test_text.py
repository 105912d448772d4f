"""Text that strangers chose becomes harmless, and stays readable."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.text import cell, counted, facts, minute, plain, sentences, timestamp, unless_named, visible, words
from findings.reports.csv_file import table_csv
from tests.findings.reports.sample import HOSTILE

ANYTHING = st.text(st.characters(codec=None, exclude_categories=())) | st.text("=+-@;,\"' \t\r\n＝|a")  # noqa: RUF001 - look-alikes are the point
BIDI = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
FORMULA = tuple("=+-@＝＋－＠\t")  # noqa: RUF001 - look-alikes are the point


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Łódź 東京", "plain Łódź 東京"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31m\x9b\x07", r"\x1b[31m\x9b\x07"),
        ("\u202egnp\u2066\u200e\u200f\u061c", r"\u202egnp\u2066\u200e\u200f\u061c"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("zero\u200bwidth\ufeff\xad", r"zero\u200bwidth\ufeff\xad"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("half\ud800", r"half\ud800"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    """What cannot be seen is written as an escape, and everything else stays as it is."""
    assert shown == visible(text)


@given(ANYTHING)
def test_visible_leaves_nothing_unseen(text: str) -> None:
    """No control, bidirectional mark, separator or lone surrogate is left, and doing it again changes nothing."""
    shown = visible(text)

    unseen = [char for char in shown if unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")]
    steering = [char for char in shown if unicodedata.bidirectional(char) in BIDI]
    assert (unseen, steering) == ([], [])
    assert shown == visible(shown)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("HQ", "HQ"),
        ("", ""),
        ("a=b-c", "a=b-c"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("  +1", "'  +1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", r"'\t=1"),
        ("\rx", r"'\rx"),
        ("\n=1", r"'\n=1"),
        ("＝1", "'＝1"),  # noqa: RUF001 - look-alikes are the point
        ('"=1"', '\'"=1"'),
        ("a;=1", "a;'=1"),
        ("a;b", "a;b"),
    ],
)
def test_cell(text: str, safe: str) -> None:
    """What a spreadsheet could take for a formula gets an apostrophe, and line breaks become escapes."""
    assert safe == cell(text)


@given(st.lists(st.lists(ANYTHING, min_size=2, max_size=4), min_size=1, max_size=4))
@example([["a;=1", ';"=1'], ["'", '"";\'"=1']])
@example([list(HOSTILE[:4]), list(HOSTILE[4:8])])
def test_no_cell_opens_as_a_formula(rows: list[list[str]]) -> None:
    """Whatever the texts are, no cell begins as a formula, in spreadsheets separating by comma or by semicolon."""
    text = table_csv(rows).decode("utf-8-sig")

    for separator in ",;":
        cells = [one for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for one in row]
        assert [one for one in cells if one.lstrip(' "\r\n').startswith(FORMULA)] == []


@given(st.lists(st.lists(ANYTHING, min_size=2, max_size=4), min_size=1, max_size=4))
def test_cells_come_back(rows: list[list[str]]) -> None:
    """A CSV reader gets back exactly the safe texts, one line a row."""
    text = table_csv(rows).decode("utf-8-sig")

    assert [[cell(one) for one in row] for row in rows] == list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == text.count("\r\n") == text.count("\n")


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 20, 6, tzinfo=UTC), "2026-11-20T06:00:00Z"),
        (datetime(2026, 11, 20, 1, 30, 0, 5, tzinfo=timezone(timedelta(hours=2))), "2026-11-19T23:30:00.000005Z"),
        (datetime(2026, 11, 20, 6), "2026-11-20T06:00:00Z"),  # noqa: DTZ001 - a moment without a zone is the case
    ],
)
def test_timestamp(at: datetime, text: str) -> None:
    """Moments are written in UTC with Z, whatever zone they came in."""
    assert text == timestamp(at)


def test_minute() -> None:
    """Moments for people are in UTC, to the minute."""
    assert minute(datetime(2026, 11, 20, 1, 30, 59, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-19 23:30 UTC"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not known"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1.5, "1.5"),
        ("", "empty"),
        ("HQ", "HQ"),
        ("2026-11-20T06:00:00+00:00", "2026-11-20 06:00 UTC"),
        ("2026-11-20T06:00:00.5Z", "2026-11-20 06:00 UTC"),
        ("2026-19-20T06:00:00Z", "2026-19-20T06:00:00Z"),
        ("id-1", "Expenses"),
        ([], "none"),
        (["id-1", None], "Expenses, not known"),
        (list(range(22)), ", ".join(map(str, range(20))) + " and 2 more"),
        ({}, "none"),
        ({"seen_by": ["x"], "is_new": True}, "seen by: x; is new: yes"),
    ],
)
def test_plain(value: object, text: str) -> None:
    """Evidence reads like a sentence, ids with a name become names, and nothing is passed over in silence."""
    assert text == plain(value, {"id-1": "Expenses"})  # type: ignore[arg-type]  # the cases are JSON


def test_words() -> None:
    """A name of ours becomes words."""
    assert words("expected_version") == "expected version"


@pytest.mark.parametrize(("number", "text"), [(0, "0 retries"), (1, "1 retry"), (2, "2 retries")])
def test_counted(number: int, text: str) -> None:
    """A noun agrees with its number."""
    assert text == counted(number, "retry", "retries")


def test_counted_takes_an_s() -> None:
    """Most nouns take an s."""
    assert (counted(1, "list"), counted(2, "list")) == ("1 list", "2 lists")


def test_sentences() -> None:
    """Parts become sentences with one full stop each, and what says nothing is left out."""
    assert sentences("denied:", "X is missing", None, "", "Grant X.", "Why?", "long…") == (
        "denied: X is missing. Grant X. Why? long…"
    )


@pytest.mark.parametrize(
    ("name", "texts", "shown"),
    [("X", ("needs X", None), ""), ("X", ("refused", None), "X"), ("X", (), "X"), (None, ("refused",), "")],
)
def test_unless_named(name: str | None, texts: tuple[str | None, ...], shown: str) -> None:
    """A name that stands in a text beside it is not said twice."""
    assert unless_named(name, *texts) == shown


def test_facts() -> None:
    """Evidence that holds nothing is left out, and zero, no and unknown are something."""
    assert facts({"a": [], "b": {}, "c": "", "d": 0, "e": False, "f": None, "g": ["x"]}) == {
        "d": 0,
        "e": False,
        "f": None,
        "g": ["x"],
    }
