"""Rules about single connectors."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from policies.frameworks import controls
from policies.machines import machine_of
from policies.rule import Judgement, Rule, failed, not_applicable, passed
from policies.rules.subjects import connectors
from policies.runbooks import Runbook, day
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from inventory.models import Connector
    from policies.evidence import Evidence

REMOVAL = timedelta(days=10)
"""How long an inactive connector stays in the list (Entra "connectors", 2026-03)."""


def _inactive(evidence: Evidence, connector: Connector) -> Judgement:
    if connector.is_active:
        return passed("the connector is active")
    judgement = _leftover_or_down(evidence, connector)
    record = evidence.lives.connectors[connector.id]
    since = record.inactive_since or record.last_seen
    # If no scan saw the connector active, it may have been inactive before the first scan.
    period = f"since {day(since)}" if record.last_active else f"since {day(since)} or earlier"
    end = since + REMOVAL
    removal = (
        f"removal expected by {day(end)} at the latest"
        if evidence.snapshot.taken_at < end
        else "removal is due any day"
    )
    return replace(
        judgement,
        message=f"{judgement.message}; {period}, {removal}",
        volatile={"inactive_since": since.isoformat(), "removal_expected": end.isoformat()},
    )


def _leftover_or_down(evidence: Evidence, connector: Connector) -> Judgement:
    twins = [
        other.id
        for other in evidence.snapshot.same_machine_name(connector)
        if other.is_active and machine_of(other) == machine_of(connector)
    ]
    if not twins:
        return failed(Severity.MEDIUM, f"the connector is {connector.status}", status=connector.status)
    return failed(
        Severity.LOW,
        f"the connector is {connector.status}; the same machine has another, active one, so this is a leftover",
        status=connector.status,
        active_twin=min(twins),
    )


CON001 = Rule(
    id="CON001",
    title="Connector is active",
    subject="connector",
    severity=Severity.MEDIUM,
    why="An inactive connector carries nothing, and 10 days later it disappears from the list without a trace.",
    runbook=Runbook(
        summary="Bring the connector back, or let it go.",
        steps=(
            (
                "On {machine}, see whether both services run: `Get-Service WAPCSvc, WAPCUpdaterSvc`. Start what is "
                "stopped: `Start-Service WAPCSvc`."
            ),
            (
                "Read what the connector says: `Get-WinEvent -LogName '{channel}' -MaxEvents 20`. A blocked address or "
                "a proxy in the way shows there."
            ),
            (
                "If its trust certificate has expired, as after months offline, register it again there with an "
                "account of this tenant that is Application Administrator: `Import-Module {module}; {register}` (in "
                "the US government cloud the environment is AzureUSGovernment)."
            ),
            (
                "If {machine} is to be replaced, install a connector on the new server, move it into {group}, and "
                "switch the old one off once the new one is active."
            ),
            (
                "If {machine} is gone for good, wait: nobody can delete an inactive connector. It leaves the list 10 "
                "days after it fell silent, {removal_expected}."
            ),
        ),
        links=("https://learn.microsoft.com/en-us/entra/global-secure-access/troubleshoot-connectors",),
    ),
    subjects=connectors,
    check=_inactive,
    when_empty="the tenant has no connectors",
    controls=controls(nist="CM-8 SI-4", iso="A.8.16", cis="12.1"),
    evidence={
        "status": "what Microsoft's service says of the connector, such as inactive",
        "active_twin": "id of the active connector on the same machine",
        "inactive_since": "the first look of the present row that showed it inactive, a time",
        "removal_expected": "by when Microsoft should have taken it off the list, 10 days later, a time",
    },
)


def _duplicate(evidence: Evidence, connector: Connector) -> Judgement:
    if not connector.name_key:
        return not_applicable("the connector reports no machine name")
    same = {other.id: other for other in evidence.snapshot.same_machine_name(connector)}
    if not same:
        _ = evidence.snapshot.connectors.items  # a record that could not be read may have the name
        return passed("no other connector has this machine name")
    both = connector.is_active and any(other.is_active for other in same.values())
    same_machine = all(machine_of(other) == machine_of(connector) for other in same.values())
    certainty = "one machine" if same_machine else "possibly one machine"
    return failed(
        Severity.MEDIUM if both else Severity.LOW,
        f"{certainty}: {len(same)} other connector{'' if len(same) == 1 else 's'} with the same machine name",
        others=sorted(same),
        surely_one=same_machine,
    )


CON004 = Rule(
    id="CON004",
    title="No other connector has the same machine name",
    subject="connector",
    severity=Severity.LOW,
    why="Two connectors on one machine fall together, and a name that is there twice hides which one is meant.",
    runbook=Runbook(
        summary="Keep one connector a machine, and one name a machine.",
        steps=(
            (
                "If the connector on {machine} was installed anew, wait: the old entry is inactive and vanishes after "
                "10 days."
            ),
            "If two machines share the name, give one of them another, so that alarms name the right one.",
            "If two connectors run on one machine, uninstall one: they do not back each other up.",
        ),
        links=("https://learn.microsoft.com/en-us/entra/global-secure-access/concept-connectors",),
    ),
    subjects=connectors,
    check=_duplicate,
    when_empty="the tenant has no connectors",
    controls=controls(nist="CM-8", iso="A.5.9", cis="1.1"),
    evidence={
        "others": "ids of the other connectors with the name",
        "surely_one": "whether all of them are on one machine beyond doubt",
    },
)
