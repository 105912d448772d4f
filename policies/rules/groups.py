"""Rules about connector groups: is there a second way through, and does the group still serve a purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.errors import NotReadError
from policies.machines import active_machines
from policies.model import (
    Judgement,
    Rule,
    Severity,
    Subject,
    failed,
    not_applicable,
    not_assessed,
    passed,
)
from policies.rules.subjects import applications, groups, members
from policies.runbooks import Runbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.models import Application, Connector, ConnectorGroup
    from policies.evidence import Evidence

LEARN = "https://learn.microsoft.com/en-us/entra/global-secure-access/"


def counted(number: int, thing: str) -> str:
    """Return a number with its thing, such as `1 application` or `2 applications`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


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
    for connector in evidence.snapshot.connectors.items:
        life = evidence.lives.connectors.get(connector.id)
        stood = [step.value for step in life.groups[-1:]] if life else []
        if stood == [group.id] and life and life.homeless_since == evidence.snapshot.taken_at:
            yield connector


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
    nobody="the tenant has no connector groups",
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
    nobody="the tenant has no connector groups",
    evidence={
        "external_ip": "the one address that all active connectors leave through",
        "external_ips": "the addresses that active connectors leave through",
    },
)


def _default_groups(evidence: Evidence) -> Iterator[tuple[Subject, ConnectorGroup]]:
    return ((subject, group) for subject, group in groups(evidence) if group.is_default)


def _default_serves(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    carried = applications(evidence, group)
    if not carried:
        return passed("the default group carries no application")
    only = len(tuple(groups(evidence))) == 1
    return failed(
        Severity.INFO if only else Severity.MEDIUM,
        f"the default group carries {counted(len(carried), 'application')}, which every new connector carries at once",
        applications=sorted(application.id for application in carried),
    )


GRP003 = Rule(
    id="GRP003",
    title="Default connector group carries no application",
    subject="group",
    severity=Severity.MEDIUM,
    why="Every newly registered connector lands in the default group and starts to carry its traffic, unseen.",
    runbook=Runbook(
        summary="Move the applications to a group of their own and keep the default group empty.",
        steps=(
            "Create a connector group for these applications and move at least two connectors into it.",
            "Assign the applications to it one after the other, and open each once from outside.",
            "Leave {group} without applications: a newly registered connector then waits there and carries nothing.",
        ),
        links=(f"{LEARN}concept-connectors",),
    ),
    subjects=_default_groups,
    check=_default_serves,
    nobody="the tenant has no default connector group",
    evidence={"applications": "ids of the applications that the default group carries"},
)


def _own_groups(evidence: Evidence) -> Iterator[tuple[Subject, ConnectorGroup]]:
    return ((subject, group) for subject, group in groups(evidence) if not group.is_default)


def _unused(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    held, carried = members(evidence, group), applications(evidence, group)
    facts = {"connectors": len(held), "applications": len(carried)}
    if held or carried:
        return passed("the group is in use", **facts)
    return failed(Severity.INFO, "the group has no connectors and carries no applications", **facts)


GRP004 = Rule(
    id="GRP004",
    title="Connector group is in use",
    subject="group",
    severity=Severity.INFO,
    why="An empty group invites an application to be assigned to it, which then reaches nobody.",
    runbook=Runbook(
        summary="Delete the group, or put it to use.",
        steps=(
            "Ask its owner what {group} was made for.",
            "Delete it in the Microsoft Entra admin center, or move connectors into it before it gets an application.",
        ),
        links=(f"{LEARN}how-to-configure-connectors",),
    ),
    subjects=_own_groups,
    check=_unused,
    nobody="the tenant has no connector group but the default one",
    evidence={
        "connectors": "connectors in the group, a number",
        "applications": "applications that the group carries, a number",
    },
)


def _headroom(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    own = evidence.policy.for_group(group.id, group.name)
    if own.purpose != "serving":
        return not_applicable(f"the policy says that this group is for {own.purpose}", purpose=own.purpose)
    if not applications(evidence, group):
        return not_applicable("the group carries no application")
    active, wanted = len(active_machines(members(evidence, group))), evidence.policy.preferred_active_connectors
    found = f"{counted(active, 'active machine')}, {wanted} preferred"
    if active >= wanted:
        return passed(found, active_machines=active, preferred=wanted)
    return failed(Severity.INFO, found, active_machines=active, preferred=wanted)


GRP005 = Rule(
    id="GRP005",
    title="Connector group can spare a machine for maintenance",
    subject="group",
    severity=Severity.INFO,
    why="Two machines are one while the other is updated, and updates come by themselves.",
    runbook=Runbook(
        summary="Give the group one more machine than it needs at its busiest.",
        steps=(
            "Install a connector on a further server and move it into {group}.",
            (
                "Before work on a server move its connector to a maintenance group, which carries a test application "
                "at most, and give its open connections time to end."
            ),
            "After the work restart the server, see its connector active, and move it back to {group}.",
        ),
        links=(f"{LEARN}concept-connectors",),
    ),
    subjects=groups,
    check=_headroom,
    nobody="the tenant has no connector groups",
    evidence={
        "active_machines": "distinct machines of the group with an active connector, a number",
        "preferred": "how many the policy would like",
        "purpose": "what the policy says that the group is for",
    },
    settings=("preferred_active_connectors", "groups.<name>.purpose"),
    enabled=False,
)
