"""Which rules cannot judge without a permission or a list: not written by hand but found out on the tenant Contoso.

Contoso is looked at through the simulated Graph, in this process, once with everything and once for each permission
withheld and each kind of list refused, and judged by all rules, those too that are off by default. A rule is lost where
it says `not_assessed` of something that it judged before. Each look is judged twice, without a memory and with the
memory of a look the day before, since some rules speak only then.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog

from inventory.answer import Answer
from inventory.collect import collect
from inventory.gate import Gate
from inventory.graph import GraphClient
from inventory.permissions import GRANTED, NEEDS, PLAIN
from inventory.sender import Sender
from policies.evaluate import evaluate
from policies.evidence import Evidence, ScanInfo
from policies.memory import Memory, remember
from policies.policy_file.model import RulePolicy
from policies.policy_file.read import read_policy_file
from policies.releases.catalogue import built_in_catalogue
from policies.rules import RULE_IDS, RULES
from policies.vocabulary import Outcome
from simulator import DEMO_POLICY, TENANTS, Fault, FaultKind, load_tenant
from simulator.calls import Call
from simulator.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inventory.permissions import Requirement
    from inventory.snapshot import Snapshot
    from inventory.transport_port import Outgoing

NAME = "connectorwatch/doctor/costs.json"
_NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
_ROOT = "http://127.0.0.1"


class _InProcess:
    """A network that is the simulated Graph itself."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def send(self, outgoing: Outgoing) -> Answer:
        """Hand the request over, and bring back the answer."""
        target = outgoing.url.removeprefix(_ROOT)
        token, body = self._graph.callers.token(), outgoing.body or b""
        call = Call.parse(outgoing.method, target, headers=outgoing.headers, token=token, body=body)
        answer = self._graph.answer(call, time.monotonic())
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, {**headers, "content-type": answer.content_type}, answer.body)


def _scan(
    permissions: Iterable[str], at: datetime = _NOW, *, role: bool = True, faults: tuple[Fault, ...] = ()
) -> Snapshot:
    tenant = load_tenant(TENANTS / "contoso.yaml")
    identity = {"permissions": tuple(permissions), "directory_role_can_read_connectors": role}
    graph = Graph(tenant.model_copy(update={"settings": tenant.settings.model_copy(update=identity)}), faults)
    graph.root = _ROOT
    client = GraphClient(Sender(_InProcess(graph), _ROOT, Gate()))
    return asyncio.run(collect(client, tenant.tenant.id, lambda: at))


def _judged(snapshot: Snapshot, memory: Memory) -> Evidence:
    policy = read_policy_file(DEMO_POLICY, RULE_IDS).for_tenant(snapshot.tenant_id).policy
    everything = {
        rule.id: policy.rules.get(rule.id, RulePolicy()).model_copy(update={"enabled": True}) for rule in RULES
    }
    policy = policy.model_copy(update={"rules": everything})
    info = ScanInfo(id="20261120T060000Z-00000000", trigger="costs", policy_source="", policy_sha256="")
    return Evidence(scan=info, snapshot=snapshot, policy=policy, releases=built_in_catalogue(), memory=memory)


def _outcomes(snapshot: Snapshot, memory: Memory) -> dict[str, Outcome]:
    return {verdict.key: verdict.outcome for verdict in evaluate(_judged(snapshot, memory), RULES)}


def _lost(before: Mapping[str, Outcome], less: Snapshot, memory: Memory) -> set[str]:
    unseen = (key for key, outcome in _outcomes(less, memory).items() if outcome is Outcome.NOT_ASSESSED)
    return {key.partition("/")[0] for key in unseen if before.get(key) is not Outcome.NOT_ASSESSED}


def _refused(need: Requirement) -> Fault:
    """Return the fault that refuses a kind of list; what can then not even be asked for is lost with it."""
    path = need.endpoint.partition("/")[2].replace("{id}", "*")
    return Fault(path=f"/{path}", kind=FaultKind.DENIED)


@cache
def costs() -> str:
    """Return the table as JSON: the rules lost by permission, without the directory role, and by kind of list."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        return json.dumps(_costs(), indent=2) + "\n"
    finally:
        structlog.reset_defaults()


def _costs() -> dict[str, Any]:
    names = [permission.name for permission in GRANTED]
    full = _scan(names)
    yesterday = _judged(_scan(names, _NOW - timedelta(days=1)), Memory())
    memories = (Memory(), remember(Memory(), yesterday.snapshot, yesterday.holders_or_why))
    complete = [(memory, _outcomes(full, memory)) for memory in memories]

    def lost(less: Snapshot) -> list[str]:
        return sorted({rule for memory, before in complete for rule in _lost(before, less, memory)})

    return {
        "permissions": {name: lost(_scan(other for other in names if other != name)) for name in names},
        "role": lost(_scan(names, role=False)),
        "lists": {
            **{kind: lost(_scan(names, faults=(_refused(need),))) for kind, need in NEEDS.items()},
            PLAIN.kind: lost(_scan(names, faults=(_refused(NEEDS["role_assignments"]), _refused(PLAIN)))),
        },
    }
