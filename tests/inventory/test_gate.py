"""The gate: how many at once, how long a service is left alone, and when a list loses patience."""

from __future__ import annotations

import asyncio

import pytest

from common.clock import Clock
from common.errors import ThrottledError
from inventory.gate import Gate, Patience
from inventory.request import GraphService
from tests.inventory.networks import in_virtual_time, now

PROXY, ROLES, AUDIT = GraphService.APP_PROXY, GraphService.ROLES, GraphService.AUDIT


def _gate(most: int = 6) -> Gate:
    return Gate(most, Clock(now))


async def _pass(
    gate: Gate, service: GraphService = PROXY, seconds: float = 0.0, patience: Patience | None = None
) -> float:
    """Pass the gate, stay for a while, and return when it let pass."""
    async with gate.passing(service, patience or Patience()):
        entered = now()
        await asyncio.sleep(seconds)
    return entered


async def _all(gate: Gate, count: int, service: GraphService = PROXY, seconds: float = 0.0) -> list[float]:
    return sorted(await asyncio.gather(*(_pass(gate, service, seconds) for _ in range(count))))


@in_virtual_time
async def test_six_at_a_time() -> None:
    """Only as many are under way at once as there are places."""
    assert await _all(_gate(6), 13, seconds=1.0) == [0.0] * 6 + [1.0] * 6 + [2.0]


@in_virtual_time
async def test_a_refusal_halves_the_places() -> None:
    """After a refusal half as many are under way at once."""
    gate = _gate(6)
    gate.refused(PROXY, 5.0)

    assert await _all(gate, 4, seconds=1.0) == [5.0, 5.0, 5.0, 6.0]


@in_virtual_time
async def test_what_was_refused_together_halves_once() -> None:
    """Six refusals of what was on its way together are one refusal; one after the silence is another."""
    gate = _gate(6)
    for _ in range(6):
        gate.refused(PROXY, 5.0)
    together = gate.places
    await asyncio.sleep(5)
    gate.refused(PROXY, 5.0)

    assert (together, gate.places) == (3, 1)


def test_one_place_is_always_left() -> None:
    """However often Graph refuses, one request at a time can be made."""
    gate = Gate(1)
    for _ in range(5):
        gate.answered(1.0)

    assert gate.places == 1


def test_places_are_given_back_slowly() -> None:
    """It takes four good answers to win a place back, and there are never more than at first."""
    gate = Gate(4)
    gate.answered(0.9)
    seen = []
    for _ in range(12):
        gate.answered(0.0)
        seen.append(gate.places)

    assert seen == [2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]


@pytest.mark.parametrize(("share", "places"), [(0.0, 6), (0.79, 6), (0.8, 3), (1.8, 3), (float("inf"), 3)])
def test_near_the_limit_it_slows_down_before_it_is_told_to(share: float, places: int) -> None:
    """From 0.8 of the limit on, half as many are under way at once."""
    gate = Gate(6)
    gate.answered(share)

    assert gate.places == places


@in_virtual_time
async def test_places_that_come_back_are_used() -> None:
    """Who waits for a place gets one as soon as there are more of them."""
    gate = _gate(2)
    gate.answered(1.0)

    async def generous() -> None:
        async with gate.passing(PROXY, Patience()):
            await asyncio.sleep(1)
            for _ in range(4):
                gate.answered(0.0)

    _, entered = await asyncio.gather(generous(), _all(gate, 2, seconds=5.0))

    assert entered == [1.0, 1.0]


@in_virtual_time
async def test_a_service_is_left_alone() -> None:
    """Nothing goes to a service before its silence is over, and others do not suffer for it."""
    gate = _gate()
    gate.refused(PROXY, 7.0)

    assert list(await asyncio.gather(_pass(gate, PROXY), _pass(gate, ROLES))) == [7.0, 0.0]


@in_virtual_time
async def test_a_silence_that_is_lengthened_is_kept() -> None:
    """Whoever waits looks again, since another refusal may have come in meanwhile; a shorter one shortens nothing."""
    gate = _gate()
    gate.refused(PROXY, 5.0)
    waiting = asyncio.create_task(_pass(gate))
    await asyncio.sleep(3)
    gate.refused(PROXY, 10.0)
    gate.refused(PROXY, 1.0)

    assert await waiting == 13.0


