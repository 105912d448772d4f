"""A scan changes nothing in the tenant: what it sends can only read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from inventory.collect import collect
from tests.inventory.networks import Simulated, client, in_virtual_time
from tests.inventory.wires import MOMENT, bundled

if TYPE_CHECKING:
    from inventory.answer import Answer
    from inventory.transport_port import Outgoing

READING_POSTS = ("/$batch", "/directoryObjects/getByIds")
"""What Graph made a POST although it reads (Graph "json-batching" and "directoryObject: getByIds", v1.0)."""


@dataclass
class Watched:
    """A network that keeps what goes out."""

    network: Simulated
    sent: list[Outgoing] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> Answer:
        """Note a request, and let it pass."""
        self.sent.append(outgoing)
        return await self.network.send(outgoing)


@pytest.mark.parametrize("tenant", ["contoso", "clean", "no-p2", "connectors-denied"])
@in_virtual_time
async def test_a_scan_only_reads(tenant: str) -> None:
    """Each request is a GET, or a POST that reads, and so is each request inside a batch."""
    network = Watched(Simulated(bundled(tenant)))
    await collect(client(network), "tenant", lambda: MOMENT)

    posts = [outgoing for outgoing in network.sent if outgoing.method != "GET"]
    assert network.sent
    assert {outgoing.method for outgoing in network.sent} <= {"GET", "POST"}
    assert {outgoing.url for outgoing in posts if not outgoing.url.partition("?")[0].endswith(READING_POSTS)} == set()
    members = [
        member
        for outgoing in posts
        if outgoing.url.endswith("/$batch")
        for member in json.loads(outgoing.body or b"{}")["requests"]
    ]
    assert {member["method"] for member in members} <= {"GET"}
    assert not any("body" in member for member in members)
