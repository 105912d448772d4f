"""What rules must say of tenants in which Graph behaves as its known issues, schemas and others' measurements say.

Each tenant is a bundled one with changes. The tables are worked out by hand and hold the rules that the case concerns.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.e2e.expected import NOT_YET, Table, verdicts


class Case(NamedTuple):
    """A tenant, as changes over a bundled one, and what some rules must say of it."""

    changes: str
    table: Table
    base: str = "clean"


_THREE = "breakglass lena max"
_AUTOMATION = """
service_principals:
  pipeline: {name: Deployment pipeline}
  bot: {name: Owner bot}
groups:
  automation: {name: Automation, role_assignable: true, members: [lena, pipeline], owners: [bot]}
assignments:
  automation: {principal: automation, role: application-administrator}
"""
_STAFF = """
settings: {unmanaged_group: unsupported}
groups:
  admins: {name: Admins, role_assignable: true, pim: [{principal: staff, kind: eligible}]}
  staff: {name: Staff, members: [max], KIND: true}
assignments:
  admins: {principal: admins, role: application-administrator}
  max: null
"""
_QUIET = """
settings: {unmanaged_group: unsupported}
groups:
  admins: {name: Admins, role_assignable: true, members: [lena]}
assignments:
  admins: {principal: admins, role: application-administrator, kind: eligible}
"""

CASES: dict[str, Case] = {
    # Lena is a permanent member of the group, and its role is assigned: standing access. Software is no user.
    "service principals in a group that PIM does not manage": Case(
        _AUTOMATION,
        {
            "REG003": verdicts(passes=_THREE),
            "REG004": verdicts(passes=_THREE, high="pipeline"),
            "REG005": verdicts(passes="breakglass max", medium="lena"),
            "REG006": verdicts(passes=_THREE),
            "REG007": verdicts(passes=_THREE),
            "REG010": verdicts(medium="bot"),
            "REG011": NOT_YET,
        },
    ),
    # Max comes in by activating what the group he is in is eligible for. Ordinary administrators can fill that group.
    **{
        f"a {kind} group that feeds a role": Case(
            _STAFF.replace("KIND", kind),
            {
                "REG003": verdicts(passes=_THREE),
                "REG004": verdicts(passes=_THREE),
                "REG005": verdicts(passes=_THREE),
                "REG006": verdicts(passes=_THREE),
                "REG007": verdicts(passes=_THREE),
                "REG010": verdicts(medium="staff"),
                "REG011": NOT_YET,
            },
        )
        for kind in ("synced", "dynamic")
    },
    # PIM's lists and the audit log are refused; connectors and the plain role assignments, none, are read.
    "a person with a custom role for connectors alone": Case(
        'settings: {delegated: true, person_roles: ["Connectorwatch connector reader"]}',
        {
            "CON001": verdicts(passes="hq-01 hq-02"),
            "CON005": verdicts(not_assessed="tenant"),
            **dict.fromkeys(
                ("REG003", "REG004", "REG005", "REG006", "REG007", "REG010", "REG011"),
                verdicts(not_assessed="tenant"),
            ),
        },
    ),
    "a group that was never under PIM, without owners": Case(
        _QUIET,
        {
            "REG004": verdicts(passes=_THREE),
            "REG005": verdicts(passes=_THREE),
            "REG010": verdicts(not_applicable="tenant"),
            "REG011": NOT_YET,
        },
    ),
}
