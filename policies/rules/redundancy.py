"""Rules about connector groups: is there a second way through, and does the group still serve a purpose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from common.text import counted
from policies.frameworks import controls
from policies.machines import active_machines, machines_at_least
from policies.releases.catalogue import parse_version
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.subjects import (
    LEARN,
    applications,
    applications_text,
    groups,
    known_applications,
    known_members,
)
from policies.rules.supported import says_nothing, says_private_access
from policies.runbooks import Runbook
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from inventory.models import Application, Connector, ConnectorGroup
    from policies.evidence import Evidence
    from policies.rule import Fact
    from policies.rules.subjects import Partly


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


@dataclass(frozen=True)
class _Count:
    """The connectors of a group, counted as far as they could be read.

    Attributes:
        held: The connectors whose records could be read.
        more: How many further ones there are.
        fit: Those of `held` that are not surely too old for what the group carries.
        private: Whether the group surely carries Private Access.
        needed: How many active machines are enough.
    """

    held: tuple[Connector, ...]
    more: int
    fit: tuple[Connector, ...]
    private: bool
    needed: int

    @property
    def active(self) -> int:
        """Distinct active machines among those that fit."""
        return len(active_machines(self.fit))

    @property
    def facts(self) -> dict[str, Fact]:
        """What a judgement rests on."""
        held = len(self.held) + self.more
        facts: dict[str, Fact] = {"active_machines": self.active, "needed": self.needed, "connectors": held}
        if len(self.fit) < len(self.held):
            facts["too_old"] = len(self.held) - len(self.fit)
        if self.more:
            facts["unreadable"] = self.more
        return facts

    @property
    def words(self) -> str:
        """The count in words."""
        able = " able to carry Private Access" if "too_old" in self.facts else ""
        more = f", and {counted(self.more, 'connector')} whose record could not be read" if self.more else ""
        return f"{counted(self.active, 'active machine')}{able}{more}, {self.needed} needed"


def _redundancy(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    group_policy = evidence.policy.for_group(group.id, group.name)
    if group_policy.purpose != "serving":
        return not_applicable(
            f"the policy says that this group is for {group_policy.purpose}", purpose=group_policy.purpose
        )
    known, apps = known_members(evidence, group), known_applications(evidence, group)
    private = _private_access(evidence, apps.records)
    fit = tuple(member for member in known.records if not (private and _is_too_old(evidence, member)))
    needed = group_policy.min_active_connectors or evidence.policy.min_active_connectors
    count = _Count(known.records, known.more, fit, bool(private), needed)
    if apps.whole and not apps.count:
        if group.is_default:
            return not_applicable("the default group carries no application", **count.facts)
        if not known.count:
            return not_applicable("the group carries nothing and holds nothing (see GRP004)", **count.facts)
    doubt = _doubt(evidence, group, count)
    if doubt == "" and not private and not _enough_for_private_access(evidence, group, count, apps):
        doubt = (
            "connectors are too old for Private Access, and whether the group carries such applications is not known"
        )
    if doubt is not None:
        return not_assessed(doubt, **count.facts) if doubt else passed(count.words, **count.facts)
    if not apps.whole and not apps.count and (group.is_default or not known.count):
        return not_assessed("what the group carries could not be read, so nobody can say whether it needs connectors")
    return _too_few(count, apps, private)


def _doubt(evidence: Evidence, group: ConnectorGroup, count: _Count) -> str | None:
    """Return why enough active machines are only possible; empty where there surely are, None where there are not."""
    sure = [member for member in count.fit if not count.private or parse_version(member.version) is not None]
    settled = [member for member in sure if len(set(evidence.snapshot.groups_holding(member.id))) == 1]
    moving = tuple(_on_the_move(evidence, group))
    if machines_at_least(settled) >= count.needed:
        return ""
    if len(active_machines(settled)) >= count.needed:
        return "whether connectors run on different machines is not known, since they do not say their machine"
    if len(active_machines((*sure, *moving))) >= count.needed:
        return "a connector was moved between groups while they were read; scan again"
    if len(active_machines((*count.fit, *moving))) >= count.needed:
        return "whether a connector can carry Private Access is not known, since its version could not be read"
    if len(active_machines((*count.fit, *moving))) + count.more >= count.needed:
        return f"{count.words}: which of them are active could not be read"
    return None


def _enough_for_private_access(
    evidence: Evidence, group: ConnectorGroup, count: _Count, apps: Partly[Application]
) -> bool:
    """Return whether there are enough connectors whatever the applications are whose kind is not known."""
    if apps.whole and not apps.more and not any(map(says_nothing, apps.records)):
        return True
    capable = tuple(member for member in count.held if not _is_too_old(evidence, member))
    return _doubt(evidence, group, replace(count, fit=capable, private=True)) == ""


def _too_few(count: _Count, apps: Partly[Application], private: Sequence[Application]) -> Judgement:
    """Return how bad it is that a group has too few active machines."""
    whole, facts = apps.whole and not apps.more, count.facts
    if apps.whole and not apps.count:
        return failed(Severity.LOW, f"{count.words}; no application depends on it", **facts)
    known: dict[str, Fact] = {"applications": sorted(app.id for app in apps.records)} if whole else {}
    none = not count.active and not count.more
    if none and apps.records and "too_old" in facts:
        message = f"no active connector can carry Private Access, so {applications_text(private)} cannot be reached"
        return failed(Severity.CRITICAL, message, **facts, **known).when_partial(partial=not whole)
    if none and apps.records:
        message = f"no connector is active, so {applications_text(apps.records)} cannot be reached"
        return failed(Severity.CRITICAL, message, **facts, **known).when_partial(partial=not whole)
    return failed(Severity.HIGH, count.words, **facts, **known).when_partial(partial=not whole)


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
        "unreadable": "connectors whose records could not be read, a number; not there if none",
        "applications": "ids of the applications that the group carries",
        "purpose": "what the policy says that the group is for",
    },
    settings=("min_active_connectors", "groups.<name>.min_active_connectors", "groups.<name>.purpose"),
)


def _one_way_out(evidence: Evidence, group: ConnectorGroup) -> Judgement:
    if not applications(evidence, group):
        return not_applicable("the group carries no application")
    known = known_members(evidence, group)
    active = [member for member in known.records if member.is_active]
    addresses = sorted({member.external_ip for member in active if member.external_ip})
    if len(addresses) > 1:  # two addresses are two, whatever else is not known
        return passed(f"active connectors leave through {len(addresses)} external addresses", external_ips=addresses)
    if known.more:
        return not_assessed(f"the record of {counted(known.more, 'connector')} of the group could not be read")
    if len(active_machines(active)) < 2:  # noqa: PLR2004 - one machine has one way out by nature
        return not_applicable("fewer than two machines are active (see GRP001)")
    if not all(member.external_ip for member in active):
        return not_applicable("an external address is unknown")
    return failed(
        Severity.INFO,
        "all active connectors leave through one external address; behind one NAT that is normal",
        external_ip=addresses[0],
    )


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
