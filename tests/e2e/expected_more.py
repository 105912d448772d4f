"""What the rules must say of Contoso when role data is refused piece by piece, and under a policy that names people.

Worked out by hand like `expected`. Each table holds the rules that say something else than for all of Contoso, read in
full and under the repository's policy.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.e2e.expected import CONTOSO_ROLES, NOT_SAID, UNKNOWN, USERS, Table, verdicts

ROLES = "RoleManagement.Read.Directory"
_READS = (
    "Application.Read.All AuditLog.Read.All GroupMember.Read.All Organization.Read.All User.Read.All "
    "PrivilegedAssignmentSchedule.Read.AzureADGroup PrivilegedEligibilitySchedule.Read.AzureADGroup"
)
LEAST = (*_READS.split(), ROLES)
"""The narrowest permissions that open all role data; the connectors stay closed."""


class Denial(NamedTuple):
    """What is granted, which paths are refused besides, and which rules then speak otherwise."""

    granted: tuple[str, ...]
    refused: tuple[str, ...]
    table: Table


def _without(*names: str, instead: str = "") -> tuple[str, ...]:
    return (*(name for name in LEAST if name not in names), *instead.split())


def _but(names: str, *left_out: str) -> str:
    return " ".join(name for name in names.split() if name not in left_out)


def _accounts(users: str, unknown: str) -> Table:
    """Return the verdicts about accounts for the users that were seen, and for what was not."""
    return {
        "REG003": verdicts(passes=f"{users} dieter sven", high="gita marek ivo", not_assessed=unknown),
        "REG004": verdicts(
            passes=f"{users} dieter sven gita marek ivo", high="pipeline ops-agent", not_assessed=unknown
        ),
        "REG006": verdicts(passes=f"{users} sven gita marek ivo", low="dieter", not_assessed=unknown),
        "REG007": verdicts(passes=f"{users} dieter gita marek ivo", medium="sven", not_assessed=unknown),
        "REG011": NOT_SAID,
    }


_ALL_USERS = f"{USERS} gita marek ivo dieter sven"
_STANDING = "breakglass-1 breakglass-2 ada gita marek ivo dieter sven uma tom grace carla rhea"
_OWNERS = "olga otto pavel"
"""Owners of groups on a path. While somebody may have been overlooked, one of them may be a registrar, rightly."""
_OPEN = " tenant"
"""Somebody may have been overlooked."""

DENIALS: dict[str, Denial] = {
    "nothing": Denial(LEAST, (), {}),
    "roles": Denial(_without(ROLES), (), dict.fromkeys(CONTOSO_ROLES, NOT_SAID)),
    # Plain assignments are read instead; they tell assigned from activated no more.
    "PIM for roles, active and eligible": Denial(
        _without(ROLES, instead="Directory.Read.All"),
        (),
        _accounts(_but(USERS, "bruno"), "mallory tenant")
        | {
            "REG005": verdicts(passes="hugo irene nina noah", not_assessed=f"{_STANDING} chloe mallory tenant"),
            "REG010": verdicts(medium=f"{_OWNERS} network-team", not_assessed="tenant"),
        },
    ),
    "PIM for roles, active": Denial(
        _without(ROLES, instead="Directory.Read.All RoleEligibilitySchedule.Read.Directory"),
        (),
        {
            "REG005": verdicts(passes="bruno hugo irene nina noah", not_assessed=f"{_STANDING} chloe {UNKNOWN}"),
            "REG011": NOT_SAID,
        },
    ),
    "PIM for roles, eligible": Denial(
        _without(ROLES, instead="Directory.Read.All RoleAssignmentSchedule.Read.Directory"),
        (),
        _accounts(_but(USERS, "bruno"), "mallory tenant")
        | {
            "REG005": verdicts(passes="chloe hugo irene nina noah", medium=_STANDING, not_assessed="mallory tenant"),
            "REG010": verdicts(medium=f"{_OWNERS} network-team", not_assessed="tenant"),
        },
    ),
    # Whoever is in a group may be permanent or activated.
    "PIM for groups, active": Denial(
        _without("PrivilegedAssignmentSchedule.Read.AzureADGroup"),
        (),
        {
            "REG005": verdicts(
                passes="bruno chloe hugo nina noah",
                medium=_but(_STANDING, "grace"),
                not_assessed=f"grace irene {UNKNOWN}",
            ),
            "REG011": NOT_SAID,
            "REG010": verdicts(medium=f"{_OWNERS} network-team", not_assessed="tenant"),
        },
    ),
    "PIM for groups, eligible": Denial(
        _without("PrivilegedEligibilitySchedule.Read.AzureADGroup"),
        (),
        _accounts(_but(USERS, "hugo", "nina", "noah"), UNKNOWN + _OPEN)
        | {
            "REG005": verdicts(passes="bruno chloe irene", medium=_STANDING, not_assessed=UNKNOWN + _OPEN),
            "REG010": verdicts(medium="olga", not_assessed="tenant"),
        },
    ),
    # PIM tells who is in Proxy Admins; the group that feeds it is not under PIM. Anybody may be in one for good.
    "group members": Denial(
        _without("GroupMember.Read.All"),
        (),
        _accounts(_but(USERS, "nina", "noah"), UNKNOWN + _OPEN)
        | {
            "REG005": verdicts(medium=_STANDING, not_assessed=f"bruno chloe hugo irene {UNKNOWN} tenant"),
            "REG010": verdicts(medium="olga otto", not_assessed="network-team tenant"),
        },
    ),
    "group owners": Denial(
        LEAST,
        ("/groups/*/owners",),
        {"REG010": verdicts(medium="olga otto network-team", not_assessed="tenant")},
    ),
    # Users come as nothing but type and id.
    "users": Denial(
        _without("User.Read.All"),
        (),
        {
            "REG002": NOT_SAID,
            "REG003": verdicts(not_assessed=f"{_ALL_USERS} {UNKNOWN}"),
            "REG006": verdicts(not_assessed=f"{_ALL_USERS} {UNKNOWN}"),
            "REG007": verdicts(not_assessed=f"{_ALL_USERS} {UNKNOWN}"),
            "REG008": NOT_SAID,
            "REG011": NOT_SAID,
        },
    ),
    "service principals": Denial(_without("Application.Read.All"), (), {}),
    # Whose home is here cannot be told without the tenant's domains, whose home is elsewhere can.
    "organization": Denial(
        LEAST,
        ("/organization",),
        {
            "REG002": NOT_SAID,
            "REG003": verdicts(high="gita marek ivo", not_assessed=f"{USERS} dieter sven {UNKNOWN}"),
            "REG008": NOT_SAID,
            "REG011": NOT_SAID,
        },
    ),
    # Holders are known by their ids alone, so that a group is not told from a person.
    "directory objects": Denial(
        LEAST,
        ("/directoryObjects/getByIds",),
        {
            "REG002": NOT_SAID,
            **dict.fromkeys(
                ("REG003", "REG004", "REG005", "REG006", "REG007"),
                verdicts(
                    not_assessed=_but(_ALL_USERS, "grace", "hugo", "irene", "nina", "noah")
                    + f" {UNKNOWN} pipeline ops-agent proxy-admins tenant"
                ),
            ),
            "REG008": NOT_SAID,
            "REG010": NOT_SAID,
            "REG011": NOT_SAID,
        },
    ),
}
"""What is refused, by name."""

NAMED_CONTOSO: Table = {
    "REG001": verdicts(
        passes="breakglass-1 breakglass-2 ada bruno grace hugo irene",
        high="chloe ivo sven uma tom nina noah carla rhea",
        not_assessed=f"{UNKNOWN} gita marek",
    ),
    "REG005": CONTOSO_ROLES["REG005"] | verdicts(not_applicable="breakglass-1 breakglass-2"),
    "REG008": NOT_SAID,  # 14 that are known are few enough, and three more may or may not be registrars
    "REG009": verdicts(passes="connector-operators", medium="old-connector-admins"),
    "REG010": verdicts(passes="olga", medium="otto pavel network-team"),
    "POL003": verdicts(
        passes="ada.martin@contoso.com BRUNO.KELLER@contoso.com olga.petrova@contoso.com proxy-admins "
        "breakglass1@contoso.onmicrosoft.com breakglass-2 Connector_operators Maintenance",
        low="ada.martn@contoso.com Old_conector_admins",
    ),
}
"""Contoso under the policy that names people; spaces of names are written `_`."""

NAMED_CLEAN: Table = {
    "REG001": verdicts(high="breakglass lena max"),
    "REG002": verdicts(medium="tenant"),
    "POL003": verdicts(
        low="ada.martin@contoso.com BRUNO.KELLER@contoso.com olga.petrova@contoso.com ada.martn@contoso.com "
        "1F7CC16E-1035-5F94-9F8A-90990DC7F2D3 breakglass1@contoso.onmicrosoft.com "
        "0bfc3077-e540-5f56-8c62-7a716a5adb38 Connector_operators "
        "Old_conector_admins Maintenance"
    ),
}
"""The clean tenant under the same policy, which names nobody there and wants three registrars."""
