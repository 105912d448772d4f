"""Lists that no tenant can have: answered in full and empty, they were not read, whatever the answer said.

A proxy, a cache or a defect that answers each list with `{"value": []}` must not look like a tenant in which nobody can
register a connector: findings would resolve. Each check names why no tenant is like that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from common.errors import FailedError
from inventory.models import Record

if TYPE_CHECKING:
    from inventory.models import Connector, ConnectorGroup, Organization, RoleGrant
    from inventory.snapshot import Section

R = TypeVar("R", bound=Record)

IMPLAUSIBLE = "implausible"
"""The code of a list that was answered as no tenant can be."""


def one_organization(section: Section[Organization]) -> Section[Organization]:
    """Return the list of organizations, as not read unless it holds one: a tenant is exactly one (Graph v1.0)."""
    if section.status != "read" or section.unreadable or len(section.records) == 1:
        return section
    return _refused(section, f"Graph lists {len(section.records)} organizations, and a tenant is exactly one")


def some_holder(
    assignments: Section[RoleGrant], eligibilities: Section[RoleGrant]
) -> tuple[Section[RoleGrant], Section[RoleGrant]]:
    """Return who holds a role that lets register connectors, as not read where nobody does, actively or eligibly.

    Global Administrator is such a role, and nobody can remove that role from themselves, so that no tenant comes to
    have none (Entra "Remove Microsoft Entra role assignments", 2025-05-25). That no other way leads there is assumed.
    """
    if not (assignments.known and eligibilities.known) or assignments.records or eligibilities.records:
        return assignments, eligibilities
    why = (
        "Graph names no holder, active or eligible, of any role that can register connectors, and every tenant has one"
    )
    return _refused_if_read(assignments, why), _refused_if_read(eligibilities, why)


def default_group(
    groups: Section[ConnectorGroup], others: tuple[ConnectorGroup, ...], connectors: Section[Connector]
) -> Section[ConnectorGroup]:
    """Return the connector groups, as not read where none is the default one and there is anything to be in groups.

    Every connector belongs to a group, and a new one to the default group (Entra "connector groups", 2024-02-13; Graph
    beta "connectorGroup"). That the default group cannot be deleted is assumed: no page says so.
    """
    if groups.status != "read" or groups.unreadable or any(group.is_default for group in groups.records):
        return groups
    if not (groups.records or others or connectors.records):
        return groups
    return _refused(groups, "Graph lists no default connector group, and a tenant with connectors or groups has one")


def _refused_if_read(section: Section[R], why: str) -> Section[R]:
    return _refused(section, why) if section.status == "read" else section


def _refused(section: Section[R], why: str) -> Section[R]:
    error = FailedError(
        why,
        code=IMPLAUSIBLE,
        advice="Scan again; if it stays, see whether a proxy between here and Graph changes answers.",
    )
    return section.unread(section.name, error, section.records)
