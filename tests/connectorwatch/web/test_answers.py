"""Answers over HTTP: by people with a role of their own, under the name of their sign-in, and by nobody else."""

from __future__ import annotations

import base64
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from connectorwatch.scanning.answers import answers_name, stored_answers
from connectorwatch.web.answers import LARGEST
from connectorwatch.web.callers import ANSWER, READ_ALL, READ_ONE, SCAN
from connectorwatch.web.context import RequestContext
from connectorwatch.web.dispatch import WebService
from connectorwatch.web.messages import HttpRequest, HttpResponse
from connectorwatch.web.table import ROUTES
from findings.stores.folder import FolderStore
from tests.connectorwatch.usecases.answering import LATER, scan, scanned_store
from tests.connectorwatch.web.sites import MINE, UNKNOWN, told
from tests.findings.state.answering import CON003
from tests.making import TENANT

if TYPE_CHECKING:
    from pathlib import Path

OWN_ID = "11111111-7a44-4b7e-9c55-0d1c2b3a4e5f"
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
GOOD = {"key": CON003, "verdict": "expected", "reason": "CHG-1042"}


def signed_in(*roles: str, name: str | None = "ada@contoso.example", **more: str) -> dict[str, str]:
    """Return the headers of a person who signed in with these app roles and posts JSON."""
    claims = [{"typ": "roles", "val": role} for role in roles] + [{"typ": OBJECT_ID, "val": OWN_ID}]
    claims += [{"typ": "preferred_username", "val": name}] if name is not None else []
    claims += [{"typ": kind, "val": value} for kind, value in more.items()]
    principal = base64.b64encode(json.dumps({"auth_typ": "aad", "claims": claims}).encode()).decode()
    return {"x-ms-client-principal": principal, "content-type": "application/json"}


ADA = signed_in(READ_ONE + TENANT, ANSWER)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Return a store with three scans of one tenant, in which a rogue connector is open."""
    return scanned_store(tmp_path)


def post(
    store: FolderStore,
    body: object = GOOD,
    headers: dict[str, str] = ADA,
    *,
    tenant: str = TENANT,
    keyed: bool = False,
    query: dict[str, str] | None = None,
) -> HttpResponse:
    """Return what the route answers; a body that is not bytes is sent as JSON."""
    context = RequestContext(store, lambda tenant_id: tenant_id, lambda: {MINE: "Mine"}, now=lambda: LATER)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = HttpRequest("/api/people/tenants/x/answers", {"tenant": tenant}, query or {}, headers, content)
    return WebService(lambda: context, trusted=True).answer("give_answer", request, keyed=keyed)


def test_an_answer(store: FolderStore) -> None:
    """201 with the answer under the sign-in's name; the next scan that knows it ends the finding."""
    answer = post(store)

    assert answer.status == 201
    assert told(answer) == {
        "tenant": TENANT,
        "key": CON003,
        "verdict": "expected",
        "reason": "CHG-1042",
        "by": f"ada@contoso.example ({OWN_ID})",
        "at": "2026-11-22T18:00:00Z",
        "repeated": False,
        "replaces": None,
    }
    document = scan(store, 3, tuple(stored_answers(store, TENANT).answers))
    (entry,) = (verdict for verdict in document.verdicts if verdict.key == CON003)
    assert entry.lifecycle is not None
    assert entry.lifecycle.ending == "answered"


def test_the_same_and_another(store: FolderStore) -> None:
    """The same answer again is 200 and adds nothing; a contradicting one is 201 and says what it replaces."""
    answers = [
        post(store),
        post(store),
        post(store, GOOD | {"verdict": "wrong"}, signed_in(READ_ALL, ANSWER, name="b")),
    ]

    assert [answer.status for answer in answers] == [201, 200, 201]
    assert told(answers[1])["repeated"] is True
    replaced: Any = told(answers[2])["replaces"]
    assert (replaced["verdict"], replaced["by"]) == ("expected", f"ada@contoso.example ({OWN_ID})")
    assert [answer.verdict for answer in stored_answers(store, TENANT).answers] == ["expected", "wrong"]


