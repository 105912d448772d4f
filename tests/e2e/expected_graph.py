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
_LEFT_OUT = "settings: {{by_ids_without: {}}}"
_IN_HQ = "connector_groups: {{head-office: {{{}}}}}"

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
    # What the odd connector's record would say is not known: its own verdicts, and how many machines its group has.
    "a connector whose status is null": Case(
        _IN_HQ.format("connectors: {hq-02: {extra: {status: null}}}"),
        {
            "CON001": verdicts(passes="hq-01", not_assessed="hq-02"),
            "CON002": NOT_YET,
            "CON003": NOT_YET,
            "CON004": verdicts(not_assessed="hq-01 hq-02"),
            "CON005": NOT_YET,
            "VER001": verdicts(passes="hq-01", not_assessed="hq-02"),
            "VER002": verdicts(not_applicable="hq-01", not_assessed="hq-02"),
            "VER003": verdicts(passes="hq-01", not_assessed="hq-02"),
            "VER004": verdicts(passes="hq-01", not_assessed="hq-02"),
            "GRP001": verdicts(not_applicable="default", not_assessed="head-office"),
            "GRP003": verdicts(passes="default"),
            "REG004": verdicts(passes=_THREE),
            "REG010": verdicts(not_applicable="tenant"),
        },
    ),
    # Two machines are active whatever the third connector's record would say.
    "a third connector whose status is null": Case(
        _IN_HQ.format("connectors: {hq-03: {name: HQ-03, version: 1.5.4522.0, extra: {status: null}}}"),
        {
            "CON001": verdicts(passes="hq-01 hq-02", not_assessed="hq-03"),
            "GRP001": verdicts(passes="head-office", not_applicable="default"),
        },
    ),
    "a connector without a readable id": Case(
        _IN_HQ.format("connectors: {hq-02: {extra: {id: 7}}}"),
        {
            "CON001": verdicts(passes="hq-01", not_assessed="tenant"),
            "CON002": verdicts(not_assessed="tenant"),
            "CON003": NOT_YET,
            "CON004": verdicts(not_assessed="hq-01 tenant"),
            "VER001": verdicts(passes="hq-01", not_assessed="tenant"),
            "GRP001": verdicts(not_applicable="default", not_assessed="head-office"),
        },
    ),
    "a connector group that may be the default one": Case(
        _IN_HQ.format("extra: {isDefault: null}"),
        {
            "CON001": verdicts(passes="hq-01 hq-02"),
            "VER001": verdicts(passes="hq-01 hq-02"),
            "VER002": verdicts(not_assessed="hq-01 hq-02"),
            "GRP001": verdicts(not_applicable="default", not_assessed="head-office"),
            "GRP003": verdicts(passes="default", not_assessed="head-office"),
            "GRP004": verdicts(not_assessed="head-office"),
        },
    ),
    "an application whose tags are a number": Case(
        _IN_HQ.format("applications: {intranet: {extra: {tags: 7}}}"),
        {
            "CON001": verdicts(passes="hq-01 hq-02"),
            "GRP001": verdicts(passes="head-office", not_applicable="default"),
            "GRP003": verdicts(passes="default"),
            "VER001": verdicts(passes="hq-01 hq-02"),
            "VER002": verdicts(not_assessed="hq-01 hq-02"),
        },
    ),
    "applications as stubs whose settings are refused": Case(
        "settings: {published: stubs}\nfaults: [{path: /applications/*, kind: denied}]",
        {
            "VER002": verdicts(not_applicable="hq-01 hq-02"),
            "GRP001": verdicts(passes="head-office", not_applicable="default"),
        },
    ),
    "a web application that is opened to the client": Case(
        _IN_HQ.format("applications: {intranet: {service_principal_tags: [IsAccessibleViaZTNAClient]}}"),
        {"VER002": verdicts(passes="hq-01 hq-02")},
    ),
    "a registrar with an odd attribute": Case(
        'users: {lena: {extra: {accountEnabled: "yes"}}}',
        {
            "REG003": verdicts(passes="breakglass max", not_assessed="lena"),
            "REG004": verdicts(passes=_THREE),
            "REG005": verdicts(passes=_THREE),
            "REG006": verdicts(passes="breakglass max", not_assessed="lena"),
            "REG007": verdicts(passes="breakglass max", not_assessed="lena"),
            "REG011": verdicts(not_assessed="tenant"),
            "CON001": verdicts(passes="hq-01 hq-02"),
        },
    ),
    # That updates are deferred explains a failure and takes none away; what cannot be read explains nothing.
    **{
        f"an outdated connector where the publishing profile is {how}": Case(
            f"{change}\n" + _IN_HQ.format("connectors: {hq-02: {version: 1.5.4364.0}}"),
            {
                "CON001": verdicts(passes="hq-01 hq-02"),
                "VER001": verdicts(passes="hq-01 hq-02"),
                "VER003": verdicts(passes="hq-01", medium="hq-02"),
                "GRP001": verdicts(passes="head-office", not_applicable="default"),
            },
        )
        for how, change in {
            "deferring": "updater: {deferUpdateDateTime: '2027-01-31T00:00:00Z'}",
            "odd": "updater: {deferUpdateDateTime: 7, updateWindow: soon}",
            "refused": "faults: [{path: /onPremisesPublishingProfiles/applicationProxy, kind: denied}]",
            "malformed": "faults: [{path: /onPremisesPublishingProfiles/applicationProxy, kind: garbage}]",
        }.items()
    },
    # No object in the tenant, and an assignment that names another organization: from outside, and not deleted.
    "a partner's administrator": Case(
        """
partners: {acme: 99999999-2222-4333-8444-555555555555}
assignments: {acme: {principal: acme, role: application-administrator}}
""",
        {
            "REG003": verdicts(passes=_THREE, high="acme"),
            "REG004": verdicts(passes=_THREE, not_assessed="acme"),
            "REG005": verdicts(passes=_THREE, not_assessed="acme"),
            "REG007": verdicts(passes=_THREE, not_assessed="acme"),
        },
    ),
    "a guest who registered a connector": Case(
        """
users: {gita: {name: Gita, external: true, upn: gita@fabrikam.example, type: Guest}}
assignments: {gita: {principal: gita, role: application-administrator}}
audit:
  one: {activity: Register connector, at: 2026-11-19T06:00:00Z, by: gita, targets: [{id: "connector:hq-01"}]}
""",
        {"REG003": verdicts(passes=_THREE, high="gita"), "REG004": verdicts(passes=f"{_THREE} gita")},
    ),
    # Null says that an account is no synchronised one, or no guest by marking; a field left out says nothing.
    "getByIds leaves out whether accounts are synchronised": Case(
        _LEFT_OUT.format("[onPremisesSyncEnabled]"),
        {
            "REG003": verdicts(passes=_THREE),
            "REG006": verdicts(passes=_THREE),
            "REG007": verdicts(not_assessed=_THREE),
        },
    ),
    "getByIds leaves out what marks a guest": Case(
        _LEFT_OUT.format("[userType]"),
        {
            "REG003": verdicts(not_assessed=_THREE),
            "REG006": verdicts(passes=_THREE),
            "REG007": verdicts(passes=_THREE),
        },
    ),
    "getByIds leaves out user names": Case(
        _LEFT_OUT.format("[userPrincipalName]"),
        {"REG003": verdicts(not_assessed=_THREE), "REG007": verdicts(passes=_THREE)},
    ),
    "getByIds leaves out whether accounts are enabled": Case(
        _LEFT_OUT.format("[accountEnabled]"),
        {
            "REG003": verdicts(not_assessed=_THREE),
            "REG006": verdicts(not_assessed=_THREE),
            "REG007": verdicts(not_assessed=_THREE),
        },
    ),
    "getByIds leaves out which groups can be assigned to roles": Case(
        _LEFT_OUT.format("[isAssignableToRole]")
        + _STAFF.replace("settings: {unmanaged_group: unsupported}", "").replace("KIND", "synced"),
        {"REG003": verdicts(passes=_THREE), "REG010": verdicts(not_assessed="staff")},
    ),
    "a registration whose event has no readable id": Case(
        "audit: {one: {activity: Register connector, at: 2026-11-19T06:00:00Z, extra: {id: 7}}}",
        {"CON005": verdicts(not_assessed="tenant"), "CON001": verdicts(passes="hq-01 hq-02")},
    ),
    "another event without a readable id": Case(
        "audit: {one: {activity: Update group, at: 2026-11-19T06:00:00Z, extra: {id: 7}}}",
        {"CON005": NOT_YET},
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
