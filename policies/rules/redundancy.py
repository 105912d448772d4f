"""Rules about connector groups: is there a second way through, and does the group still serve a purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import NotReadError
from common.text import counted
from policies.frameworks import controls
from policies.machines import active_machines
from policies.releases.catalogue import parse_version
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.subjects import LEARN, applications, groups, members
from policies.rules.supported import says_nothing, says_private_access
from policies.runbooks import Runbook
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from inventory.models import Application, Connector, ConnectorGroup
    from policies.evidence import Evidence
    from policies.rule import Fact


_NAMED = 3
"""How many applications a message names."""


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
    if not evidence.snapshot.connectors.listed:
        return
    yield from evidence.between_groups.get(group.id, ())


def _private_access(evidence: Evidence, carried: Iterable[Application]) -> list[Application]:
    """Return the applications that are surely ones of Private Access."""
    tagged = evidence.snapshot.private_access_app_ids
    return [application for application in carried if says_private_access(application) or application.app_id in tagged]


def _is_too_old(evidence: Evidence, member: Connector) -> bool:
    """Return whether a connector surely cannot carry Private Access; one of unknown version may."""
    version = parse_version(member.version)
    return version is not None and version < evidence.releases.private_access_floor


def _named(carried: Iterable[Application]) -> str:
    """Return applications in words: the first three by name, and how many more."""
    names = sorted(application.display_name or application.id for application in carried)
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _redundancy(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    group_policy = evidence.policy.for_group(group.id, group.name)
    if group_policy.purpose != "serving":
        return not_applicable(
            f"the policy says that this group is for {group_policy.purpose}", purpose=group_policy.purpose
        )
    held = members(evidence, group)
    carried = _carried(evidence, group)
    private = _private_access(evidence, carried or ())
    fit = [member for member in held if not (private and _is_too_old(evidence, member))]
    needed = group_policy.min_active_connectors or evidence.policy.min_active_connectors
    active = len(active_machines(fit))
    facts: dict[str, Fact] = {"active_machines": active, "needed": needed, "connectors": len(held)}
    if len(fit) < len(held):
        facts["too_old"] = len(held) - len(fit)
    if carried == ():
        if group.is_default:
            return not_applicable("the default group carries no application", **facts)
        if not held:
            return not_applicable("the group carries nothing and holds nothing (see GRP004)", **facts)
    doubt = _doubt(evidence, group, fit, needed, private=bool(private))
    if doubt == "" and not private and not _enough_for_private_access(evidence, group, held, carried, needed):
        doubt = (
            "connectors are too old for Private Access, and whether the group carries such applications is not known"
        )
    if doubt is not None:
        return not_assessed(doubt, **facts) if doubt else passed(_shortage(active, needed, facts), **facts)
    if carried is None and (group.is_default or not held):
        return not_assessed("what the group carries could not be read, so nobody can say whether it needs connectors")
    return _too_few(carried, private, _shortage(active, needed, facts), facts)


def _shortage(active: int, needed: int, facts: Mapping[str, Fact]) -> str:
    able = " able to carry Private Access" if "too_old" in facts else ""
    return f"{counted(active, 'active machine')}{able}, {needed} needed"


def _doubt(
    evidence: Evidence, group: ConnectorGroup, fit: Sequence[Connector], needed: int, *, private: bool
) -> str | None:
    """Return why enough active machines are only possible; empty where there surely are, None where there are not."""
    sure = [member for member in fit if not private or parse_version(member.version) is not None]
    settled = [member for member in sure if len(set(evidence.snapshot.groups_holding(member.id))) == 1]
    if len(active_machines(settled)) >= needed:
        return ""
    if len(active_machines((*sure, *_on_the_move(evidence, group)))) >= needed:
        return "a connector was moved between groups while they were read; scan again"
    if len(active_machines((*fit, *_on_the_move(evidence, group)))) >= needed:
        return "whether a connector can carry Private Access is not known, since its version could not be read"
    return None


def _enough_for_private_access(
    evidence: Evidence,
    group: ConnectorGroup,
    held: Sequence[Connector],
    carried: Sequence[Application] | None,
    needed: int,
) -> bool:
    """Return whether there are enough connectors whatever the applications are whose kind is not known."""
    if carried is not None and not any(map(says_nothing, carried)):
        return True
    capable = [member for member in held if not _is_too_old(evidence, member)]
    return _doubt(evidence, group, capable, needed, private=True) == ""


def _too_few(
    carried: Sequence[Application] | None, private: Sequence[Application], shortage: str, facts: dict[str, Fact]
) -> Judgement:
    """Return how bad it is that a group has too few active machines."""
    if carried is not None and not carried:
        return failed(Severity.LOW, f"{shortage}; no application depends on it", **facts)
    known: dict[str, Fact] = {} if carried is None else {"applications": sorted(app.id for app in carried)}
    if carried and not facts["active_machines"] and "too_old" in facts:
        message = f"no active connector can carry Private Access, so {_named(private)} cannot be reached"
        return failed(Severity.CRITICAL, message, **facts, **known)
    if carried and not facts["active_machines"]:
        message = f"no connector is active, so {_named(carried)} cannot be reached"
        return failed(Severity.CRITICAL, message, **facts, **known)
    judgement = failed(Severity.HIGH, shortage, **facts, **known)
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
    controls=controls(nist="CP-10 CP-8(2)", iso="A.8.14", cis="12.2"),
    evidence={
        "active_machines": "distinct machines of the group with an active connector, a number",
        "needed": "how many the policy asks for",
        "connectors": "connectors in the group, active or not, a number",
        "too_old": "connectors that cannot carry the group's Private Access applications, a number; not there if none",
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
    controls=controls(nist="CP-8(2)", iso="A.8.14", cis="12.2"),
    evidence={
        "external_ip": "the one address that all active connectors leave through",
        "external_ips": "the addresses that active connectors leave through",
    },
)
