"""Ids become addresses and keys of findings: what would lead elsewhere, or could not be pasted, is no id."""

from __future__ import annotations

import json

import pytest

from common.errors import FailedError
from inventory.answer import Answer
from inventory.audit.models import AuditEvent
from inventory.decode import decode_page
from inventory.models import Application, Connector, Principal, Record, TaggedPrincipal
from policies.policy_file.answers import LONGEST_KEY
from policies.policy_file.answers import Answer as PolicyAnswer

EVENT: dict[str, object] = {"activityDateTime": "2026-11-20T06:00:00Z", "activityDisplayName": "Register connector"}
CONNECTOR: dict[str, object] = {"status": "active"}
RECORDS: tuple[tuple[type[Record], dict[str, object]], ...] = (
    (AuditEvent, EVENT),
    (Application, {}),
    (Connector, CONNECTOR),
    (Principal, {}),
    (TaggedPrincipal, {"appId": "a"}),
)
ODD = ("", " ", " a", "a ", "a\n", "a\nb", "\u202eb", "a\x85b", "a\u2028b", "a\x7f", "\u00e9", "a" * 201)


def _page(record: dict[str, object]) -> Answer:
    return Answer(200, {"content-type": "application/json"}, json.dumps({"value": [record]}).encode())


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(("model", "record"), RECORDS, ids=lambda part: getattr(part, "__name__", ""))
def test_an_odd_id_is_no_record(model: type[Record], record: dict[str, object], odd: str) -> None:
    """An id that is empty, too long, or holds what cannot be seen or pasted makes its record malformed."""
    with pytest.raises(FailedError, match="malformed"):
        decode_page(_page({**record, "id": odd}), model)


@pytest.mark.parametrize("event_id", ["Directory_5f6c3a1e-0d55-4c53-9a52-1f0a_MH4KN_26146829", "a/b c", "e" * 200])
def test_every_event_can_be_answered(event_id: str) -> None:
    """The key of a finding about an event that was read fits into an answer, whatever the event's id is."""
    (event,) = decode_page(_page({**EVENT, "id": event_id}), AuditEvent).value
    key = f"CON005/event:{event.id}"

    answer = {"key": key, "verdict": "handled", "reason": "r", "by": "ada", "at": "2026-11-20T07:00:00Z"}
    assert len(key) <= LONGEST_KEY
    assert PolicyAnswer.model_validate(answer).key == key.strip()