@pytest.mark.parametrize(
    ("headers", "keyed", "tenant", "status"),
    [
        ({}, True, TENANT, 403),
        ({}, False, TENANT, 401),
        (signed_in(READ_ALL, SCAN), False, TENANT, 403),
        (signed_in(READ_ALL, SCAN), True, TENANT, 403),
        (signed_in(ANSWER), False, TENANT, 403),
        (signed_in(READ_ONE + MINE, ANSWER), False, TENANT, 404),
        (signed_in(READ_ALL, ANSWER), False, UNKNOWN, 404),
        (signed_in(READ_ALL, ANSWER), False, MINE, 404),
        (signed_in(READ_ALL, ANSWER, name=None), False, TENANT, 403),
        (signed_in(READ_ALL, ANSWER, name=" "), False, TENANT, 403),
        (signed_in(READ_ALL, ANSWER, idtyp="app"), False, TENANT, 403),
        (signed_in(READ_ALL, ANSWER, name="ada\u202e"), False, TENANT, 400),
        (ADA | {"content-type": "text/plain"}, False, TENANT, 415),
    ],
)
def test_who_may_not(store: FolderStore, headers: dict[str, str], keyed: bool, tenant: str, status: int) -> None:  # noqa: FBT001 - a table
    """A key, a sign-in without the role, software, another tenant and a form on another site answer nothing."""
    assert post(store, headers=headers, keyed=keyed, tenant=tenant).status == status
    assert store.documents.read(answers_name(TENANT)) is None


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "The body is no JSON. Send {"),
        (b"\xff", 400, "The body is no JSON"),
        (b"[" * 10_000, 400, "The body is no JSON"),
        ([GOOD], 400, "The body is no JSON object"),
        ({}, 400, "verdict must be one of expected, wrong, handled"),
        (GOOD | {"verdict": ["expected"]}, 400, "verdict must be one of"),
        (GOOD | {"reason": 7}, 400, "key and reason must be texts"),
        (GOOD | {"key": None}, 400, "key and reason must be texts"),
        (GOOD | {"reason": " "}, 400, "The reason must be some text"),
        (GOOD | {"reason": "a\nb"}, 400, "on one line"),
        (GOOD | {"reason": "a" * 1001}, 400, "has 1,001 characters"),
        (GOOD | {"by": "bob"}, 400, "'by' is not taken: who answers is taken from the sign-in"),
        (GOOD | {"at": "2030-01-01T00:00:00Z"}, 400, "'at' is not taken: an answer has the moment at which it arrives"),
        (GOOD | {"tenant": MINE}, 400, "'tenant' is not taken: the address names the tenant"),
        (GOOD | {"\u202eevil": 1}, 400, "is not taken"),
        (GOOD | {"key": "CON003/id-PAR20"}, 404, "There is no finding 'CON003/id-PAR20'"),
        (GOOD | {"key": "GRP001/id-Paris"}, 409, "not about something that happened"),
        (b" " * (LARGEST + 1), 413, "An answer has at most 16,384 bytes"),
    ],
)
def test_what_is_refused(store: FolderStore, body: object, status: int, said: str) -> None:
    """What is no answer is a problem document with a sentence, and nothing is stored."""
    answer = post(store, body)

    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert said in str(told(answer)["detail"])
    assert "\u202e" not in answer.content.decode()
    assert store.documents.read(answers_name(TENANT)) is None


def test_an_unknown_parameter(store: FolderStore) -> None:
    """A query parameter is refused, so that none is taken for part of the answer."""
    assert post(store, query={"by": "bob"}).status == 400


def test_people_at_once(store: FolderStore, tmp_path: Path) -> None:
    """Of several people who answer at the same moment everybody gets 201, and everybody's answer is kept."""
    start, answers = threading.Barrier(5), list[HttpResponse]()

    def give(number: int) -> None:
        headers = signed_in(READ_ALL, ANSWER, name=f"person{number}@contoso.example")
        start.wait()
        answers.append(post(FolderStore(tmp_path), GOOD, headers))

    threads = [threading.Thread(target=give, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status for answer in answers] == [201] * 5
    assert len({answer.by for answer in stored_answers(store, TENANT).answers}) == 5


def test_no_function_key_reaches_it() -> None:
    """There is no route for answers that a function key opens."""
    (route,) = (route for route in ROUTES if route.name == "give_answer")

    assert (route.keys, route.people, route.anybody, route.method) == (False, True, False, "POST")
    assert route.people_path == "people/tenants/{tenant}/answers"
