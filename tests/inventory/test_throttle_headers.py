"""How long to wait and how near the limit is, whatever the headers hold."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.answer import Answer
from inventory.throttle_headers import FOR_EVER, retry_after, share_used, wait_of

SAID_AT = datetime(2026, 11, 20, 6, tzinfo=UTC)


def _at(seconds: float) -> str:
    return format_datetime(SAID_AT + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("10", 10.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("3, 5", 5.0),
        ("999999999", 999_999_999.0),
        ("9" * 5000, FOR_EVER),
        ("", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("٣", None),
        ("5,", None),
        ("soon", None),
        ("Mon, 00 Foo 2026", None),
        (_at(30), 30.0),
        (_at(-30), 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", FOR_EVER),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    """Seconds, dates, and nonsense that counts as nothing said; a wait for ever has a largest length."""
    assert retry_after(Answer(429, {"retry-after": text, "date": _at(0)})) == seconds


def test_a_clock_that_runs_wrong_here_changes_nothing() -> None:
    """A date is compared with the answer's own, however far that is from the time here."""
    headers = {"retry-after": "Sat, 01 Jan 2000 00:00:20 GMT", "date": "Sat, 01 Jan 2000 00:00:00 GMT"}

    assert retry_after(Answer(429, headers)) == 20.0


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_a_date_without_its_answers_own_is_compared_with_the_time_here(date: str | None) -> None:
    """Where an answer does not say when it was given, it was given now."""
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    waited = retry_after(Answer(429, {"retry-after": until} | ({"date": date} if date else {})))

    assert waited == pytest.approx(60, abs=2)


@pytest.mark.parametrize(
    ("status", "text", "wait"),
    [
        (429, "10", 10.0),
        (503, "10", 10.0),
        (429, "", 4.0),
        (429, "0", 4.0),
        (429, _at(-5), 4.0),
        (500, "10", 10.0),
        (404, "10", 10.0),
        (500, "", None),
        (200, "10", None),
    ],
)
def test_wait(status: int, text: str, wait: float | None) -> None:
    """A refusal asks for silence, of the pause's length where it names none; a good answer never does."""
    assert wait_of(Answer(status, {"retry-after": text, "date": _at(0)}), 4.0) == wait


def test_the_longest_wait_of_a_batchs_members_counts() -> None:
    """The members of a batch share one service, so it is left alone for as long as any of them asks."""
    members = {"0": Answer(200), "1": Answer(429, {"retry-after": "3"}), "2": Answer(429, {"retry-after": "8"})}

    assert wait_of(Answer(200, members=members), 1.0) == 8.0


@pytest.mark.parametrize(
    ("text", "share"),
    [("0.9", 0.9), ("1.8", 1.8), ("", 0.0), ("nan", 0.0), ("lots", 0.0), ("inf", float("inf"))],
)
def test_share_of_the_limit(text: str, share: float) -> None:
    """The share is a number, or nothing was said."""
    assert share_used(Answer(200, {"x-ms-throttle-limit-percentage": text})) == share


def test_the_highest_share_of_a_batchs_members_counts() -> None:
    """A batch is as near the limit as the nearest of its members."""
    members = {"0": Answer(200, {"x-ms-throttle-limit-percentage": "1.1"}), "1": Answer(200)}

    assert share_used(Answer(200, members=members)) == 1.1


@given(st.text(), st.text())
def test_no_header_makes_reading_it_fail(text: str, date: str) -> None:
    """Whatever stands in the headers, a wait is between 0 and the longest, or none."""
    answer = Answer(429, {"retry-after": text, "date": date, "x-ms-throttle-limit-percentage": text})
    waited = retry_after(answer)

    assert waited is None or 0 <= waited <= FOR_EVER
    assert not math.isnan(share_used(answer))
