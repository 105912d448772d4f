"""One request: what is asked again, what is believed, and where nothing is ever sent."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from common.clock import Clock
from common.errors import FailedError, HeldBackError, ThrottledError
from inventory.answer import Answer
from inventory.gate import Gate, Patience
from inventory.request import GraphService
from inventory.sender import LONGEST_LINK, HttpCall, Sender
from tests.fuzz.values import links
from tests.inventory.networks import ROOT, ByHand, in_turn, in_virtual_time, now, refusal, reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.transport_port import Outgoing

REQUEST = HttpCall(f"{ROOT}/v1.0/things", GraphService.DIRECTORY)
RESET = FailedError("no whole answer", code="unreachable")
GOOD = reply({"value": []})


def _exchange(network: ByHand) -> Sender:
    return Sender(network, ROOT, Gate(clock=Clock(now)), random.Random(1))  # noqa: S311 - jitter, keeps no secret


async def _send(answers: Sequence[Answer | Exception], patience: Patience | None = None) -> tuple[Answer, ByHand]:
    network = in_turn(*answers)
    return await _exchange(network).send(REQUEST, patience or Patience()), network


@pytest.mark.parametrize("link", [link for link in links(ROOT, "evil.example") if isinstance(link, str)])
def test_a_link_of_graphs_own_stays_on_graphs_host(link: str) -> None:
    """A link is refused, or it begins with the root and a slash and so leads to Graph's host only."""
    assert _judged(link) in (link, "foreign_link")
    assert _judged(link) == "foreign_link" or link.startswith(f"{ROOT}/")


def _judged(link: str) -> str:
    """Return the link, or the code of its refusal."""
    try:
        return Sender(in_turn(), ROOT, Gate()).on_graph(link)
    except FailedError as error:
        return error.code


def test_a_link_that_grows_with_every_page_is_not_followed() -> None:
    """A thousand pages whose links double would fill memory long before the pages run out."""
    fits = f"{ROOT}/v1.0/" + "x" * (LONGEST_LINK - len(ROOT) - 6)

    assert (_judged(fits), _judged(f"{fits}x")) == (fits, "foreign_link")


@given(st.text())
def test_no_text_makes_judging_a_link_fail(text: str) -> None:
    """Whatever stands behind the root is an address there, or is refused with our own error."""
    for link in (text, ROOT + text, f"{ROOT}/{text}"):
        assert _judged(link) == "foreign_link" or (_judged(link) == link and link.startswith(f"{ROOT}/"))


@in_virtual_time
async def test_every_request_has_an_id_of_its_own() -> None:
    """Each attempt carries a fresh id, by which Microsoft's support can find it."""
    _, network = await _send([RESET, GOOD])

    assert len({sent.headers["client-request-id"] for sent in network.sent}) == 2


@pytest.mark.parametrize("fault", [RESET, Answer(500), Answer(502), Answer(504), Answer(408)])
@in_virtual_time
async def test_a_fault_that_may_pass_is_asked_again(fault: Answer | Exception) -> None:
    """Twice a fault is waited out, longer the second time."""
    answer, network = await _send([fault, fault, GOOD])
    first, second, third = (sent.at for sent in network.sent)

    assert answer.ok
    assert 0.5 <= second - first <= 1.0 <= third - second <= 2.0


@in_virtual_time
async def test_the_third_fault_is_believed() -> None:
    """A server error that stays is the answer, a connection that stays broken is an error."""
    assert (await _send([Answer(500)] * 3))[0].status == 500
    with pytest.raises(FailedError, match="no whole answer"):
        await _send([RESET] * 3)


@pytest.mark.parametrize("code", ["no_token", "too_large", "encoding"])
@in_virtual_time
async def test_what_asking_again_does_not_mend_is_believed_at_once(code: str) -> None:
    """Without a token, or for an answer that is too large, there is one attempt."""
    with pytest.raises(FailedError):
        await _send([FailedError("no", code=code)])
    assert now() == 0.0


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 409, 410, 501, 599, 200, 204])
@in_virtual_time
async def test_other_answers_are_believed_at_once(status: int) -> None:
    """What will not pass by itself is the answer."""
    assert (await _send([Answer(status)]))[0].status == status


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@in_virtual_time
async def test_a_redirect_is_a_failed_read(status: int) -> None:
    """A redirect is never followed, and never asked again."""
    with pytest.raises(FailedError, match=rf"redirect \({status}\), which was not followed") as caught:
        await _send([Answer(status, {"location": "https://evil.example/"})])
    assert caught.value.code == "redirect"


@pytest.mark.parametrize("status", [429, 503])
@in_virtual_time
async def test_retry_after_is_waited_for(status: int) -> None:
    """A refused request is sent again when its Retry-After is over, not before."""
    _, network = await _send([refusal(status, retry_after="10"), GOOD])

    assert [sent.at for sent in network.sent] == [0.0, 10.0]


@in_virtual_time
async def test_without_retry_after_the_pauses_grow() -> None:
    """Refusals that name no time are waited out twice as long each time, with jitter, and never beyond a minute."""
    _, network = await _send([Answer(429)] * 9 + [GOOD], Patience(tries=10, seconds=1000))
    moments = [sent.at for sent in network.sent]
    pauses = [after - before for before, after in itertools.pairwise(moments)]

    assert all(min(60, 2**n) / 2 <= pause <= min(60, 2**n) for n, pause in enumerate(pauses))


