"""Lists page by page: in full or not at all."""

from __future__ import annotations

import pytest

from common.errors import DeniedError, FailedError, NotLicensedError, ReadError
from inventory.answer import Answer
from inventory.graph import Limits
from inventory.models import Connector
from inventory.request import GraphRequest, GraphService
from tests.inventory.networks import (
    JSON,
    ROOT,
    client,
    ids,
    in_turn,
    in_virtual_time,
    page,
    refusal,
    reply,
    thing,
)

ASK = GraphRequest(
    "beta", "/things", GraphService.APP_PROXY, "Things.Read.All", empty=frozenset({"Nothing_Here"}), premium=True
)
NEXT = f"{ROOT}/beta/things?$skiptoken="
LATER = refusal(429, retry_after="10")


async def _read(*answers: Answer | Exception, limits: Limits | None = None) -> tuple[Connector, ...]:
    return await client(in_turn(*answers), limits=limits).read_list(ASK, Connector)


async def _error(*answers: Answer | Exception, limits: Limits | None = None) -> ReadError:
    with pytest.raises(ReadError) as caught:
        await _read(*answers, limits=limits)
    return caught.value


@in_virtual_time
async def test_pages_are_followed_as_they_are() -> None:
    """Every next page is asked for by its own link, and an empty page in between ends nothing."""
    network = in_turn(page(thing(1), link=f"{NEXT}a%2Fb'"), page(link=f"{NEXT}2"), page(thing(2), thing(3)))

    assert ids(await client(network).read_list(ASK, Connector)) == ["c1", "c2", "c3"]
    assert [sent.url for sent in network.sent] == [f"{ROOT}/beta/things", f"{NEXT}a%2Fb'", f"{NEXT}2"]


@in_virtual_time
async def test_an_empty_list() -> None:
    """A list is empty if its page is, or if Graph says so in the list's own words."""
    assert await _read(page()) == ()
    assert await _read(refusal(404, "Nothing_Here")) == ()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(403, "Authorization_RequestDenied"), DeniedError),
        (refusal(400, "AadPremiumLicenseRequired"), NotLicensedError),
        (refusal(404, "Something_Else"), FailedError),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), FailedError),
    ],
)
@in_virtual_time
async def test_a_first_page_that_is_refused(answer: Answer, kind: type[ReadError]) -> None:
    """What the first page says is said of the list."""
    assert type(await _error(answer)) is kind


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(404, "Nothing_Here"), "broken_off"),
        (refusal(400, "AadPremiumLicenseRequired"), "broken_off"),
        (refusal(403, "Authorization_RequestDenied"), "broken_off"),
        (Answer(302, {"location": "https://evil.example/"}), "redirect"),
        (reply({"value": [{"id": "c1"}]}), "malformed"),
        (Answer(200, JSON, b'{"value":['), "malformed"),
    ],
)
@in_virtual_time
async def test_a_page_that_fails_in_the_middle_makes_the_list_unread(answer: Answer, code: str) -> None:
    """A list is never shorter than it is, whatever a later page says; "there is none" is no answer there."""
    error = await _error(page(thing(1), link=f"{NEXT}1"), answer)

    assert (error.code, error.status) == (code, "failed")


@in_virtual_time
async def test_a_page_that_fails_says_which_and_why() -> None:
    """The reason names the page, and keeps what the refusal says must be done."""
    error = await _error(page(thing(1), link=f"{NEXT}1"), refusal(403, "X", request_id="11-22"))

    assert error.reason == "page 2 of the list could not be read: Graph refuses: permission Things.Read.All is missing"
    assert (error.permission, error.request_id) == ("Things.Read.All", "11-22")


@pytest.mark.parametrize("again", [ROOT + "/beta/things", f"{NEXT}1"])
@in_virtual_time
async def test_a_list_that_loops_is_cut_with_a_reason(again: str) -> None:
    """A next page that was there before is no next page."""
    error = await _error(*[page(thing(1), link=again)] * 3)

    assert error.code == "endless"


@in_virtual_time
async def test_a_list_that_never_ends_is_cut_with_a_reason() -> None:
    """There are only so many pages, and the reason says how many were read."""
    pages = [page(thing(n), link=f"{NEXT}{n}") for n in range(5)]
    error = await _error(*pages, limits=Limits(pages=3))

    assert (error.code, error.reason) == ("endless", "the list does not end: 3 pages with 3 records were read")


@in_virtual_time
async def test_a_list_with_too_many_records_is_cut_with_a_reason() -> None:
    """There are only so many records, however many pages they come in."""
    pages = [page(thing(n), thing(-n), link=f"{NEXT}{n}") for n in range(5)]

    assert (await _error(*pages, limits=Limits(items=5))).code == "endless"


@in_virtual_time
async def test_a_list_just_within_its_limits_is_read() -> None:
    """The last page that is allowed may be the last one."""
    pages = [page(thing(1), link=f"{NEXT}1"), page(thing(2))]

    assert len(await _read(*pages, limits=Limits(pages=2, items=1))) == 2


@in_virtual_time
async def test_a_foreign_next_page_is_not_followed() -> None:
    """A next page elsewhere makes the list unread, and nothing is sent there."""
    network = in_turn(page(thing(1), link="https://graph.microsoft.com.evil.example/beta/things"))
    with pytest.raises(FailedError, match="not on Graph's own host"):
        await client(network).read_list(ASK, Connector)

    assert len(network.sent) == 1


@in_virtual_time
async def test_patience_is_for_the_whole_list() -> None:
    """Waits of all pages together are bounded, then the list is throttled and says how long it waited."""
    answers = [LATER, page(link=f"{NEXT}1"), LATER, page(link=f"{NEXT}2"), LATER]
    error = await _error(*answers, limits=Limits(patience=25))

    assert (error.status, error.reason) == (
        "throttled",
        "Graph asks for 10 s more waiting after 20 s; 25 s are allowed",
    )