@in_virtual_time
async def test_a_refusal_reaches_those_who_wait_for_a_place() -> None:
    """Who gets a place while the service is silent does not use it."""
    gate = _gate(1)

    async def refused() -> None:
        async with gate.passing(PROXY, Patience()):
            await asyncio.sleep(1)
            gate.refused(PROXY, 9.0)

    _, entered = await asyncio.gather(refused(), _pass(gate))

    assert entered == 10.0


@in_virtual_time
async def test_who_waits_for_a_silent_service_holds_no_place() -> None:
    """Requests to other services go on while one is silent, also with a single place."""
    gate = _gate(1)
    gate.refused(PROXY, 100.0)

    assert list(await asyncio.gather(_pass(gate, PROXY), _pass(gate, ROLES))) == [100.0, 0.0]


@in_virtual_time
async def test_audit_reads_keep_to_five_in_ten_seconds() -> None:
    """No stretch of ten seconds sees more than five audit reads, though they differ on their way to Graph."""
    entered = await _all(_gate(), 12, AUDIT)

    assert entered == [0.0] * 5 + [11.0] * 5 + [22.0] * 2


@in_virtual_time
async def test_audit_reads_that_were_spread_do_not_wait() -> None:
    """Only what was sent in the last seconds counts."""
    gate = _gate()
    for _ in range(4):
        await _pass(gate, AUDIT)
    await asyncio.sleep(20)

    assert await _all(gate, 5, AUDIT) == [20.0] * 5


@in_virtual_time
async def test_a_silence_longer_than_the_patience_is_not_waited_for() -> None:
    """A list that would have to wait too long is given up at once, and says how long it waited."""
    gate = _gate()
    patience = Patience(seconds=60.0)
    gate.refused(PROXY, 40.0)
    await _pass(gate, patience=patience)
    gate.refused(PROXY, 30.0)

    with pytest.raises(ThrottledError, match=r"^Graph asks for 30 s more waiting after 40 s; 60 s are allowed$"):
        await _pass(gate, patience=patience)
    assert now() == 40.0


@in_virtual_time
async def test_a_silence_of_thirty_years_is_not_waited_for() -> None:
    """A wait beyond all reason gives the list up, and leaves the gate as it was."""
    gate = _gate()
    gate.refused(PROXY, 999_999_999.0)

    with pytest.raises(ThrottledError):
        await _pass(gate)
    assert await _all(gate, 3, ROLES) == [0.0] * 3


@in_virtual_time
async def test_who_is_cancelled_gives_the_place_back() -> None:
    """Cancelling what waits or is under way leaves no place taken."""
    gate = _gate(1)
    under_way, waiting = (asyncio.create_task(_pass(gate, seconds=100.0)) for _ in range(2))
    await asyncio.sleep(1)
    waiting.cancel()
    under_way.cancel()
    await asyncio.wait([under_way, waiting])

    assert await _pass(gate) == 1.0


@pytest.mark.parametrize(
    ("statuses", "code", "reason"),
    [
        ((429,), "throttled", "Graph refused 8 times, with 21 s of waiting in between"),
        ((429, 503), "throttled", "Graph refused 8 times, with 21 s of waiting in between"),
        ((503,), "unavailable", "Graph was unavailable 8 times, with 21 s of waiting in between"),
    ],
)
def test_giving_up_says_how_often_and_how_long(statuses: tuple[int, ...], code: str, reason: str) -> None:
    """The error of the last refusal tells the attempts and the waiting; a 503 is blamed on nobody's use of a limit."""
    error = Patience(tries=8, waited=21.4).gave_up(*statuses)

    assert (error.status, error.code, error.reason) == ("throttled", code, reason)
    assert ("limit" in str(error.advice)) == (code == "throttled")


@pytest.mark.parametrize(("status", "code"), [(503, "unavailable"), (429, "throttled")])
@in_virtual_time
async def test_a_silence_is_told_as_what_it_is(status: int, code: str) -> None:
    """Who has no patience for a service's silence says whether it was unavailable or asked for less."""
    gate = _gate(1)
    gate.refused(PROXY, 90.0, {status, 200})

    with pytest.raises(ThrottledError) as refusal:
        async with gate.passing(PROXY, Patience(seconds=1)):
            pass
    assert (refusal.value.code, "unavailable" in refusal.value.reason) == (code, status == 503)
