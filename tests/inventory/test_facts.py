"""The readers held against Microsoft's own examples, and against what others saw in live tenants.

`CONNECTORWATCH_FACTS` names a folder with `graph-examples/*.json`, each a request with its response.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_core import to_json

from common.errors import DeniedError, FailedError, NotLicensedError, ReadError
from inventory.answer import NO_DIRECTORY_ROLE, Answer, error_of, says_empty
from inventory.batch import with_members
from inventory.decode import decode_page, decode_record
from inventory.models import (
    Application,
    AuditEvent,
    Connector,
    ConnectorGroup,
    Organization,
    Principal,
    Record,
    RoleDefinition,
    RoleGrant,
    TaggedPrincipal,
)
from inventory.request import GraphRequest, GraphService
from inventory.throttle_headers import wait_of

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = os.environ.get("CONNECTORWATCH_FACTS")
pytestmark = pytest.mark.skipif(FACTS is None, reason="CONNECTORWATCH_FACTS names no folder with Microsoft's examples")
EXAMPLES = Path(FACTS or "") / "graph-examples"

PIM = GraphRequest("v1.0", "/pim", GraphService.ROLES, "RoleEligibilitySchedule.Read.Directory", premium=True)
PROXY = GraphRequest("beta", "/connectors", GraphService.APP_PROXY, "Directory.Read.All")
MAY_BE_MISSING = GraphRequest("beta", "/x", GraphService.APP_PROXY, "Directory.Read.All", empty=frozenset({"http_404"}))

PROFILE = r"/onPremisesPublishingProfiles/applicationProxy"
ROLES = r"/roleManagement/directory"
PAGES: tuple[tuple[str, type[Record]], ...] = (
    (rf"{PROFILE}/connectors", Connector),
    (rf"{PROFILE}/connectors/[^/]+/memberOf", ConnectorGroup),
    (rf"{PROFILE}/connectorGroups", ConnectorGroup),
    (rf"{PROFILE}/connectorGroups/[^/]+/members", Connector),
    (rf"{PROFILE}/connectorGroups/[^/]+/applications", Application),
    (rf"{ROLES}/roleAssignments", RoleGrant),
    (rf"{ROLES}/role(Assignment|Eligibility)ScheduleInstances", RoleGrant),
    (rf"{ROLES}/roleDefinitions", RoleDefinition),
    (r"/organization", Organization),
    (r"/groups/[^/]+/(members|transitiveMembers)", Principal),
    (r"/servicePrincipals", TaggedPrincipal),
    (r"/auditLogs/directoryAudits", AuditEvent),
)
SINGLE: tuple[tuple[str, type[Record]], ...] = (
    (rf"{PROFILE}/connectors/[^/]+", Connector),
    (rf"{PROFILE}/connectorGroups(/[^/]+)?", ConnectorGroup),
    (rf"{ROLES}/roleDefinitions/[^/]+", RoleDefinition),
    (r"/organization/[^/]+", Organization),
)


def _examples() -> dict[str, dict[str, Any]]:
    """Return every example whose response has a body, by name."""
    files = sorted(EXAMPLES.glob("*.json")) if FACTS else []
    read = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    return {name: one for name, one in read.items() if isinstance((one["response"] or {}).get("body"), dict)}


def _model(example: dict[str, Any], kinds: tuple[tuple[str, type[Record]], ...]) -> type[Record] | None:
    path = re.sub(r"^https://[^/]+/[^/]+|[ ?].*$|/$", "", (example["request"] or {"url": ""})["url"])
    return next((model for pattern, model in kinds if re.fullmatch(pattern, path)), None)


def _chosen(choose: Callable[[dict[str, Any]], bool]) -> list[Any]:
    """Return examples as parameters; one that is skipped where there are none."""
    found = [pytest.param(one, id=name) for name, one in _examples().items() if choose(one)]
    return found or [pytest.param({}, id="none")]


def _is_page(example: dict[str, Any]) -> bool:
    """Whether this is a list that we read; some examples are shortened until not even ids are left."""
    rows = example["response"]["body"].get("value")
    return isinstance(rows, list) and all("id" in row for row in rows) and _model(example, PAGES) is not None


def _is_single(example: dict[str, Any]) -> bool:
    return "id" in example["response"]["body"] and _model(example, SINGLE) is not None


def _is_error(example: dict[str, Any]) -> bool:
    return int(example["response"]["status"]) >= 400


def _answer(example: dict[str, Any]) -> Answer:
    """Return an example's response; what its author blackened in ids becomes zeros."""
    response = example["response"]
    named = (line.partition(":") for line in response.get("headers") or ())
    headers = {name.strip().lower(): value.strip() for name, _, value in named}
    body = to_json(response["body"]).replace(b"<redacted>", b"0000-0000")
    return Answer(response["status"], headers | {"content-type": "application/json"}, body)


