"""JSON batching."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from simulator import Fault, FaultKind, Throttle
from tests.simulator.helpers import EVENTUAL, Asker, asking, by_id

PROXY = "/onPremisesPublishingProfiles/applicationProxy"


async def test_members_are_answered_in_another_order(contoso: Asker) -> None:
    """Every member is answered, and not in the order it was asked."""
    reply = await contoso.batch(*["/organization"] * 20)
    ids = [one["id"] for one in reply.json["responses"]]
    assert sorted(ids, key=int) == [str(number) for number in range(20)] != ids


async def test_urls_with_and_without_a_slash(contoso: Asker) -> None:
    """A member's url is relative, with a slash or without, and its links are absolute."""
    answers = by_id(await contoso.batch(f"{PROXY}/connectors", f"{PROXY}/connectors"[1:]))
    for one in answers.values():
        assert one["status"] == 200
        link = one["body"]["@odata.nextLink"]
        assert link.startswith(f"{contoso.sim.root}/beta{PROXY}/connectors?$skiptoken=")
        assert len((await contoso.get(link)).rows) == 5


async def test_failed_members_do_not_fail_the_batch(contoso: Asker) -> None:
    """A batch is 200 whatever its members are."""
    reply = await contoso.batch("/users/none", "/nothing", "/v1.0/users", "https://graph.example/beta/users", "/$batch")
    answers = by_id(reply)
    assert reply.status == 200
    assert [answers[str(index)]["status"] for index in range(5)] == [404, 400, 400, 400, 400]


async def test_a_batch_has_one_version(contoso: Asker) -> None:
    """Members are of the batch's version."""
    answers = by_id(await contoso.batch(f"{PROXY}/connectors", version="v1.0"))
    assert answers["0"]["status"] == 400


async def test_headers_are_the_members_own(contoso: Asker) -> None:
    """A member's headers count, the batch's do not."""
    url = "/users?$filter=userType ne 'Guest'&$count=true"
    assert by_id(await contoso.batch(url))["0"]["status"] == 400
    answer = by_id(await contoso.batch(url, headers=EVENTUAL))["0"]
    assert (answer["body"]["@odata.count"], answer["headers"]["OData-Version"]) == (26, "4.0")


async def test_other_methods_in_a_batch(contoso: Asker) -> None:
    """A member may post ids, and may not write."""
    requests = [
        {"id": "ids", "method": "POST", "url": "/directoryObjects/getByIds", "body": {"ids": []}},
        {"id": "write", "method": "patch", "url": "/users/x", "body": {}},
    ]
    answers = by_id(await contoso.send("POST", "/v1.0/$batch", body={"requests": requests}))
    assert (answers["ids"]["body"]["value"], answers["write"]["status"]) == ([], 405)


def _one(**changed: object) -> dict[str, Any]:
    return {"id": "1", "method": "GET", "url": "/organization"} | changed


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        {},
        [],
        {"requests": []},
        {"requests": [_one(id=str(number)) for number in range(21)]},
        {"requests": [_one(), _one()]},
        {"requests": [{"id": "1"}]},
        {"requests": [_one(headers="x")]},
        {"requests": ["x"]},
    ],
)
async def test_batches_that_are_refused(contoso: Asker, body: object) -> None:
    """More than twenty members, doubled ids and anything unreadable are refused as a whole."""
    reply = await contoso.send("POST", "/beta/$batch", body=body)
    assert (reply.status, reply.code) == (400, "BadRequest")


async def test_a_batch_is_posted(contoso: Asker) -> None:
    """A batch is not to be had by GET."""
    assert (await contoso.get("/beta/$batch")).status == 405


@pytest.mark.parametrize("status", [400, 404, 405, 501])
async def test_batch_refused_by_a_fault(status: int) -> None:
    """The batch itself can be refused."""
    fault = Fault(path="/$batch", kind=FaultKind.STATUS, status=status)
    async with asking(faults=[fault]) as ask:
        assert (await ask.batch("/organization")).status == status


@pytest.mark.parametrize(
    ("kind", "ids"),
    [(FaultKind.BATCH_MISSING, 2), (FaultKind.BATCH_DOUBLE, 4), (FaultKind.BATCH_FOREIGN, 3)],
)
async def test_misplaced_members(kind: FaultKind, ids: int) -> None:
    """Members can be lost, doubled, or come back under an id nobody sent."""
    async with asking(faults=[Fault(path="/$batch", kind=kind)]) as ask:
        reply = await ask.batch(*["/organization"] * 3)
        assert len(reply.json["responses"]) == ids
        assert set(by_id(reply)) != {"0", "1", "2"} or kind is FaultKind.BATCH_DOUBLE


async def test_faults_strike_members() -> None:
    """A fault on a path strikes a member as it strikes a request."""
    fault = Fault(path="/users", kind=FaultKind.DENIED)
    async with asking(faults=[fault]) as ask:
        answers = by_id(await ask.batch("/users", "/groups"))
        assert (answers["0"]["status"], answers["1"]["status"]) == (403, 200)


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.RESET, FaultKind.HANG])
async def test_transport_faults_inside_a_batch(kind: FaultKind) -> None:
    """What would break a connection is a 504 inside a batch."""
    async with asking(faults=[Fault(path="/users", kind=kind)]) as ask:
        assert by_id(await ask.batch("/users"))["0"]["status"] == 504


@pytest.mark.parametrize("kind", [FaultKind.HTML, FaultKind.CUT_JSON, FaultKind.GARBAGE])
async def test_garbled_members(kind: FaultKind) -> None:
    """What is not JSON comes as base64 text."""
    async with asking(faults=[Fault(path="/users", kind=kind)]) as ask:
        answer = by_id(await ask.batch("/users"))["0"]
        assert base64.b64decode(answer["body"])


async def test_empty_member() -> None:
    """An empty answer is null inside a batch."""
    async with asking(faults=[Fault(path="/users", kind=FaultKind.EMPTY)]) as ask:
        assert by_id(await ask.batch("/users"))["0"]["body"] is None


async def test_members_are_throttled_one_by_one() -> None:
    """A throttled member carries its own Retry-After, in a batch that is 200."""
    async with asking(throttle=Throttle(ratio=0.5, seed=3)) as ask:
        reply = await ask.batch(*["/organization"] * 20)
        refused = [one for one in reply.json["responses"] if one["status"] == 429]
        assert 0 < len(refused) < 20
        assert {one["headers"]["Retry-After"] for one in refused} == {"1"}
        assert (reply.status, "Retry-After" in reply.headers) == (200, False)


async def test_records_of_a_batch(contoso: Asker) -> None:
    """A batch is one HTTP request, and its members are recorded as such."""
    await contoso.batch("/organization", "/users?$top=1")
    records = contoso.sim.requests
    assert contoso.sim.http_requests == 1
    assert [(one.path, one.batched) for one in records] == [
        ("/organization", True),
        ("/users", True),
        ("/$batch", False),
    ]
    assert records[1].query == {"$top": "1"}
