"""Parse a release status on Microsoft's page: its date, and how the version is installed."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

Channel = Literal["auto_upgrade", "download"]

FOUR_PARTS = r"(?<![0-9.])[0-9]{1,9}(?:\.[0-9]{1,9}){3}(?![0-9.]*[0-9])"
"""A pattern for a version within a text."""

_ANY_VERSION = re.compile(FOUR_PARTS)

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_UPGRADES = r"auto(?:matic(?:ally)?)?[\s-]*(?:be\s+)?(?:up(?:grad|dat)|install)"
_AUTOMATIC = re.compile(
    rf"\b(?:may|might|will)\s+(?:(?:also|now|be|perform|trigger|receive|an?|the)\s+){{0,4}}{_UPGRADES}"
    rf"|\breleased\s+for\s+(?:(?:download|and|or|both)\s+){{0,3}}{_UPGRADES}",
    re.IGNORECASE,
)
_FETCHED = re.compile(
    r"(?=.*\b(?:available|install(?:ed|able)?|released|offered)\b)"
    r".*(?:\bonly\b.*\bdownload|\bdownload(?:\s+page)?\s+only\s*(?:\W|\Z))",
    re.IGNORECASE,
)
_ABOUT_UPGRADES = re.compile(r"\bauto(?:matic(?:ally)?\b|[\s-]*(?:up|inst))", re.IGNORECASE)
_PLAIN = re.compile(r"\breleased\s+for\s+download\b", re.IGNORECASE)
_DOUBT = re.compile(
    r"\b(?:not|never|cannot|no longer|unless|except|without|earlier|older|previous|prior|next|future|later)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DATE = re.compile(
    r"(?<![0-9])(?:(?P<y1>[0-9]{4})-(?P<m1>[0-9]{2})-(?P<d1>[0-9]{2})(?![0-9])"
    r"|(?P<d2>[0-9]{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>[a-z]{3,9})\.?,?\s+(?P<y2>[0-9]{4})(?![0-9]))"
    r"|\b(?P<m3>[a-z]{3,9})\.?\s+(?P<d3>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+(?P<y3>[0-9]{4})(?![0-9])",
    re.IGNORECASE,
)
_AMERICAN = re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})")


def channel_of(status: str, version: str) -> tuple[Channel | None, bool]:
    """Return the channel that a status states for its version, and whether the status was understood.

    A status is not understood if a sentence contains a negation, another version, or both channels. One that states
    only a release for download is understood and gives no channel.
    """
    channels: set[Channel | None] = set()
    for sentence in _SENTENCE_END.split(status):
        automatic, fetched = _AUTOMATIC.search(sentence), _FETCHED.match(sentence)
        states = automatic or fetched
        others = set(_ANY_VERSION.findall(sentence)) - {version}
        doubt = (states or _ABOUT_UPGRADES.search(sentence)) and _DOUBT.search(sentence)
        if doubt or (states and others) or (automatic and fetched):
            channels.add(None)
        elif states:
            channels.add("auto_upgrade" if automatic else "download")
    if not channels:
        return None, _PLAIN.search(status) is not None
    return (None, False) if len(channels) > 1 or None in channels else (channels.pop(), True)


def days_in(text: str) -> list[date]:
    """Return the dates in a text, in their order."""
    return [day for match in _DATE.finditer(text) if (day := _day(match)) is not None]


def _day(match: re.Match[str]) -> date | None:
    year = match["y1"] or match["y2"] or match["y3"]
    month = match["m1"] or str(_month(match["m2"] or match["m3"]))
    return _calendar_day(year, month, match["d1"] or match["d2"] or match["d3"])


def _month(name: str) -> int:
    """Return a month's number by its name or the beginning of it, or 0."""
    return next((number for number, month in enumerate(_MONTHS, 1) if month.startswith(name.lower())), 0)


def _calendar_day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def page_day(text: str) -> date | None:
    """Return the day of `ms.date`, which Microsoft writes as 2026-06-08, with a time of day, or as 06/08/2026."""
    american = _AMERICAN.match(text)
    if american:
        return _calendar_day(american["year"], american["month"], american["day"])
    return next(iter(days_in(text)), None)
