"""The sentence about a new connector: who registered it, when, with which right, and what its group carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import NotReadError
from common.text import minute
from policies.registration.entitlement import entitled, roles_then
from policies.rules.subjects import applications_text, group_name

if TYPE_CHECKING:
    from inventory.audit.attribution import Attribution
    from inventory.history_records import ConnectorRecord
    from inventory.models import Connector, GroupId
    from policies.evidence import Evidence


def name_of(event: Attribution) -> str:
    """Return whom an audit event names: by user name, by id, or as software."""
    return event.upn or event.by or event.app or "somebody whom the log does not name"


def registered_words(evidence: Evidence, connector: Connector, record: ConnectorRecord) -> str:
    """Return who registered a connector, when (UTC) and with which right, one part for each audit event."""
    by_time = record.attribution[0].matched == "time"
    parts = [
        f"by {name_of(event)} on {minute(event.at)}{'' if by_time else _right(evidence, connector, event)}"
        for event in record.attribution
    ]
    if by_time:
        return f"probably registered {' or '.join(parts)}, judged by the time alone"
    return f"registered {', and '.join(parts)}"


def _right(evidence: Evidence, connector: Connector, event: Attribution) -> str:
    """Return with which right somebody registered a connector, as it was when that was first judged."""
    if not (event.by or event.upn):
        return ", which is software" if event.app else ""
    try:
        may = entitled(evidence, connector.id, event)
    except NotReadError:
        may = None
    if may is None:
        return ", and whether with a right to could not be read"
    roles = roles_then(evidence, connector.id, event)
    if evidence.policy.expected_registrars:
        expected = "whom the policy expects" if may else "whom the policy does not expect"
        return f", {expected}{'' if roles is None or may else f', {_with(roles)}'}"
    if may:
        return f", {_with(roles)}" if roles else ", who could register connectors then"
    held = f" in spite of {_listed(roles)}" if roles else ""
    return f", who could not register connectors{held}" if held or roles is None else f", {_with(roles)}"


def _with(roles: tuple[str, ...]) -> str:
    return f"with {_listed(roles)}" if roles else "without a role that can register connectors"


def _listed(roles: tuple[str, ...]) -> str:
    return f"the role{'' if len(roles) == 1 else 's'} {' and '.join(roles)}"


def place_words(evidence: Evidence, connector: Connector, record: ConnectorRecord) -> str:
    """Return which group a connector is in, where it came from if it was moved, and what the group carries."""
    try:
        holding = tuple(dict.fromkeys(evidence.snapshot.groups_holding(connector.id)))
    except NotReadError:
        return "its group could not be read"
    if not holding:
        return "it is in no group"
    first = record.groups[0].value if record.groups else None
    moved = first and first not in holding
    came = f"moved from {group_name(evidence, first)} to" if moved and first else "it is in"
    return f"{came} {' and '.join(_carrying(evidence, group_id) for group_id in holding)}"


def _carrying(evidence: Evidence, group_id: GroupId) -> str:
    """Return a group by name, and the applications that it carries."""
    name = group_name(evidence, group_id)
    try:
        carried = evidence.snapshot.applications(group_id)
    except NotReadError:
        return f"{name}, whose applications could not be read"
    return f"{name}, which carries {applications_text(carried) if carried else 'no application'}"
