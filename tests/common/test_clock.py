"""A scan's deadline, and this machine's clock beside Graph's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.clock import Clock, ClockCheck, Deadline
from common.errors import FailedError, ThrottledError
from inventory.collect import collect
from inventory.gate import Gate, Patience
from inventory.graph import GraphClient, Limits
from inventory.models import Connector
from inventory.request import GraphRequest, GraphService
from inventory.sender import HttpCall, Sender
from tests.inventory.networks import ROOT, ByHand, Simulated, in_turn, in_virtual_time, now, page, refusal, reply, thing
from tests.inventory.wires import MOMENT, bundled, not_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.answer import Answer
    from inventory.transport_port import Transport

CALL = HttpCall(f"{ROOT}/v1.0/things", GraphService.DIRECTORY)
ASK = GraphRequest("beta", "/things", GraphService.APP_PROXY, "Things.Read")
RESET = FailedError("no whole answer", code="unreachable")


def sender(network: Transport, seconds: float, most: int = 6) -> Sender:
    """Return a sender over a network with a deadline, in the running loop's time."""
    clock = Clock(now)
    return Sender(network, ROOT, Gate(most, clock, Deadline(seconds, clock)))


async def _ended(network: Transport, seconds: float, most: int = 6) -> str:
    """Return the code of why one request failed."""
    with pytest.raises(FailedError) as caught:
        await sender(network, seconds, most).send(CALL, Patience(1e6))
    return caught.value.code


@in_virtual_time
async def test_an_answer_that_never_comes_is_broken_off_at_the_deadline() -> None:
    """A server that is silent for an hour holds a scan for ten seconds, if that is what the scan has."""
    assert (await _ended(ByHand(lambda _: reply(), latency=3600), 10), now()) == ("out_of_time", 10)


@pytest.mark.parametrize("status", [429, 503])
@in_virtual_time
async def test_a_wait_beyond_the_deadline_is_not_begun(status: int) -> None:
    """Where Graph asks for more patience than is left, the list ends at once and says what was asked."""
    network = in_turn(refusal(status, retry_after="100"))

    with pytest.raises(FailedError, match="out of time: Graph asks for 100 s more waiting") as caught:
        await sender(network, 60).send(CALL, Patience(1e6))

    assert (caught.value.code, caught.value.status, now()) == ("out_of_time", "failed", 0)
    assert "CONNECTORWATCH_SCAN_TIMEOUT_SECONDS" in (caught.value.advice or "")


@in_virtual_time
async def test_a_wait_that_ends_in_time_is_waited() -> None:
    """A deadline cuts nothing short that it need not."""
    network = in_turn(refusal(429, retry_after="100"), page())

    assert (await sender(network, 101).send(CALL, Patience(1e6))).ok


@in_virtual_time
async def test_less_patience_than_time_is_still_throttling() -> None:
    """Whichever limit is met first names the reason."""
    with pytest.raises(ThrottledError):
        await sender(in_turn(refusal(429, retry_after="100")), 60).send(CALL, Patience(30))


@in_virtual_time
async def test_retries_end_with_the_deadline() -> None:
    """A connection that breaks after nine of ten seconds is not tried again when the pause alone would be too long."""
    assert await _ended(ByHand(lambda _: RESET, latency=9.9), 10) == "out_of_time"
    assert now() == pytest.approx(9.9)


@in_virtual_time
async def test_waiting_for_a_place_ends_with_the_deadline() -> None:
    """Requests that queue behind a slow one end when it does."""
    slow = sender(ByHand(lambda _: reply(), latency=3600), 10, most=1)

    ended = await asyncio.gather(*(slow.send(CALL, Patience()) for _ in range(5)), return_exceptions=True)

    assert [error.code for error in ended if isinstance(error, FailedError)] == ["out_of_time"] * 5
    assert now() == 10


@in_virtual_time
async def test_nothing_is_sent_after_the_deadline() -> None:
    """What is left when the deadline comes costs no request."""
    network = ByHand(lambda _: reply())
    late = sender(network, 5)
    await asyncio.sleep(5)

    with pytest.raises(FailedError, match="out of time: the scan may read for 5 s"):
        await late.send(CALL, Patience())
    assert network.sent == []


@in_virtual_time
async def test_a_time_limit_of_somebody_else_is_not_the_deadline() -> None:
    """A TimeoutError from inside stays what it is while there is time left."""
    with pytest.raises(TimeoutError):
        async with Deadline(10, Clock(now)).bounding():
            raise TimeoutError


