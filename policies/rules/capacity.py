"""The rule about capacity: whether a group can carry its peak load with one machine lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import counted
from inventory.records import UnreadableRecord
from policies.capacity import capacity_of
from policies.frameworks import controls
from policies.machines import active_machines, machines_at_least
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.subjects import UNSURE, groups, known_members
from policies.runbooks import Runbook
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.models import ConnectorGroup
    from policies.evidence import Evidence
    from policies.policy_file.model import GroupCapacity
    from policies.vocabulary import Subject


Planned = tuple["ConnectorGroup", "GroupCapacity"]


def _with_figures(evidence: Evidence) -> Iterator[tuple[Subject, Planned | UnreadableRecord]]:
    """List the groups for which the policy states a capacity."""
    for subject, group in groups(evidence):
        planned = evidence.policy.for_group(subject.id, subject.name).capacity
        if planned is None:
            continue
        if isinstance(group, UnreadableRecord):
            yield subject, group
        else:
            yield subject, (group, planned)


def _capacity(evidence: Evidence, group_and_plan: Planned) -> Judgement:
    group, planned = group_and_plan
    purpose, source = evidence.policy.for_group(group.id, group.name).purpose, evidence.policy.capacity_figures
    if purpose != "serving":
        return not_applicable(f"the policy says that this group is for {purpose}", purpose=purpose)
    known = known_members(evidence, group)
    active, least = len(active_machines(known.records)), machines_at_least(known.records)
    each = capacity_of(source, planned.cores, planned.memory_gb)
    if each is None:
        size = f"{planned.cores} cores and {planned.memory_gb} GB"
        return not_assessed(f"{source} has no figure for a server of {size}", active_machines=active, source=source)
    left, wanted = max(active - 1, 0) * each, planned.requests_per_second
    message = f"{counted(active, 'active machine')}; with one lost, {left} requests a second of {wanted} can be carried"
    facts = {"active_machines": active, "each": each, "left": left, "wanted": wanted, "source": source}
    if max(least - 1, 0) * each >= wanted:
        return passed(message, **facts)
    if max(active + known.more - 1, 0) * each >= wanted:
        return not_assessed(f"{message}; {UNSURE}", **facts)
    return failed(Severity.INFO, message, **facts)


CAP001 = Rule(
    id="CAP001",
    title="Connector group carries its busiest second with one machine lost",
    subject="group",
    severity=Severity.INFO,
    why="A group that is just large enough is too small during an update or an outage, when one machine is missing.",
    runbook=Runbook(
        summary="Give the group more or larger machines, or correct the figures in the policy.",
        steps=(
            (
                "Measure the requests a second and the processor of the servers of {group} at the busiest time: "
                "published figures are no promise."
            ),
            "If they are short, install a connector on a further server of the same size and move it into {group}.",
            (
                "Application proxy takes 500 requests a second an application and 750 a tenant, however many "
                "connectors there are; spread what needs more over time."
            ),
            (
                "If the servers are larger than the policy says, correct `capacity`; if you trust other figures, "
                "choose `capacity_figures`."
            ),
        ),
        links=(
            "https://learn.microsoft.com/en-us/entra/global-secure-access/concept-connectors",
            "https://learn.microsoft.com/en-us/entra/identity/users/directory-service-limits-restrictions",
        ),
    ),
    subjects=_with_figures,
    check=_capacity,
    when_empty="the policy states no capacity for any group",
    controls=controls(nist="SC-5", iso="A.8.6", cis="12.2"),
    evidence={
        "active_machines": "distinct machines of the group with an active connector, a number",
        "each": "what one such machine carries by the published figures, in requests a second",
        "left": "what all but one of them carry, in requests a second",
        "wanted": "what the policy expects at the busiest, in requests a second",
        "source": "which published figures were used",
        "purpose": "what the policy says that the group is for",
    },
    settings=("groups.<name>.capacity", "capacity_figures", "groups.<name>.purpose"),
)
"""Service limits: Microsoft Learn, "Microsoft Entra service limits and restrictions" (2026-10-01)."""
