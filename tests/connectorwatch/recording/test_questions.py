"""What a recording says of each open question: yes, no, or that it does not show it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from pydantic_core import from_json, to_json

from connectorwatch.recording.questions import QUESTIONS, answers
from tests.connectorwatch.recording.changed import PROXY, Changed, body_at, recorded, unchanged
from tests.inventory.networks import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.answer import Answer

    Change = Callable[[str, Answer], Answer]

APP = jwt.encode({"roles": ["Directory.Read.All"]}, "k" * 32)
PERSON = jwt.encode({"scp": "Directory.Read.All"}, "k" * 32)
GROUPS, AUDIT = f"{PROXY}/connectorGroups", "/v1.0/auditLogs/directoryAudits"
PIM, PLAIN = "/identityGovernance/privilegedAccess/group/", "/v1.0/roleManagement/directory/roleAssignments"


def _refused(part: str, answer: Answer) -> Change:
    return lambda address, own: answer if part in address else own


def _without(*names: str) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        for record in body["value"]:
            for name in names:
                record.pop(name, None)

    return change


def _no_connector_ids(body: dict[str, Any]) -> None:
    for event in body["value"]:
        event["targetResources"] = [{"id": None, "displayName": "x", "modifiedProperties": []}]


def _id_in_changes(body: dict[str, Any]) -> None:
    for event in body["value"]:
        old = event["targetResources"][0]["id"] if event["targetResources"] else "none"
        changed = {"displayName": "ConnectorId", "oldValue": None, "newValue": f'"{old}"'}
        event["targetResources"] = [{"id": None, "modifiedProperties": [changed]}]


def _plain(address: str, answer: Answer) -> Answer:
    """Let PIM refuse its lists of roles, and let the plain list name another organization."""
    if "/$batch" not in address or b"roleDefinitionId" not in answer.body:
        return answer
    body = from_json(answer.body)
    for member in body["responses"]:
        if b"ScheduleInstances" in to_json(member):
            member |= {"status": 403, "body": {"error": {"code": "UnknownError", "message": "No."}}}
        else:
            for row in member["body"].get("value", []):
                row["principalOrganizationId"] = "x"
    return replace(answer, body=to_json(body))


def _own_groups_only(body: dict[str, Any]) -> None:
    body["value"] = [group for group in body["value"] if group["connectorGroupType"] == "applicationProxy"]


CASES: list[tuple[str, Change, str, bool | None]] = [
    ("U1", unchanged, APP, True),
    ("U1", _refused("/connectors", refusal(403, "accessDenied")), APP, False),
    ("U1", unchanged, PERSON, None),
    ("U1", unchanged, "", None),
    ("U1", _refused("/connectors", refusal(400, "BadRequest")), APP, None),
    ("U2", unchanged, APP, None),
    ("U3", unchanged, APP, None),
    ("U3", _plain, APP, True),
    ("U4", unchanged, APP, True),
    ("U4", body_at(AUDIT, _id_in_changes), APP, True),
    ("U4", body_at(AUDIT, _no_connector_ids), APP, False),
    ("U4", _refused(AUDIT, refusal(403, "Authorization_RequestDenied")), APP, None),
    ("U5", unchanged, APP, True),
    ("U5", _refused("/beta/$batch", refusal(501)), APP, False),
    ("U5", _refused("/connectorGroups", refusal(403, "accessDenied")), APP, None),
    ("U6", unchanged, APP, False),
    ("U6", _refused(PIM, refusal(400, "ResourceTypeNotSupported")), APP, True),
    ("U7", unchanged, APP, True),
    ("U7", body_at("/v1.0/directoryObjects/getByIds", _without("identities")), APP, False),
    ("U7", _refused("getByIds", refusal(403, "Authorization_RequestDenied")), APP, None),
    ("U8", unchanged, APP, True),
    ("U8", body_at(f"{PROXY}/connectors", lambda body: body["value"].clear()), APP, False),
    ("U8", body_at(GROUPS, _own_groups_only), APP, None),
]


@pytest.mark.parametrize(("number", "change", "token", "answer"), CASES)
def test_each_question_is_answered_by_what_was_recorded(
    number: str,
    change: Change,
    token: str,
    answer: bool | None,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A recording answers a question only where it shows the answer."""
    found = {answered.question.id: answered for answered in answers(recorded(Changed(change), token))}

    assert found[number].answer is answer


def test_each_question_says_what_to_do_for_either_answer() -> None:
    """Each of the eight lines has an instruction for what was answered, and both where nothing was."""
    lines = {answered.question.id: answered for answered in answers(recorded(Changed(unchanged), APP))}

    assert list(lines) == [f"U{number}" for number in range(1, 9)]
    for question in QUESTIONS:
        line, answer = lines[question.id].line, lines[question.id].answer
        assert (question.if_yes in line, question.if_no in line) == (answer is not False, answer is not True)
