"""Lists batch by batch: twenty in one request, each with its own outcome."""

from __future__ import annotations

import pytest
from pydantic_core import from_json

from common.errors import DeniedError, FailedError, ReadError, ThrottledError
from inventory.answer import Answer
from inventory.graph import GraphClient, Limits
from inventory.models import Connector
from inventory.request import GraphRequest, GraphService
from tests.inventory.networks import (
    JSON,
    ROOT,
    ByHand,
    Sent,
    batched,
    client,
    ids,
    in_virtual_time,
    member,
    now,
    page,
    refusal,
    reply,
    thing,
)

PREMIUM = GraphRequest("beta", "/things", GraphService.APP_PROXY, "Things.Read.All", premium=True)
NEXT = f"{ROOT}/beta/things?$skiptoken="
RESET = FailedError("no whole answer", code="unreachable")
LATER = refusal(429, retry_after="10")


def _asks(count: int) -> list[GraphRequest]:
    return [GraphRequest("beta", f"/things/{n}", GraphService.APP_PROXY, "Things.Read.All") for n in range(count)]


async def _many(network: ByHand, count: int, limits: Limits | None = None) -> tuple[list[list[str] | str], GraphClient]:
    graph = client(network, limits=limits)
    return [ids(outcome) for outcome in await graph.read_many(_asks(count), Connector)], graph


def _one(relative: str) -> Answer:
    """Answer `/things/7` with the thing 7."""
    return page(thing(relative.rpartition("/")[2]))


@pytest.mark.parametrize(("count", "requests"), [(0, 0), (1, 1), (2, 1), (20, 1), (21, 2), (41, 3)])
@in_virtual_time
async def test_twenty_lists_in_one_request(count: int, requests: int) -> None:
    """Lists are asked for by the twenty, a single one alone, and come back in their order."""
    network = ByHand(batched(_one))
    outcomes, graph = await _many(network, count)

    assert outcomes == [[f"c{n}"] for n in range(count)]
    assert (len(network.sent), graph.exchange.counts.requests) == (requests, requests)


@in_virtual_time
async def test_a_members_next_page_is_followed() -> None:
    """A list in a batch can have further pages, which are asked for alone."""
    network = ByHand(batched(lambda url: page(thing(0), link=f"{NEXT}1") if url == "/things/0" else page(thing(9))))

    assert (await _many(network, 2))[0] == [["c0", "c9"], ["c9"]]


@in_virtual_time
async def test_a_list_that_fails_leaves_the_others() -> None:
    """One member that is refused, malformed or leads elsewhere costs its own list only."""
    odd = {"/things/1": refusal(403, "Denied"), "/things/2": reply({}), "/things/3": page(link="https://evil.example/")}
    network = ByHand(batched(lambda url: odd.get(url) or _one(url)))

    assert (await _many(network, 5))[0] == [["c0"], "Denied", "malformed", "foreign_link", ["c4"]]


@pytest.mark.parametrize("status", [400, 404, 405, 501])
@in_virtual_time
async def test_without_batches_each_is_asked_for_alone(status: int) -> None:
    """Where `$batch` is refused all is read by single requests, and the scan does not try again."""
    network = ByHand(lambda sent: Answer(status) if sent.url.endswith("/$batch") else batched(_one)(sent))
    graph = client(network)
    for _ in range(2):
        assert len(await graph.read_many(_asks(3), Connector)) == 3

    assert [sent.method for sent in network.sent] == ["POST"] + ["GET"] * 6


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(500), "http_500"),
        (Answer(403), "http_403"),
        (refusal(400, "AadPremiumLicenseRequired"), ["c0"]),
        (refusal(403, "ConnectorGroup_NotFound"), "http_403"),
        (refusal(410, "ConnectorGroup_NotFound"), "http_410"),
        (Answer(302), "redirect"),
        (RESET, "unreachable"),
        (FailedError("large", code="too_large"), ["c0"]),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), ["c0"]),
        (Answer(200, JSON, b'{"responses":[{'), ["c0"]),
        (reply({"responses": []}), ["c0"]),
    ],
)
@in_virtual_time
async def test_a_batch_that_fails(answer: Answer | Exception, outcome: object) -> None:
    """A batch that nobody can read, or that is too large, is asked for one by one; one that is refused is unread."""
    network = ByHand(lambda sent: answer if sent.url.endswith("/$batch") else batched(_one)(sent))
    outcomes, _ = await _many(network, 2)

    assert outcomes[0] == outcome


@in_virtual_time
async def test_a_refused_batch_says_nothing_of_licences() -> None:
    """Only a list itself can say that it is not there, or that the tenant has no licence for it."""
    network = ByHand(lambda _: refusal(403, "AadPremiumLicenseRequired"))
    outcomes = await client(network).read_many([PREMIUM, PREMIUM], Connector)

    assert [type(outcome) for outcome in outcomes] == [DeniedError, DeniedError]


