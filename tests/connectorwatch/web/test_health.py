"""How the service is: health asks nobody who they are, and tells only those who may know what it knows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connectorwatch.service.own_state import (
    NAME,
    NOT_DELIVERED,
    SCAN_FAILED,
    change_fleet,
    tenant_subject,
    with_verdicts,
)
from connectorwatch.web.callers import READ_ONE
from connectorwatch.web.dispatch import WebService
from connectorwatch.web.messages import HttpRequest
from findings.document import SectionInfo
from findings.reports.json_file import render_json
from inventory.permissions import AUDIT, ROLE_ELIGIBILITIES
from policies.vocabulary import Outcome
from tests.connectorwatch.web.sites import EVERYTHING, MINE, NOW, OTHER, principal, tenant_row, told, world
from tests.findings.reports.sample import document

if TYPE_CHECKING:
    from pathlib import Path

    from connectorwatch.web.context import RequestContext
    from tests.connectorwatch.web.sites import World

ONE = principal(READ_ONE + MINE)


def could_not_read(*names: str, status: str = "denied") -> bytes:
    """Return a stored result in which these lists were not read; Graph's words name a person."""
    sections = [
        SectionInfo.model_validate({"name": name, "status": status, "count": None, "code": "Code", "reason": "Ada"})
        for name in names
    ]
    return render_json(document().model_copy(update={"sections": tuple(sections)}))


@pytest.mark.parametrize("headers", [{}, {"x-ms-client-principal": "forged"}])
def test_health_is_for_anybody_and_tells_nothing(headers: dict[str, str]) -> None:
    """Alive is all that somebody without a sign-in learns, and storage is not asked for it."""

    def no_context() -> RequestContext:
        raise AssertionError("health must not open anything")

    answer = WebService(no_context, trusted=True).answer(
        "health", HttpRequest("/api/health", headers=headers), keyed=False
    )

    assert (answer.status, told(answer)) == (200, {"status": "alive"})


def test_keys_and_people_are_told_the_same(tmp_path: Path) -> None:
    """How old scans are, what they missed and what that costs; never the words of an answer, which may name people."""
    late = (NOW - timedelta(hours=51)).isoformat()
    here = world(tmp_path, [tenant_row(MINE, complete=False), tenant_row(OTHER, scanned_at=late)])
    here.put(MINE, {"findings.json": could_not_read("connectors", "audit", status="failed")})
    answer = here.ask("health_details")

    assert told(answer) == told(here.ask("health", EVERYTHING, keyed=False))
    assert told(answer)["last_scan"] == {"in_time": 1, "late": 1, "never": 1}
    assert told(answer)["unseen"] == [
        {
            "missing": None,
            "code": "Code",
            "tenants": 1,
            "lists": ["audit", "connectors"],
            "costs": ["VER001", "VER003"],
        }
    ]
    assert b"Ada" not in answer.content


def test_what_most_tenants_miss_comes_first(tmp_path: Path) -> None:
    """The same thing is one entry with the number of tenants, however many miss it."""
    here = world(tmp_path, [tenant_row(MINE, complete=False), tenant_row(OTHER, complete=False)])
    here.put(MINE, {"findings.json": could_not_read("role_eligibilities", "audit")})
    here.put(OTHER, {"findings.json": could_not_read("role_eligibilities")})
    unseen = told(here.ask("health_details"))["unseen"]

    assert isinstance(unseen, list)
    assert [(entry["missing"], entry["lists"], entry["tenants"]) for entry in unseen] == [
        (ROLE_ELIGIBILITIES, ["role_eligibilities"], 2),
        (AUDIT, ["audit"], 1),
    ]


def test_a_tenant_read_in_full_and_not_judged_in_full_is_looked_into(tmp_path: Path) -> None:
    """A list that stands in for a better one is read, and that costs verdicts; what costs others is in the report."""
    here = world(tmp_path, [tenant_row(MINE, all_assessed=False), tenant_row(OTHER, all_assessed=False)])
    here.put(MINE, {"findings.json": could_not_read("role_assignments", status="read")})
    here.put(OTHER, {"findings.json": could_not_read()})
    answer = told(here.ask("health_details"))

    assert (answer["tenants_not_fully_known"], answer["of_them_not_looked_into"]) == (2, 0)
    assert answer["of_them_with_all_lists_read"] == 1
    assert answer["unseen"] == [
        {"missing": None, "code": "Code", "tenants": 1, "lists": ["role_assignments"], "costs": []}
    ]


@pytest.mark.parametrize("content", [None, b"{damaged"])
def test_a_result_that_cannot_be_read_is_no_result_without_gaps(tmp_path: Path, content: bytes | None) -> None:
    """A tenant whose newest result is missing or damaged is counted as not looked into."""
    here = world(tmp_path, [tenant_row(MINE, complete=False)])
    if content:
        here.put(MINE, {"findings.json": content})
    answer = told(here.ask("health_details"))

    assert (answer["tenants_not_fully_known"], answer["of_them_not_looked_into"], answer["unseen"]) == (1, 1, [])


def test_health_counts_what_the_caller_may_read(here: World) -> None:
    """Somebody with the role for one tenant learns nothing of the others, nor of the service's routes."""
    of_mine, of_other = (SCAN_FAILED.verdict(Outcome.FAIL, tenant_subject(one), "no token") for one in (MINE, OTHER))
    of_route = NOT_DELIVERED.verdict(Outcome.FAIL, tenant_subject("teams"), "refused")
    change_fleet(here.store, lambda state: with_verdicts(state, "event", NOW, [of_mine, of_other, of_route]))

    assert told(here.ask("health", ONE, keyed=False))["tenants"] == 1
    assert told(here.ask("health", ONE, keyed=False))["service_findings"] == {"SVC001": 1, "SVC002": 0, "SVC005": 0}
    assert told(here.ask("health_details"))["service_findings"] == {"SVC001": 2, "SVC002": 0, "SVC003": 1, "SVC005": 0}


def test_what_the_service_remembers_being_damaged_is_not_nothing(here: World) -> None:
    """Where the service's own state cannot be read, its findings are null, never 0."""
    here.store.documents.write(NAME, b"{damaged", None)

    assert told(here.ask("health_details"))["service_findings"] is None
