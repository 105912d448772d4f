"""Moments as they are kept and compared: aware, in UTC, and within the years that can be shown (1 to 9999)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, whatever zone it was given in.

    Raises:
        ValueError: In UTC it is before the year 1 or after 9999, which neither Python nor any report can show.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is outside the years 1 to 9999") from None


Moment = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""A moment in UTC, whatever zone it was given in; one without a zone, or outside the years 1 to 9999, is refused."""
