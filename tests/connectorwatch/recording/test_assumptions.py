"""The table of assumptions names what exists, and none that is guessed lets a rule pass."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_core import from_json, to_json

from connectorwatch.recording.assumptions import ASSUMPTIONS, Assumption
from connectorwatch.recording.questions import QUESTIONS
from policies.rules import RULE_IDS
from policies.vocabulary import Outcome
from simulator import TENANTS, load_tenant
from tests.connectorwatch.recording.changed import PROXY, body_at, unchanged
from tests.connectorwatch.recording.judging import not_assessed, passes, verdicts
from tests.inventory.networks import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.answer import Answer
    from tests.connectorwatch.recording.judging import Change

AUDIT = "/v1.0/auditLogs/directoryAudits"
PRINCIPALS = "/v1.0/directoryObjects/getByIds"
GUESSED = [assumption for assumption in ASSUMPTIONS if assumption.grade == "guessed"]


def _in_each(part: str, change: Callable[[dict[str, Any]], None]) -> Change:
    """Return a change of each answer to requests whose answer holds a text, inside batches as well."""

    def changed(_: str, answer: Answer) -> Answer:
        if part.encode() not in answer.body:
            return answer
        body = from_json(answer.body)
        for member in body.get("responses", [{"body": body}]):
            change(member)
        return replace(answer, body=to_json(body))

    return changed


def _no_connectors(address: str, answer: Answer) -> Answer:
    code = "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess"
    return refusal(403, code) if address.startswith("/beta/") else answer


def _no_batches(address: str, answer: Answer) -> Answer:
    return refusal(501) if address == "/beta/$batch" else answer


def _stubs(member: dict[str, Any]) -> None:
    for record in member["body"].get("value", []):
        record.pop("onPremisesPublishing", None)
        record.pop("tags", None)


def _unmanaged(member: dict[str, Any]) -> None:
    """Let PIM refuse each group that it lists nothing of."""
    body = member["body"]
    if "privilegedAccess" in body.get("@odata.context", "") and body.get("value") == []:
        member |= {"status": 400, "body": {"error": {"code": "ResourceTypeNotSupported", "message": "No."}}}


def _no_others(body: dict[str, Any]) -> None:
    body["value"] = [record for record in body["value"] if record["id"] not in _foreign()]


def _no_default(body: dict[str, Any]) -> None:
    for record in body["value"]:
        record["isDefault"] = False


@cache
def _foreign() -> frozenset[str]:
    """Return the ids of the demo tenant's agents that belong to groups of other types."""
    tenant = load_tenant(TENANTS / "contoso.yaml")
    others = (group for group in tenant.connector_groups.values() if group.type != "applicationProxy")
    return frozenset(tenant.guid("connector", key) for group in others for key in group.connectors)


def _no_identities(body: dict[str, Any]) -> None:
    for record in body["value"]:
        for name in ("identities", "onPremisesSyncEnabled", "isAssignableToRole"):
            record.pop(name, None)


def _homeless(member: dict[str, Any]) -> None:
    for record in member["body"].get("value", []):
        record.pop("principalOrganizationId", None)


def _no_targets(body: dict[str, Any]) -> None:
    for event in body["value"]:
        event["targetResources"] = []


FALSE: dict[str, Change] = {
    "connectors-app-only": _no_connectors,
    "other-groups": body_at(f"{PROXY}/connectors", _no_others),
    "proxy-batches": _no_batches,
    "application-settings-inlined": _in_each("onPremisesPublishing", _stubs),
    "pim-unmanaged-groups": _in_each("privilegedAccess", _unmanaged),
    "getbyids-properties": body_at(PRINCIPALS, _no_identities),
    "default-group": body_at(f"{PROXY}/connectorGroups", _no_default),
    "partners": _in_each("roleAssignments", _homeless),
    "guests-and-tokens": unchanged,
    "audit-service": body_at(AUDIT, lambda body: body["value"].clear()),
    "audit-register-shape": body_at(AUDIT, _no_targets),
}
"""By guessed assumption, how Graph answers where it is false; of guests it answers the same."""


@pytest.mark.parametrize("assumption", GUESSED, ids=lambda assumption: assumption.id)
def test_nothing_passes_because_of_a_guess(assumption: Assumption) -> None:
    """Where a guess is false, no rule passes anything that it does not pass where the guess is true."""
    believed, real = passes(unchanged), passes(FALSE[assumption.id])

    assert all(found <= known for found, known in zip(real, believed, strict=True)), [
        sorted(found - known) for found, known in zip(real, believed, strict=True)
    ]


@pytest.mark.parametrize(
    "assumption", [guess for guess in GUESSED if guess.effect == "not assessed"], ids=lambda guess: guess.id
)
def test_a_guess_that_costs_verdicts_says_so(assumption: Assumption) -> None:
    """The rules that an assumption names answer that they could not judge, or judge as before."""
    rules = RULE_IDS.intersection(assumption.used_in)
    lost = not_assessed(FALSE[assumption.id])

    assert lost
    for rule in rules - lost:
        same = [
            [(said.key, said.outcome) for said in scan if said.rule == rule]
            for change in (unchanged, FALSE[assumption.id])
            for scan in verdicts(change)
        ]
        assert same[:2] == same[2:]


def test_no_rule_about_registrars_passes_a_guest() -> None:
    """That guests cannot register is a guess: REG003 fails each of them, and none of the other rules passes them."""
    scan = verdicts(unchanged)[0]
    guests = {
        said.subject.id
        for said in scan
        if said.rule == "REG003" and said.outcome in {Outcome.FAIL, Outcome.WAIVED} and said.subject.id
    }

    assert guests
    assert not [
        said.key
        for said in scan
        if said.rule in {"REG001", "REG002", "REG008"} and said.subject.id in guests and said.outcome is Outcome.PASS
    ]


@pytest.mark.parametrize("assumption", ASSUMPTIONS, ids=lambda assumption: assumption.id)
def test_each_assumption_is_used_where_it_says(assumption: Assumption) -> None:
    """Every place that an assumption names is a rule or stands in the code; each guess has its cost and a test."""
    for name in assumption.used_in:
        assert name in RULE_IDS or _stands(name), name
    assert (assumption.effect is not None) == (assumption.grade == "guessed")
    assert (assumption.id in FALSE) == (assumption.grade == "guessed")


def _stands(name: str) -> bool:
    module, _, rest = name.partition(".")
    found: Any = import_module(module)
    for part in rest.split("."):
        found = getattr(found, part, None) or import_module(f"{found.__name__}.{part}")
    return found is not None


def test_each_open_question_settles_an_assumption() -> None:
    """Each question of `record` belongs to one assumption that is only guessed."""
    asked = sorted(assumption.question for assumption in GUESSED if assumption.question)

    assert asked == [question.id for question in QUESTIONS]
    assert len({assumption.id for assumption in ASSUMPTIONS}) == len(ASSUMPTIONS)