def _with_members(change: object) -> ByHand:
    """Return a network whose batches' answers are changed by a function, and which answers single requests."""

    def answer(sent: Sent) -> Answer:
        whole = batched(_one)(sent)
        if not sent.url.endswith("/$batch"):
            return whole
        responses = from_json(whole.body)["responses"]
        assert callable(change)
        return reply({"responses": change(responses)})

    return ByHand(answer)


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members[1:],
        lambda members: [*members, members[0]],
        lambda members: [*members, {**members[1], "id": "0"}],
        lambda members: [{**members[0], "id": "x"}, *members[1:]],
        lambda members: [{**members[0], "id": "00"}, *members[1:]],
        lambda members: [{**members[0], "id": "99"}, *members[1:]],
        lambda members: members[::-1],
        lambda members: [{**members[0], "status": 401}, *members[1:]],
        lambda members: [{**members[0], "status": 502}, *members[1:]],
        lambda members: [{**members[0], "status": 500}, *members[1:]],
        lambda members: [{**members[0], "status": 7}, *members[1:]],
        lambda members: [*members, {"id": "77", "status": 200, "body": {}}],
    ],
)
@in_virtual_time
async def test_members_that_are_missing_doubled_or_foreign(change: object) -> None:
    """Members in any order are told apart by id; what is missing, there twice or not settled is asked for alone."""
    assert (await _many(_with_members(change), 3))[0] == [["c0"], ["c1"], ["c2"]]


@in_virtual_time
async def test_only_refused_members_are_asked_again_after_their_wait() -> None:
    """The members that were throttled are asked again together, when the longest of their waits is over."""
    said = {"/things/1": [refusal(429, retry_after="5")], "/things/3": [refusal(503, retry_after="9")]}
    network = ByHand(batched(lambda url: said[url].pop() if said.get(url) else _one(url)))
    outcomes, graph = await _many(network, 5)

    assert outcomes == [["c0"], ["c1"], ["c2"], ["c3"], ["c4"]]
    assert [(sent.at, len(from_json(sent.body or b"")["requests"])) for sent in network.sent] == [(0.0, 5), (9.0, 2)]
    counts = graph.exchange.counts
    assert (counts.throttled, counts.retried, counts.batched) == (2, 2, 7)


@in_virtual_time
async def test_members_refused_without_a_time_wait_longer_each_time() -> None:
    """A batch whose members name no time is repeated with growing pauses."""
    said = [Answer(429)] * 3
    network = ByHand(batched(lambda url: said.pop() if url == "/things/0" and said else _one(url)))
    await _many(network, 2, Limits())
    first, second, third, fourth = (sent.at for sent in network.sent)

    assert (second - first) <= 1.0 <= (third - second) <= 2.0 <= (fourth - third) <= 4.0


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("limits", "says"),
    [(Limits(tries=2), "Graph was unavailable 2 times"), (Limits(patience=1), "was unavailable and asks")],
)
@in_virtual_time
async def test_an_outage_is_not_told_as_a_limit(count: int, limits: Limits, says: str) -> None:
    """Alone and in a batch, a 503 that lasts is told as an outage, whichever bound is reached first."""
    network = ByHand(batched(lambda _: refusal(503, retry_after="10")))
    outcomes = await client(network, limits=limits).read_many(_asks(count), Connector)

    assert [(type(one), getattr(one, "code", "")) for one in outcomes] == [(ThrottledError, "unavailable")] * count
    assert all(says in str(one) for one in outcomes)


@in_virtual_time
async def test_a_member_that_is_always_refused_is_throttled_alone() -> None:
    """What the others said is kept when one of them never answers."""
    network = ByHand(batched(lambda url: LATER if url == "/things/1" else _one(url)))
    outcomes, _ = await _many(network, 3, Limits(tries=3))

    assert outcomes == [["c0"], "throttled", ["c2"]]
    assert now() == 20.0


@in_virtual_time
async def test_a_member_that_has_to_wait_too_long_is_throttled_alone() -> None:
    """What the others said is kept when one of them asks for more time than is allowed."""
    network = ByHand(batched(lambda url: refusal(429, retry_after="999") if url == "/things/1" else _one(url)))
    graph = client(network)
    outcomes = await graph.read_many(_asks(3), Connector)

    assert isinstance(outcomes[1], ThrottledError)
    assert "999 s more" in outcomes[1].reason
    assert (ids(outcomes[0]), ids(outcomes[2])) == (["c0"], ["c2"])


@in_virtual_time
async def test_lists_that_wait_side_by_side_do_not_share_their_waiting() -> None:
    """Ten batches that wait for the same ten seconds have waited ten seconds each, not a hundred."""
    told = set[bytes | None]()

    def answer(sent: Sent) -> Answer:
        if sent.body in told:
            return batched(_one)(sent)
        told.add(sent.body)
        return LATER

    outcomes, _ = await _many(ByHand(answer, latency=0.1), 200, Limits(patience=60))

    assert outcomes == [[f"c{n}"] for n in range(200)]


@in_virtual_time
async def test_single_things() -> None:
    """Things that are asked for one by one come as records, or with the reason why not."""
    said = {"/things/0": reply(thing(0)), "/things/1": refusal(404, "Gone"), "/things/2": reply([])}
    outcomes = await client(ByHand(batched(lambda url: said[url]))).read_each(_asks(3), Connector)

    assert [outcome.code if isinstance(outcome, ReadError) else outcome.id for outcome in outcomes] == [
        "c0",
        "Gone",
        "malformed",
    ]


@in_virtual_time
async def test_a_member_in_text_is_no_list() -> None:
    """A member whose body came as base64 text is not decoded on suspicion."""
    network = ByHand(
        lambda sent: (
            reply({"responses": [member("0", page()) | {"body": "eyJ2YWx1ZSI6W119"}, member("1", page())]})
            if sent.body
            else page()
        )
    )

    assert (await _many(network, 2))[0] == ["malformed", []]
