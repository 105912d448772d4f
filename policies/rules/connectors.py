"""Rules about single connectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.machines import machine_of
from policies.model import Judgement, Remediation, Rule, Severity, failed, passed
from policies.rules.subjects import connectors

if TYPE_CHECKING:
    from inventory.models import Connector
    from policies.evidence import Evidence


def _inactive(evidence: Evidence, connector: Connector) -> Judgement:
    if connector.is_active:
        return passed("the connector is active")
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
    remedy=Remediation(
        summary="Bring the connector back, or let it go.",
        steps=(
            "On the server, check that the services WAPCSvc and WAPCUpdaterSvc run.",
            "Read the connector's Admin event log; common causes are a blocked address and an expired certificate.",
            "If the server is gone for good, wait: an inactive connector cannot be deleted and vanishes after 10 days.",
        ),
        links=("https://learn.microsoft.com/en-us/entra/global-secure-access/troubleshoot-connectors",),
    ),
    subjects=connectors,
    check=_inactive,
    nobody="the tenant has no connectors",
)
