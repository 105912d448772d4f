"""Requests for scans: what travels through the queue, and what does not pass for one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import RequestError
from connectorwatch.service.request import ScanRequest, parse_request, tenant_named_in
from connectorwatch.service.schedule import request_for
from tests.connectorwatch.service.making import NOW, A

ID = "20261120T060000Z-0123abcd"


def message(**change: object) -> str:
    """Return a message by hand, with changes; None leaves a key out."""
    told = {
        "schema": "connectorwatch.request/v1",
        "tenant": A,
        "scan_id": ID,
        "asked_at": "2026-11-20T06:00:00Z",
        "reason": "schedule",
    } | change
    return json.dumps({key: value for key, value in told.items() if value is not None})


def test_a_message_is_understood() -> None:
    """The message written by hand is the request it says, as text and as bytes."""
    expected = ScanRequest(tenant=A, scan_id=ID, asked_at=NOW, reason="schedule")

    assert parse_request(message()) == expected
    assert parse_request(message().encode()) == expected


def test_a_request_comes_back_as_it_was_sent() -> None:
    """What is put on the queue is what is read from it, in plain ASCII."""
    request = request_for(A, NOW, "manual")

    assert parse_request(request.to_text()) == request
    assert request.to_text().isascii()


def test_a_newer_minor_version_is_understood() -> None:
    """A message of an instance that is a little newer is read; what it adds is ignored."""
    assert parse_request(message(schema="connectorwatch.request/v1.7", urgency=3)).tenant == A


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("\\xff", "not JSON"),
        ("[]", "no scan request"),
        ("7", "no scan request"),
        ("{}", "no scan request"),
        (message(schema="connectorwatch.state/v1"), "no scan request"),
        (message(schema="connectorwatch.request/v2"), "update connectorwatch"),
        (message(tenant=None), "`tenant`"),
        (message(tenant="../_fleet"), "`tenant`"),
        (message(tenant=A.upper()), "`tenant`"),
        (message(scan_id="20261120T060000Z-0123abcd/../.."), "`scan_id`"),
        (message(scan_id=ID + "\n"), "`scan_id`"),
        (message(asked_at="2026-11-20T06:00:00"), "`asked_at`"),
        (message(reason="because of <b>"), "`reason`"),
    ],
)
def test_what_is_no_request_is_refused(text: str, complaint: str) -> None:
    """Garbage, other documents, newer versions and ids that might lead elsewhere are refused, each with its reason."""
    with pytest.raises(RequestError, match=complaint):
        parse_request(text)


@given(st.binary(max_size=100))
def test_no_message_breaks_the_reading(content: bytes) -> None:
    """Whatever lies on the queue is refused in our own words, and names no tenant."""
    with pytest.raises(RequestError):
        parse_request(content)
    assert tenant_named_in(content) is None


@pytest.mark.parametrize(
    ("text", "tenant"),
    [
        (message(schema="connectorwatch.request/v2", tenant=A.upper()), A),
        (message(tenant="../x"), None),
        (message(tenant=None), None),
        ('"x"', None),
        ("[" * 100_000, None),
    ],
)
def test_the_tenant_of_a_message_that_is_not_understood(text: str, tenant: str | None) -> None:
    """A message of a newer version still says whose scan it was, so that its failure can be told."""
    assert tenant_named_in(text) == tenant
