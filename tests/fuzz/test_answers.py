"""Whatever Graph, or somebody in between, answers: the scan ends and claims nothing that it was not told."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
import structlog

from common import http_client
from inventory.transport import SdkTransport
from tests.fuzz.damage import SHARES, TENANT_NAMES, look, scan, wrong_passes
from tests.fuzz.wire import LIMIT, Thief, Wire
from tests.inventory.networks import ROOT
from tests.inventory.wires import TOKEN, Credential, Hurry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.damage import Story

pytestmark = pytest.mark.fuzz

PORTIONS, DAMAGES = 40, 520
"""Together some more than 20,000 damaged answers."""
LONGEST = 3600.0
"""Seconds in a scan's own time after which nobody would wait for it."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Log nothing: thousands of lists are not read, and say so."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    yield
    structlog.reset_defaults()


def _check(story: Story, tenant: str, how: str) -> None:
    assert (story.unexplained, wrong_passes(story, tenant), story.tasks) == ((), set(), 0), how
    assert story.took < LONGEST, how


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_damaged_answers(portion: int) -> None:
    """No traceback, no list that was not delivered, no wrong pass, no request elsewhere, whatever is damaged how."""
    damaged, seed = 0, portion * 1_000_000
    while damaged < DAMAGES:
        chance = random.Random(seed)  # noqa: S311 - has to be repeatable, keeps no secret
        tenant, share, lasting = chance.choice(TENANT_NAMES), chance.choice(SHARES), chance.random() < 0.5
        story, network = scan(tenant, seed, share, lasting=lasting)
        _check(story, tenant, f"scan({tenant!r}, {seed}, {share}, lasting={lasting})")
        assert all(url.startswith(f"{ROOT}/") for url in network.urls)
        damaged += network.damaged
        seed += 1


class _Recorder(http_client.AsyncHTTPTransport):
    """The real network, which notes below the signer where each token goes."""

    def __init__(self) -> None:
        super().__init__(verify=False)
        self.carried: set[tuple[str, str | None]] = set()

    async def handle_async_request(self, request: http_client.Request) -> http_client.Response:
        """Note the host and the token, and send."""
        self.carried.add((request.url.netloc.decode(), request.headers.get("authorization")))
        return await super().handle_async_request(request)


async def _over_sockets(tenant: str, seed: int) -> tuple[Story, Wire, Thief, set[tuple[str, str | None]]]:
    """Scan a tenant over real sockets, and tell who was sent what."""
    recorder = _Recorder()
    plain = http_client.AsyncClient(transport=recorder, timeout=2.0, trust_env=False)
    async with Thief() as thief, Wire(tenant, seed, 0.3, thief.host) as wire:
        network = SdkTransport(Credential(TOKEN), wire.root, answer_limit=LIMIT, client=plain)
        story = await look(network, wire.root, wire.delivered, seed, Hurry().clock)
        await network.close()
    return story, wire, thief, recorder.carried


@pytest.mark.parametrize("portion", range(12))
def test_damaged_answers_on_the_wire(portion: int) -> None:
    """The same on real sockets, with damage to HTTP itself: neither a token nor anything else goes to another host."""
    for seed in range(portion * 1000, portion * 1000 + 25):
        tenant = ("clean", "contoso", "clean")[seed % 3]
        story, wire, thief, carried = asyncio.run(_over_sockets(tenant, seed))
        _check(story, tenant, f"_over_sockets({tenant!r}, {seed})")
        assert carried == {(wire.root.removeprefix("http://"), f"Bearer {TOKEN}")}, f"seed {seed}"
        assert thief.visits == [], f"seed {seed}"
