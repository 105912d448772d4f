"""Rules about the use of connector groups: the default group, unused groups, spare machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import counted
from inventory.records import UnreadableRecord
from policies.frameworks import controls
from policies.machines import active_machines, machines_at_least
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.subjects import LEARN, UNSURE, applications, groups, known_applications, known_members, partly
from policies.runbooks import Runbook
from policies.vocabulary import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.models import ConnectorGroup
    from policies.evidence import Evidence


def _default_groups(evidence: Evidence) -> Iterator[tuple[Subject, ConnectorGroup | UnreadableRecord]]:
    """List the default group, and every group that may be it."""
    return (
        (subject, group)
        for subject, group in groups(evidence)
        if isinstance(group, UnreadableRecord) or group.is_default
    )


def _default_serves(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    carried = known_applications(evidence, group)
    if not carried.count:
        _ = applications(evidence, group)
        return passed("the default group carries no application")
    only = len(tuple(groups(evidence))) == 1
    judgement = failed(
        Severity.INFO if only else Severity.MEDIUM,
        f"the default group carries {counted(carried.count, 'application')}, which every new connector carries at once",
        applications=sorted(application.id for application in carried.records),
    )
    return judgement.when_partial(partial=bool(carried.more) or not carried.whole)


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
    when_empty="the tenant has no default connector group",
    controls=controls(nist="SC-7 CM-6", iso="A.8.9 A.8.20", cis="12.2", attack="T1557"),
    evidence={"applications": "ids of the applications that the default group carries"},
)


def _own_groups(evidence: Evidence) -> Iterator[tuple[Subject, ConnectorGroup | UnreadableRecord]]:
    """List every group but the default one, and every group that may be it."""
    return (
        (subject, group)
        for subject, group in groups(evidence)
        if isinstance(group, UnreadableRecord) or not group.is_default
    )


def _unused(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    contents = evidence.snapshot.contents_of(group.id)
    held, carried = partly(contents.members), partly(contents.applications)
    facts = {"connectors": held.number, "applications": carried.number}
    if held.count or carried.count:  # what could not be read is there all the same
        return passed("the group is in use", **facts)
    _ = contents.members.items, contents.applications.items
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
    when_empty="the tenant has no connector group but the default one",
    controls=controls(nist="CM-8", iso="A.5.9 A.8.9", cis="1.1"),
    evidence={
        "connectors": "connectors in the group, a number; not known where they could not be read",
        "applications": "applications that the group carries, a number; not known where they could not be read",
    },
)


def _headroom(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    settings = evidence.policy.for_group(group.id, group.name)
    if settings.purpose != "serving":
        return not_applicable(f"the policy says that this group is for {settings.purpose}", purpose=settings.purpose)
    if not applications(evidence, group):
        return not_applicable("the group carries no application")
    known, wanted = known_members(evidence, group), evidence.policy.preferred_active_connectors
    active = len(active_machines(known.records))
    message = f"{counted(active, 'active machine')}, {wanted} preferred"
    if machines_at_least(known.records) >= wanted:
        return passed(message, active_machines=active, preferred=wanted)
    if active + known.more >= wanted:
        return not_assessed(f"{message}; {UNSURE}", active_machines=active, preferred=wanted)
    return failed(Severity.INFO, message, active_machines=active, preferred=wanted)


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
    when_empty="the tenant has no connector groups",
    controls=controls(nist="CP-10", iso="A.8.14", cis="12.2"),
    evidence={
        "active_machines": "distinct machines of the group with an active connector, a number",
        "preferred": "how many the policy would like",
        "purpose": "what the policy says that the group is for",
    },
    settings=("preferred_active_connectors", "groups.<name>.purpose"),
    enabled=False,
)
