"""Simulated tenants whose answers are changed on the way, and their recordings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json

from connectorwatch.demo import HEALTHY_TENANTS
from connectorwatch.recording.run import Subject, observe
from inventory.graph import Limits
from simulator import TENANTS, load_tenant
from tests.inventory.networks import ROOT, Simulated, VirtualLoop

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.recording.document import Recording
    from inventory.answer import Answer
    from inventory.transport_port import Outgoing, Transport

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
PROXY = "/beta/onPremisesPublishingProfiles/applicationProxy"


class Changed:
    """A simulated tenant, each of whose answers a function may change.

    Args:
        change: Takes the address below the root and the answer, and returns the answer to give.
        tenant: The name of a bundled tenant.
    """

    def __init__(self, change: Callable[[str, Answer], Answer], tenant: str = "contoso") -> None:
        self._graph, self._change = Simulated(load_tenant(TENANTS / f"{tenant}.yaml"), latency=0), change

    async def send(self, outgoing: Outgoing) -> Answer:
        """Answer as the simulated Graph does, changed."""
        return self._change(outgoing.url.removeprefix(ROOT), await self._graph.send(outgoing))


def body_at(path: str, change: Callable[[Any], object]) -> Callable[[str, Answer], Answer]:
    """Return a change of the decoded body of the answers at one path."""

    def changed(address: str, answer: Answer) -> Answer:
        if address.partition("?")[0] != path or not answer.ok:
            return answer
        body = from_json(answer.body)
        change(body)
        return replace(answer, body=to_json(body))

    return changed


def unchanged(_: str, answer: Answer) -> Answer:
    """Leave an answer as it is."""
    return answer


def recorded(transport: Transport, token: str = "") -> Recording:
    """Return the recording of a network; waiting takes no time."""
    subject = Subject(ROOT, "5f6c3a1e-0d55-4c53-9a52-1f0a2f7c9d10", token, limits=Limits(patience=5.0, tries=2))
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(observe(transport, subject, lambda: NOW))


def expected() -> tuple[Recording, ...]:
    """Return the recordings with which a recording is compared."""
    return tuple(recorded(Changed(unchanged, name)) for name in HEALTHY_TENANTS)