@pytest.mark.parametrize("example", _chosen(_is_page))
def test_lists(example: dict[str, Any]) -> None:
    """Every example of a list that we read is read, with all its records."""
    model = _model(example, PAGES)
    assert model is not None

    assert len(decode_page(_answer(example), model).value) == len(example["response"]["body"]["value"])


@pytest.mark.parametrize("example", _chosen(_is_single))
def test_single_things(example: dict[str, Any]) -> None:
    """Every example of a thing that we read is read."""
    model = _model(example, SINGLE)
    assert model is not None

    assert decode_record(_answer(example), model).model_dump()["id"] == example["response"]["body"]["id"]


@pytest.mark.parametrize("example", _chosen(_is_error))
def test_errors(example: dict[str, Any]) -> None:
    """Every example of a refusal becomes an error with a reason and the code that Graph gave, if it gave one."""
    error = error_of(_answer(example), PROXY)
    codes = re.findall(r'"code": "([^"]+)"', json.dumps(example["response"]["body"]))

    assert error.reason
    assert error.code in (codes or [f"http_{example['response']['status']}"])


@pytest.mark.parametrize(
    ("name", "ask", "kind", "code"),
    [
        ("observed-error-400-pim-licence", PIM, NotLicensedError, "AadPremiumLicenseRequired"),
        ("observed-error-400-pim-licence", PROXY, FailedError, "AadPremiumLicenseRequired"),
        ("observed-error-400-pim-nested-expand", PIM, FailedError, "InvalidFilter"),
        ("observed-error-403-onpremisespublishing", PROXY, DeniedError, NO_DIRECTORY_ROLE),
        ("observed-error-application-notfound", PROXY, FailedError, "Application_NotFound"),
        ("observed-error-publishedresources-404", PROXY, FailedError, "http_404"),
    ],
)
def test_what_others_met(name: str, ask: GraphRequest, kind: type[ReadError], code: str) -> None:
    """Errors of live tenants mean what they meant there: a licence, a role, a wrapped error, an empty code."""
    error = error_of(_answer(_examples()[name]), ask)

    assert (type(error), error.code) == (kind, code)


def test_what_is_not_there_is_not_empty() -> None:
    """The App Proxy back end's 404 with an empty code is no empty list, unless the list says that it is."""
    answer = _answer(_examples()["observed-error-publishedresources-404"])

    assert (says_empty(answer, PROXY), says_empty(answer, MAY_BE_MISSING)) == (False, True)


@pytest.mark.parametrize(("name", "seconds"), [("error-429-docs", 10.0), ("docs2021-concepts-throttling-1", 2.128)])
def test_being_throttled(name: str, seconds: float) -> None:
    """Microsoft's own examples of a refusal ask for ten seconds, and for two and a bit."""
    assert wait_of(_answer(_examples()[name]), pause=1.0) == seconds


def test_a_batch() -> None:
    """Microsoft's own example of a batch is told apart member by member, with its empty code and its next page."""
    members = with_members(_answer(_examples()["batch-docs"])).members

    assert {name: member.status for name, member in members.items()}["1"] == 200
    assert decode_page(members["1"], Principal).next_link is not None
    assert error_of(members["2"], PROXY).code == "http_403"
