"""Each thing that a tenant does differently from the simulated Graph is a line, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import FailedError
from connectorwatch.demo import HEALTHY_TENANTS
from connectorwatch.recording.compare import differences
from tests.connectorwatch.recording.changed import PROXY, Changed, body_at, expected, recorded, unchanged
from tests.inventory.networks import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.recording.document import Recording
    from inventory.answer import Answer
    from inventory.transport_port import Outgoing

    Change = Callable[[str, Answer], Answer]

CONNECTORS, AUDIT = f"{PROXY}/connectors", "/v1.0/auditLogs/directoryAudits"
ORGANIZATION, ROLES = "/v1.0/organization", "/v1.0/roleManagement/directory/roleDefinitions"


@pytest.fixture(name="simulated", scope="module")
def _simulated() -> tuple[Recording, ...]:
    return expected()


def _set(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        for record in body["value"]:
            record[name] = value

    return change


def _drop(name: str) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        for record in body["value"]:
            record.pop(name, None)

    return change


def _link(body: dict[str, Any]) -> None:
    if "@odata.nextLink" in body:
        body["@odata.nextLink"] += "&$orderby=id"


def _whole(path: str, change: Callable[[Answer], Answer]) -> Change:
    return lambda address, answer: change(answer) if address.partition("?")[0] == path else answer


def _header(name: str, value: str) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, headers={**answer.headers, name: value})


PLANTED: dict[str, tuple[Change, str]] = {
    "status": (_whole(CONNECTORS, lambda _: refusal(403, "accessDenied")), "status 403"),
    "error code": (_whole(ORGANIZATION, lambda _: refusal(400, "Request_BadRequest")), "error code Request_BadRequest"),
    "code not listed": (_whole(ORGANIZATION, lambda _: refusal(400, "Something")), "error code other"),
    "header": (_whole(AUDIT, _header("deprecation", "Tue")), "header deprecation"),
    "header value": (_whole(AUDIT, _header("odata-version", "4.01")), "header odata-version has the value 4.01"),
    "not JSON": (_whole(AUDIT, lambda answer: replace(answer, body=b"<p>")), "answers are not JSON"),
    "type": (body_at(ORGANIZATION, _set("displayName", 5)), "value[].displayName is number"),
    "null": (body_at(CONNECTORS, _set("status", None)), "value[].status is null"),
    "property missing": (body_at(CONNECTORS, _drop("machineName")), "value[].machineName is missing"),
    "property more": (body_at(CONNECTORS, _set("createdDateTime", "x")), "property value[].createdDateTime"),
    "unknown property": (body_at(ORGANIZATION, _set("ext_1_x", "x")), "properties of unknown names at value[]"),
    "unlisted word": (body_at(CONNECTORS, _set("status", "asleep")), "value[].status has a value that is not in"),
    "no batches": (_whole("/beta/$batch", lambda _: refusal(501)), "status 501"),
    "array": (body_at(ROLES, _set("rolePermissions", "none")), "value[].rolePermissions is string"),
    "further request": (body_at(CONNECTORS, _link), "this request is not among those"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_found(name: str, simulated: tuple[Recording, ...]) -> None:
    """Whatever is different in a tenant's answers is named with what it is."""
    change, line = PLANTED[name]

    found = differences(recorded(Changed(change)), simulated)

    assert any(line in difference.what for difference in found), found


@pytest.mark.parametrize("tenant", HEALTHY_TENANTS)
def test_what_is_as_expected_is_no_difference(tenant: str, simulated: tuple[Recording, ...]) -> None:
    """A tenant that answers as the simulated Graph does differs in nothing, whatever it holds."""
    others = [recording for name, recording in zip(HEALTHY_TENANTS, simulated, strict=True) if name != tenant]

    assert differences(recorded(Changed(unchanged, tenant)), simulated) == ()
    assert differences(simulated[1], [*others, *simulated]) == ()


def test_a_request_without_an_answer_is_a_difference(simulated: tuple[Recording, ...]) -> None:
    """Requests that break off are named with how often."""

    class Cut(Changed):
        async def send(self, outgoing: Outgoing) -> Answer:
            if outgoing.url.endswith("/connectors"):
                raise FailedError("cut off", code="cut")
            return await super().send(outgoing)

    found = differences(recorded(Cut(unchanged)), simulated)

    assert [difference.what for difference in found] == ["no whole answer (cut), 3 of 3 times"]
