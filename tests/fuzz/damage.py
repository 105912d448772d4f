"""Scanning through damage: by a network between the client and the simulated Graph, and over real sockets."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from common.clock import Clock
from common.errors import FailedError, NotLicensedError, ReadError
from inventory.answer import Answer
from inventory.collect import collect
from inventory.gate import Gate
from inventory.readers.connectors import GROUP_GONE
from inventory.records import Records
from inventory.sender import Sender
from policies.evaluate import evaluate
from policies.evidence import Evidence, ScanInfo
from policies.policy_file.model import Policy
from policies.releases.catalogue import built_in_catalogue
from policies.rules import RULES
from policies.vocabulary import Outcome
from simulator import TENANTS, load_tenant
from simulator.calls import Call
from simulator.graph import Graph
from tests.fuzz.mutations import broken
from tests.fuzz.oracle import Delivered, Watched
from tests.inventory.networks import ROOT, VirtualLoop, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.snapshot import Snapshot
    from inventory.transport_port import Outgoing, Transport

MOMENT = datetime(2026, 11, 20, 6, tzinfo=UTC)
TENANT_NAMES = ("contoso", "clean", "clean by one", "hostile", "no-p2", "group-unreadable", "roles-denied")
"""Bundled tenants; `by one` has one record on each page."""
SHARES = (0.0, 0.03, 0.1, 0.3, 1.0)
"""The shares of answers that are damaged; 0 stands for one answer at most."""


@cache
def graph_of(tenant: str) -> Graph:
    """Return a tenant's Graph; it keeps nothing between scans but what it made once."""
    name, _, by_one = tenant.partition(" ")
    loaded = load_tenant(TENANTS / f"{name}.yaml")
    if by_one:
        sizes = dict.fromkeys(type(loaded.settings.page_size).model_fields, 1)
        pages = loaded.settings.page_size.model_copy(update=sizes)
        loaded = loaded.model_copy(update={"settings": loaded.settings.model_copy(update={"page_size": pages})})
    graph = Graph(loaded, loaded.faults)
    graph.root = ROOT
    return graph


class Damaging:
    """The simulated Graph, some of whose answers are damaged on their way.

    Args:
        graph: Who answers.
        seed: What the damage depends on.
        share: The share of answers that are damaged; 0 damages one answer at most.
        lasting: Whether the same request meets the same damage every time.
    """

    def __init__(self, graph: Graph, seed: int, share: float, *, lasting: bool) -> None:
        self._graph = graph
        self._seed = seed
        self._share = share
        self._lasting = lasting
        self._chance = random.Random(seed)  # noqa: S311 - has to be repeatable, keeps no secret
        self._single = self._chance.randrange(30) if share == 0 else -1
        self.delivered = Delivered(ROOT)
        self.damaged = 0
        self.urls: list[str] = []

    async def send(self, outgoing: Outgoing) -> Answer:
        """Answer as the simulator does, and do the damage."""
        url, body = outgoing.url, outgoing.body
        self.urls.append(url)
        await asyncio.sleep(0.01)
        target, token = url.removeprefix(ROOT), self._graph.token
        call = Call.parse(outgoing.method, target, headers=outgoing.headers, token=token, body=body or b"")
        whole = self._graph.answer(call, now())
        named = {name.lower(): value for name, value in whole.headers.items()} | {"content-type": whole.content_type}
        answer = self._damage(Answer(whole.status, named, whole.body), url, body)
        self.delivered.note(url, body, answer)
        return answer

    def _damage(self, answer: Answer, url: str, body: bytes | None) -> Answer:
        chance = random.Random(f"{self._seed} {url} {body!r}") if self._lasting else self._chance  # noqa: S311 - as above
        if len(self.urls) - 1 != self._single and chance.random() >= self._share:
            return answer
        self.damaged += 1
        if chance.random() < 0.03:
            raise FailedError("no whole answer", code=chance.choice(("unreachable", "cut", "too_large", "encoding")))
        return broken(chance, answer, url)


@dataclass(frozen=True)
class Story:
    """How one scan went.

    Attributes:
        snapshot: What it saw.
        passes: The keys of the verdicts that are a pass.
        told: What the client told its readers, by what it was asked.
        unexplained: What it was asked for where it told more than was delivered.
        tasks: How many tasks it left behind.
        took: Seconds in the scan's own time.
    """

    snapshot: Snapshot
    passes: frozenset[str]
    told: Mapping[tuple[str, bytes | None], object]
    unexplained: tuple[str, ...]
    tasks: int
    took: float


async def look(network: Transport, root: str, delivered: Delivered, seed: int, clock: Clock) -> Story:
    """Scan a tenant over a network and judge what was seen."""
    client = Watched(Sender(network, root, Gate(6, clock), random.Random(seed)))  # noqa: S311 - as above
    snapshot = await collect(client, "tenant", lambda: MOMENT)
    evidence = Evidence(scan=ScanInfo(id="fuzz"), snapshot=snapshot, policy=Policy(), releases=built_in_catalogue())
    verdicts = evaluate(evidence, RULES)
    return Story(
        snapshot=snapshot,
        passes=frozenset(verdict.key for verdict in verdicts if verdict.outcome is Outcome.PASS),
        told={(ask.absolute, ask.body): outcome for ask, outcome in client.told},
        unexplained=tuple(ask.absolute for ask, told in client.told if not delivered.explain(root, ask, told)),
        tasks=sum(_is_ours(task) for task in asyncio.all_tasks()),
        took=clock.now(),
    )


def _is_ours(task: asyncio.Task[object]) -> bool:
    """Whether a task runs the product's code; the one that asks does not."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "/inventory/" in code.co_filename and "/tests/" not in code.co_filename


def scan(tenant: str, seed: int, share: float, *, lasting: bool = False) -> tuple[Story, Damaging]:
    """Scan a tenant through the damage, in virtual time."""
    network = Damaging(graph_of(tenant), seed, share, lasting=lasting)
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(look(network, ROOT, network.delivered, seed, Clock(loop.time))), network
    finally:
        loop.close()


@cache
def undamaged(tenant: str) -> Story:
    """Return how the scan of a tenant goes without damage."""
    return scan(tenant, 0, -1.0)[0]


def wrong_passes(story: Story, tenant: str) -> set[str]:
    """Return the passes that are neither passes without damage nor explained by what was delivered.

    Where any list says something else than without damage, a pass may rest on that. What may never bring a pass is that
    less was read. Agents of other kinds of groups are left out: where such a group cannot be read they are judged as
    connectors, on purpose.
    """
    before = undamaged(tenant)
    if any(_differs(told, before.told.get(key)) for key, told in story.told.items()):
        return set()
    agents = {agent.id for agent in before.snapshot.other_connectors}
    return {key for key in story.passes - before.passes if key.partition("/")[2] not in agents}


def _differs(told: object, before: object) -> bool:
    """Whether an outcome says something else than the one without damage; one that says less does not."""
    if isinstance(told, Records) and told.unreadable:
        return not (isinstance(before, Records) and all(record in before for record in told))
    return _statement(told) not in (None, _statement(before))


def _statement(told: object) -> object:
    """Return what an outcome says of the tenant; None where it says nothing."""
    if isinstance(told, ReadError):
        return told.code if isinstance(told, NotLicensedError) or told.code == GROUP_GONE else None
    return told
