"""What an answer says about Graph's limits: how long to leave its service alone, and how near the limit is.

Sources: Graph "throttling" page (2026-05). A batch's members speak each for themselves and share one service, so what
counts is the most that any of them says.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inventory.answer import Answer

REFUSED = frozenset({429, 503})
FOR_EVER = 1e9
"""Seconds: the longest wait that is told apart from any longer one; thirty years."""

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?(\s*,\s*[0-9]+(\.[0-9]+)?)*")
"""One number, or several where a proxy has put two headers into one."""


def wait_of(answer: Answer, pause: float) -> float | None:
    """Return the seconds for which an answer's service wants to be left alone, or None where it does not.

    That is its `Retry-After`; after a refusal that names none, or none worth the name, it is the pause given.
    """
    waits = [wait for part in _parts(answer) if (wait := _wait(part, pause)) is not None]
    return max(waits, default=None)


def _wait(answer: Answer, pause: float) -> float | None:
    seconds = retry_after(answer) if answer.status >= 400 else None  # noqa: PLR2004 - the HTTP error classes
    return seconds or (pause if answer.status in REFUSED else None)


def retry_after(answer: Answer) -> float | None:
    """Return the seconds of an answer's `Retry-After`, given as seconds or as a date; None where there is none.

    A date is compared with the answer's own `Date`, so that a clock that runs wrong here changes nothing.
    """
    text = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return min(FOR_EVER, max(float(number) for number in text.split(",")))
    until = _moment(text)
    if until is None:
        return None
    said_at = date_of(answer) or datetime.now(UTC)
    return min(FOR_EVER, max(0.0, (until - said_at).total_seconds()))


def date_of(answer: Answer) -> datetime | None:
    """Return the moment at which an answer was made, by its `Date`; None where it names none."""
    return _moment(answer.headers.get("date", ""))


def share_used(answer: Answer) -> float:
    """Return the share of the limit that is used, 1.0 being all of it; 0 where Graph does not say (below 0.8)."""
    return max(_share(part) for part in _parts(answer))


def _share(answer: Answer) -> float:
    try:
        share = float(answer.headers.get("x-ms-throttle-limit-percentage", ""))
    except ValueError:
        return 0.0
    return 0.0 if math.isnan(share) else share


def _parts(answer: Answer) -> tuple[Answer, ...]:
    return (answer, *answer.members.values())


def _moment(text: str) -> datetime | None:
    """Return the moment of an HTTP date, or None where it is none."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
