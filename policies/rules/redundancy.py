"""Rules about connector groups: is there a second way through, and does the group still serve a purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import NotReadError
from common.text import counted
from policies.machines import active_machines
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.subjects import LEARN, applications, groups, members
from policies.runbooks import Runbook
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.models import Application, Connector, ConnectorGroup
    from policies.evidence import Evidence


def _carried(evidence: Evidence, group: ConnectorGroup) -> tuple[Application, ...] | None:
    """Return what the group carries, or None where that could not be read."""
    try:
        return applications(evidence, group)
    except NotReadError:
        return None


def _on_the_move(evidence: Evidence, group: ConnectorGroup) -> Iterator[Connector]:
    """Yield the connectors that stood in this group before, and at this look, for the first time, in no list at all.

    Every connector belongs to a group, so one like that was moved between two requests; a second look in a row that
    finds it nowhere is believed.
    """
    if not evidence.snapshot.connectors.known:
        return
    yield from evidence.between_groups.get(group.id, ())


def _redundancy(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    own = evidence.policy.for_group(group.id, group.name)
    if own.purpose != "serving":
        return not_applicable(f"the policy says that this group is for {own.purpose}", purpose=own.purpose)
    held = members(evidence, group)
    needed = own.min_active_connectors or evidence.policy.min_active_connectors
    active = len(active_machines(held))
    settled = (member for member in held if len(set(evidence.snapshot.groups_holding(member.id))) == 1)
    certain = len(active_machines(settled))
    carried = _carried(evidence, group)
    facts = {"active_machines": active, "needed": needed, "connectors": len(held)}
    found = f"{counted(active, 'active machine')}, {needed} needed"
    if carried == ():
        if group.is_default:
            return not_applicable("the default group carries no application", **facts)
        if not held:
            return not_applicable("the group carries nothing and holds nothing (see GRP004)", **facts)
    if certain >= needed:
        return passed(found, **facts)
    if len(active_machines((*held, *_on_the_move(evidence, group)))) >= needed:
        return not_assessed("a connector was moved between groups while they were read; scan again", **facts)
    if carried is None and (group.is_default or not held):
        return not_assessed("what the group carries could not be read, so nobody can say whether it needs connectors")
    if carried == ():
        return failed(Severity.LOW, f"{found}; no application depends on it", **facts)
    known = {} if carried is None else {"applications": sorted(app.id for app in carried)}
    if carried and active == 0:
        return failed(
            Severity.CRITICAL,
            f"no connector is active, so {counted(len(carried), 'application')} cannot be reached",
            **facts,
            **known,
        )
    judgement = failed(Severity.HIGH, found, **facts, **known)
    return judgement.when_partial(partial=carried is None)


GRP001 = Rule(
    id="GRP001",
    title="Connector group has enough active connectors",
    subject="group",
    severity=Severity.HIGH,
    why="With one active machine a group loses its applications at the next restart; with none it has lost them.",
    runbook=Runbook(
        summary="Bring the group up to enough working connectors, on different machines.",
        steps=(
            "CON001 tells for each inactive connector of {group} how to bring it back; begin there.",
            (
                "If none can come back soon, install a connector on a further server and move it into {group}: a new "
                "one starts in the default group."
            ),
            "See that the next scan counts enough active machines; two connectors on one machine are one.",
            "If {group} is meant for maintenance or parking, say so in the policy with `purpose`.",
        ),
        links=(f"{LEARN}concept-connectors", f"{LEARN}troubleshoot-connectors"),
    ),
    subjects=groups,
    check=_redundancy,
    when_empty="the tenant has no connector groups",
    evidence={
        "active_machines": "distinct machines of the group with an active connector, a number",
        "needed": "how many the policy asks for",
        "connectors": "connectors in the group, active or not, a number",
        "applications": "ids of the applications that the group carries",
        "purpose": "what the policy says that the group is for",
    },
    settings=("min_active_connectors", "groups.<name>.min_active_connectors", "groups.<name>.purpose"),
)


def _one_way_out(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    if not applications(evidence, group):
        return not_applicable("the group carries no application")
    active = [member for member in members(evidence, group) if member.is_active]
    if len(active_machines(active)) < 2:  # noqa: PLR2004 - one machine has one way out by nature
        return not_applicable("fewer than two machines are active (see GRP001)")
    addresses = sorted({member.external_ip or "" for member in active})
    if "" in addresses:
        return not_applicable("an external address is unknown")
    if len(addresses) == 1:
        return failed(
            Severity.INFO,
            "all active connectors leave through one external address; behind one NAT that is normal",
            external_ip=addresses[0],
        )
    return passed(f"active connectors leave through {len(addresses)} external addresses", external_ips=list(addresses))


GRP002 = Rule(
    id="GRP002",
    title="Connector group leaves through more than one address",
    subject="group",
    severity=Severity.INFO,
    why="Connectors behind one address may share a site, a firewall or an internet line. It is a hint, never a proof.",
    runbook=Runbook(
        summary="Find out whether the connectors share a single point of failure.",
        steps=(
            "Ask where the servers of {group} stand, and which firewall and internet line they use.",
            "If one outage would take them all, install a connector at another site and move it into {group}.",
            "If one address stands for separate lines, leave it so; a waiver keeps the reason.",
        ),
        links=(f"{LEARN}concept-connectors",),
    ),
    subjects=groups,
    check=_one_way_out,
    when_empty="the tenant has no connector groups",
    evidence={
        "external_ip": "the one address that all active connectors leave through",
        "external_ips": "the addresses that active connectors leave through",
    },
)