@in_virtual_time
async def test_refusals_have_an_end() -> None:
    """After so many refusals the list is throttled, and says how often and how long."""
    with pytest.raises(ThrottledError, match=r"^Graph refused 3 times, with 20 s of waiting in between$"):
        await _send([refusal(429, retry_after="10")] * 3, Patience(tries=3))


@in_virtual_time
async def test_a_refusal_stops_other_requests_too() -> None:
    """After a refusal nothing goes to the service before the time is over, whoever asks."""
    network = in_turn(refusal(429, retry_after="30"), GOOD, GOOD)
    exchange = _exchange(network)
    await exchange.send(REQUEST, Patience())
    await exchange.send(REQUEST, Patience())

    assert [sent.at for sent in network.sent] == [0.0, 30.0, 30.0]


@dataclass
class Slow:
    """A network on which every request is held up by getting a token first, and then looks once more."""

    inner: ByHand

    async def send(self, outgoing: Outgoing) -> Answer:
        """Take a second, look, and send."""
        await asyncio.sleep(1)
        if not outgoing.may_go():
            raise HeldBackError("held back")
        return await self.inner.send(outgoing)


@in_virtual_time
async def test_a_request_that_was_about_to_go_is_held_back() -> None:
    """A refusal that comes in while another request gets its token stops that one too, and it is not counted."""
    network = ByHand(lambda _: refusal(429, retry_after="30") if now() < 10 else GOOD, latency=0.5)
    exchange = Sender(Slow(network), ROOT, Gate(clock=Clock(now)))

    async def later() -> None:
        await asyncio.sleep(0.7)
        await exchange.send(REQUEST, Patience())

    await asyncio.gather(exchange.send(REQUEST, Patience()), later())

    assert [sent.at for sent in network.sent] == [1.0, 32.5, 32.5]
    assert (exchange.counts.requests, exchange.counts.retried) == (3, 1)


@in_virtual_time
async def test_a_refused_token_is_renewed_once() -> None:
    """The first 401 is asked again with a new token; the second is the answer."""
    answer, network = await _send([Answer(401), Answer(401)])

    assert (answer.status, len(network.sent)) == (401, 2)


def _challenge(claims: bytes, *, urlsafe: bool = False) -> Answer:
    encoded = (base64.urlsafe_b64encode(claims).rstrip(b"=") if urlsafe else base64.b64encode(claims)).decode()
    return Answer(401, {"www-authenticate": f'Bearer realm="", error="insufficient_claims", claims="{encoded}"'})


@pytest.mark.parametrize("urlsafe", [True, False])
@in_virtual_time
async def test_a_claims_challenge_is_passed_on(*, urlsafe: bool) -> None:
    """What Graph demands of the token goes to whoever makes tokens, in plain base64 whichever kind Graph used."""
    claims = json.dumps({"access_token": {"nbf": {"value": "1795154400", "odd": "?>~"}}}).encode()
    _, network = await _send([_challenge(claims, urlsafe=urlsafe), GOOD])

    assert [sent.claims for sent in network.sent] == [None, base64.b64encode(claims).decode()]


@pytest.mark.parametrize(
    "header", ["", 'Bearer realm=""', 'Bearer claims=""', 'Bearer claims="a"', 'Bearer claims="/w=="', "é"]
)
@in_virtual_time
async def test_a_challenge_that_cannot_be_read_renews_the_token_only(header: str) -> None:
    """Claims that are no base64 of text are left out, and the token is asked for anew."""
    _, network = await _send([Answer(401, {"www-authenticate": header}), GOOD])

    assert [sent.claims for sent in network.sent] == [None, None]


@in_virtual_time
async def test_what_it_took_is_counted() -> None:
    """Requests, retries, refusals and bytes are counted, for the report and the log."""
    network = in_turn(RESET, refusal(429, retry_after="1"), Answer(401), GOOD)
    exchange = _exchange(network)
    await exchange.send(REQUEST, Patience())

    counts = exchange.counts
    assert (counts.requests, counts.retried, counts.throttled, counts.batched) == (4, 3, 1, 0)
    assert counts.bytes == len(GOOD.body) + len(refusal(429).body)


@in_virtual_time
async def test_a_log_line_holds_no_query_and_no_header() -> None:
    """A request is logged by path, status and ids; page tokens and filters stay out of the log."""
    network = in_turn(reply({"value": []}, request_id="11-22"))
    with capture_logs() as lines:
        await _exchange(network).send(HttpCall(f"{ROOT}/v1.0/x?$skiptoken=s3cret", GraphService.ROLES), Patience())

    assert [(line["path"], line["status"], line["request_id"]) for line in lines] == [("/v1.0/x", 200, "11-22")]
    assert "s3cret" not in repr(lines)


@in_virtual_time
async def test_a_body_makes_it_a_post() -> None:
    """A request with a body is a POST with that body."""
    network = in_turn(GOOD)
    await _exchange(network).send(HttpCall(f"{ROOT}/v1.0/x", GraphService.ROLES, b"{}"), Patience())

    assert [(sent.method, sent.body) for sent in network.sent] == [("POST", b"{}")]
