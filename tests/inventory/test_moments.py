"""Dates of Graph are moments that can be compared and shown, or the answer that holds them is not read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import FailedError
from common.text import minute, timestamp
from inventory.answer import Answer
from inventory.audit.models import AuditEvent
from inventory.decode import decode_page
from inventory.models import GroupGrant, Record, RoleGrant

ODD: tuple[object, ...] = (
    "2026-11-20T06:00:00",
    "2026-11-20",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "9999-12-31T23:59:59.9999999-23:59",
    "0000-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "",
    1763618400,
    True,
    [],
)
"""Dates that cannot be compared with others, or not be shown in UTC."""

GRANT: dict[str, object] = {"principalId": "p", "roleDefinitionId": "r", "groupId": "g", "accessId": "member"}
RECORDS: tuple[tuple[type[Record], dict[str, object], str], ...] = (
    (AuditEvent, {"id": "e", "activityDisplayName": "Register connector"}, "activityDateTime"),
    (RoleGrant, GRANT, "startDateTime"),
    (RoleGrant, GRANT, "endDateTime"),
    (GroupGrant, GRANT, "startDateTime"),
    (GroupGrant, GRANT, "endDateTime"),
)


def _answer(record: dict[str, object]) -> Answer:
    return Answer(200, {"content-type": "application/json"}, json.dumps({"value": [record]}).encode())


@pytest.mark.parametrize("date", ODD)
@pytest.mark.parametrize(("model", "record", "field"), RECORDS)
def test_an_odd_date_is_no_record(model: type[Record], record: dict[str, object], field: str, date: object) -> None:
    """A date without a zone, or that no calendar holds in UTC, makes its record malformed rather than a trap."""
    with pytest.raises(FailedError, match=r"malformed at .*DateTime"):
        decode_page(_answer({**record, field: date}), model)


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_a_date_that_is_read_can_be_shown(at: datetime, zone: timezone) -> None:
    """Whatever date is accepted is the same moment in UTC, and every way to write it works."""
    try:
        text = at.astimezone(zone).isoformat()
    except OverflowError:
        text = at.replace(tzinfo=zone).isoformat()

    try:
        (event,) = decode_page(
            _answer({"id": "e", "activityDisplayName": "x", "activityDateTime": text}), AuditEvent
        ).value
    except FailedError:
        return

    assert event.activity_date_time.utcoffset() == timedelta(0)
    assert event.activity_date_time == datetime.fromisoformat(text)
    assert timestamp(event.activity_date_time).endswith("Z")
    assert minute(event.activity_date_time).endswith(" UTC")