@in_virtual_time
async def test_a_list_of_which_pages_are_missing_is_unread() -> None:
    """The pages read before the deadline are not taken for the whole list."""
    network = ByHand(lambda sent: page(thing(len(sent.url)), link=f"{sent.url}x"), latency=3)

    with pytest.raises(FailedError) as caught:
        await GraphClient(sender(network, 10)).read_list(ASK, Connector)
    assert (caught.value.code, now()) == ("out_of_time", 10)


@in_virtual_time
async def test_each_list_of_a_batch_says_that_time_ran_out() -> None:
    """Of twenty lists asked for at once, each is failed and none is empty."""
    client = GraphClient(sender(ByHand(lambda _: refusal(429, retry_after="7")), 60), Limits(patience=1e6, tries=1000))

    ended = await client.read_many([ASK] * 20, Connector)

    assert [error.code for error in ended if isinstance(error, FailedError)] == ["out_of_time"] * 20
    assert now() <= 60


def _looked(tenant: str, seconds: float, latency: float = 0.05) -> tuple[dict[str, str | None], float]:
    """Return which lists of a bundled tenant were not read before a deadline, with their codes, and when it ended."""
    ended: list[tuple[dict[str, str | None], float]] = []

    @in_virtual_time
    async def story() -> None:
        network = Simulated(bundled(tenant), latency=latency)
        snapshot = await collect(GraphClient(sender(network, seconds)), "tenant", lambda: MOMENT)
        ended.append((not_read(snapshot), now()))

    story()
    return ended[0]


@settings(max_examples=60)
@given(st.sampled_from(["contoso", "no-p2"]), st.floats(0.01, 300), st.floats(0.05, 60))
def test_no_scan_outlasts_its_deadline(tenant: str, seconds: float, latency: float) -> None:
    """Whenever the deadline comes, the scan ends by then, and what was not read says that time ran out."""
    whole, needed = _looked(tenant, 1e9, latency)
    unread, ended = _looked(tenant, seconds, latency)

    assert ended <= seconds
    assert {unread[name] for name in unread if name not in whole} <= {"out_of_time"}
    assert needed >= seconds or unread == whole


def dated(at: datetime) -> Answer:
    """Return an answer that was made at a moment."""
    return reply({"value": []}, date=format_datetime(at, usegmt=True))


async def _ahead(*answers: Answer, wall: Callable[[], float]) -> float | None:
    """Return by how much a machine's clock is ahead after these answers, ten seconds apart."""
    network = Sender(in_turn(*answers), ROOT, Gate(clock=Clock(now, asyncio.sleep, wall)))
    for _ in answers:
        await network.send(CALL, Patience())
        await asyncio.sleep(10)
    return network.clocks.ahead()


@pytest.mark.parametrize("off", [timedelta(0), timedelta(hours=1), timedelta(days=-400), timedelta(days=3650)])
@in_virtual_time
async def test_how_far_a_clock_is_off(off: timedelta) -> None:
    """The difference is measured to the second, however long the scan takes, and in both directions."""
    answers = [dated(MOMENT + timedelta(seconds=10 * number)) for number in range(400)]

    ahead = await _ahead(*answers, wall=lambda: (MOMENT + off).timestamp() + now())

    assert ahead == pytest.approx(off.total_seconds(), abs=1)


@in_virtual_time
async def test_one_old_date_is_not_believed_against_others() -> None:
    """A cache that answers with yesterday's date makes nobody's clock wrong."""
    answers = (dated(MOMENT - timedelta(days=1)), dated(MOMENT + timedelta(seconds=10)), reply({"value": []}))

    assert await _ahead(*answers, wall=lambda: MOMENT.timestamp() + now()) == pytest.approx(0, abs=1)


@in_virtual_time
async def test_a_clock_that_jumps_during_the_scan_is_noticed() -> None:
    """What counts is the clock at the end, which dates the scan: answers before its jump do not excuse it."""
    jump = timedelta(days=30).total_seconds()

    ahead = await _ahead(
        *(dated(MOMENT + timedelta(seconds=10 * number)) for number in range(4)),
        wall=lambda: MOMENT.timestamp() + now() + (jump if now() > 25 else 0),
    )

    assert ahead == pytest.approx(jump, abs=1)


@pytest.mark.parametrize("date", [None, "", "soon", "Fri, 99 Nov 2026 06:00:00 GMT", "9" * 5000])
@in_virtual_time
async def test_without_a_date_nothing_is_compared(date: str | None) -> None:
    """An answer whose date is missing or no date says nothing of clocks."""
    answer = reply({"value": []}) if date is None else reply({"value": []}, date=date)

    assert await _ahead(answer, wall=lambda: 0.0) is None


def test_the_machines_own_clock_is_asked() -> None:
    """Unless a test gives another, the wall clock is the machine's."""
    check = ClockCheck(Clock())
    check.heard(datetime.now(UTC))

    assert check.ahead() == pytest.approx(0, abs=2)
