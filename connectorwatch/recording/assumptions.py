"""What connectorwatch believes of Graph, how well each belief is founded, and what happens where it is false.

docs/assumptions.md is made from this table. A belief that is only guessed may cost a verdict and never grants one: a
test lets the simulated Graph break each of them and finds no rule that passes because of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Grade = Literal["documented", "schema", "measured by others", "guessed"]
Effect = Literal["not assessed", "fails", "less said", "more requests"]

GRADES: dict[Grade, str] = {
    "documented": "a page of Microsoft's says so",
    "schema": "a schema or a data file of Microsoft's says so",
    "measured by others": "somebody saw it in a live tenant and published it",
    "guessed": "inferred; no source says so",
}
EFFECTS: dict[Effect, str] = {
    "not assessed": "the rules it concerns answer `not_assessed`",
    "fails": "a rule fails that might not have to",
    "less said": "verdicts stay, and say less",
    "more requests": "verdicts stay, and reading takes more requests",
}


@dataclass(frozen=True)
class Assumption:
    """One belief.

    Attributes:
        id: Short and stable.
        belief: What is believed.
        used_in: Where: dotted names in the code, and ids of rules.
        grade: How well it is founded.
        source: Where it comes from.
        dated: The date of the source, or of the copy that was read.
        if_false: What happens where it is not so.
        effect: Of a guessed belief, what it costs where it is false; a pass is not among the choices.
        question: The open question of `record` that settles it.
    """

    id: str
    belief: str
    used_in: tuple[str, ...]
    grade: Grade
    source: str
    dated: date
    if_false: str
    effect: Effect | None = None
    question: str | None = None


_PROXY = "inventory.readers.connectors"
_DIRECTORY = "inventory.readers.directory"
_GROUPS = "inventory.readers.groups"
_ROLES = "inventory.readers.roles"

ASSUMPTIONS = (
    Assumption(
        "connectors-app-only",
        "An application with Directory.Read.All and a directory role that allows it can read connectors.",
        (f"{_PROXY}.read_connectors", f"{_PROXY}.read_groups", "inventory.permissions.CONNECTOR_ROLE"),
        "guessed",
        "permission tables list no application permission; published tools that sign in as applications read them",
        date(2026, 12, 1),
        "The lists are refused and every rule about connectors and groups is not assessed; `doctor` says so.",
        "not assessed",
        "U1",
    ),
    Assumption(
        "connectors-beta",
        "Connectors and connector groups exist in beta only, below the profile applicationProxy.",
        (f"{_PROXY}.PROFILE",),
        "schema",
        "v1.0 and beta schemas of all clouds",
        date(2026, 8, 20),
        "A renamed profile answers 400 or 404: the lists are not read, and their rules are not assessed.",
    ),
    Assumption(
        "connector-fields",
        "A connector has id, machineName, externalIp, status and version, and no time of last contact.",
        ("inventory.models.Connector", "CON001", "VER001"),
        "schema",
        "beta schema, type connector",
        date(2026, 10, 23),
        "Further properties are ignored; a missing status makes the list unread.",
    ),
    Assumption(
        "inactive-ten-days",
        "A connector that is inactive for ten days is removed by Microsoft.",
        ("CON001", "CON002"),
        "documented",
        "Entra, Understand the private network connector",
        date(2026, 3, 12),
        "The announced day of removal is wrong; that the connector is inactive stays true.",
    ),
    Assumption(
        "other-groups",
        "The list of connectors holds agents of other types of group, which are told apart by their groups.",
        (f"{_PROXY}.read_foreign", "inventory.collect.collect"),
        "guessed",
        "groups of type syncFabric were seen in the list of groups; their members were not",
        date(2024, 3, 20),
        "There is nothing to leave out, and reading the members of other groups was not needed.",
        "more requests",
        "U8",
    ),
    Assumption(
        "empty-group-404",
        "A group without connectors answers 404 ConnectorGroup_NotFound, one without applications "
        "404 ApplicationsForGroup_NotFound.",
        (f"{_PROXY}.GROUP_GONE", f"{_PROXY}.NO_APPLICATIONS", "GRP001"),
        "measured by others",
        "EntraExporter, which ignores these codes on these lists",
        date(2025, 11, 16),
        "After the first code the group is read again; a code that is not known leaves the list unread.",
    ),
    Assumption(
        "proxy-batches",
        "The App Proxy service answers inside a batch.",
        ("inventory.graph.GraphClient.read_many", f"{_PROXY}.read_contents"),
        "guessed",
        "batching is documented for Graph as a whole; nothing is published of this service",
        date(2026, 12, 1),
        "A refused batch is read again, group by group.",
        "more requests",
        "U5",
    ),
    Assumption(
        "application-settings-inlined",
        "The applications of a connector group come with their tags and publishing settings.",
        (f"{_PROXY}.read_contents", "VER002"),
        "guessed",
        "the documented example shows placeholders; published tools read the settings one by one",
        date(2026, 12, 1),
        "The settings are read from each application, twenty in one request; where that fails, tags decide.",
        "more requests",
    ),
    Assumption(
        "private-access-tags",
        "Private Access applications carry one of Microsoft's tags on the application or its service principal.",
        ("inventory.models.PRIVATE_ACCESS_TAGS", f"{_DIRECTORY}.read_private_access", "VER002"),
        "documented",
        "Entra PowerShell samples for Private Access",
        date(2026, 7, 16),
        "An application with another tag is not seen as Private Access, and its group's minimum version is not judged.",
    ),
    Assumption(
        "registering-roles",
        "A role lets its holder register connectors where it allows microsoft.directory/connectors/create.",
        ("inventory.roles.touches_registration", "REG001", "REG004"),
        "schema",
        "export of all live built-in roles",
        date(2026, 8, 21),
        "Roles are read from the tenant by their actions, so that new ones are seen; another action would be missed.",
    ),
    Assumption(
        "pim-single-role",
        "The lists of PIM take a filter on one role and tell assigned from activated.",
        (f"{_ROLES}.read_holders", "REG005"),
        "documented",
        "Graph, list roleAssignmentScheduleInstances",
        date(2026, 8, 7),
        "The plain list of role assignments stands in, which does not show eligible holders; these are not assessed.",
    ),
    Assumption(
        "no-p2-code",
        "Without Entra ID P2 PIM answers 400 AadPremiumLicenseRequired, and there is nothing to list.",
        ("inventory.answer.NO_LICENCE", f"{_ROLES}.read_holders"),
        "measured by others",
        "maester, issue 1421",
        date(2026, 1, 22),
        "Another code leaves the list unread, and its rules are not assessed.",
    ),
    Assumption(
        "pim-unmanaged-groups",
        "A group that PIM does not manage answers with an empty list, a 404, or 400 ResourceTypeNotSupported.",
        (f"{_GROUPS}.read_path_groups", "REG004", "REG010"),
        "guessed",
        "published tools disagree about cloud groups that were never brought under PIM",
        date(2026, 10, 6),
        "Any other answer leaves the group's lists unread, and the rules about its members are not assessed.",
        "not assessed",
        "U6",
    ),
    Assumption(
        "getbyids-properties",
        "getByIds returns identities, onPremisesSyncEnabled and isAssignableToRole when they are selected.",
        (f"{_DIRECTORY}.PRINCIPAL_FIELDS", "REG003", "REG007"),
        "guessed",
        "selecting other properties over mixed types was seen live; of these three nothing is published",
        date(2026, 12, 1),
        "People without identities cannot be placed: REG003 and REG007 are not assessed for those who do not fail.",
        "not assessed",
        "U7",
    ),
    Assumption(
        "some-holder",
        "Every tenant has a holder, active or eligible, of a role that can register connectors.",
        ("inventory.readers.plausible.some_holder",),
        "documented",
        "Entra, Remove Microsoft Entra role assignments: nobody removes Global Administrator from themselves",
        date(2025, 5, 25),
        "The list of holders counts as not read (implausible), and what rests on it is not assessed.",
    ),
    Assumption(
        "default-group",
        "Where there are connectors or connector groups, one of the groups is the default one.",
        ("inventory.readers.plausible.default_group", "GRP001", "GRP002", "GRP003", "GRP004"),
        "guessed",
        "new connectors join the default group (Entra, connector groups); that it cannot be deleted no page says",
        date(2024, 2, 13),
        "The list of connector groups counts as not read (implausible), and what rests on it is not assessed.",
        "not assessed",
    ),
    Assumption(
        "partners",
        "A plain role assignment names its principal's home, which tells a partner's account from a deleted one.",
        (f"{_ROLES}.read_partner_grants", "inventory.collect.collect", "REG003"),
        "guessed",
        "unifiedRoleAssignment has principalOrganizationId; what it holds for partners is not published",
        date(2026, 8, 20),
        "A partner's account is named as deleted or hidden; it stays among the holders.",
        "less said",
        "U3",
    ),
    Assumption(
        "guests-and-tokens",
        "A guest cannot register with the installer; whether one can with a token of this tenant is not known.",
        ("policies.registration.holders.registration", "REG001", "REG002", "REG003", "REG008"),
        "guessed",
        "the page on troubleshooting describes the installer alone",
        date(2026, 12, 1),
        "Guests count as unknown: REG001, REG002 and REG008 are open where they decide, and REG003 fails each of them.",
        "not assessed",
        "U2",
    ),
    Assumption(
        "service-principals-in-groups",
        "v1.0 leaves service principals, and nothing else, out of the members and owners of groups; a cast lists them.",
        (f"{_GROUPS}.read_path_groups", "REG004", "REG010", "REG011"),
        "documented",
        "Graph, Known issues; measured again by Omnicit.EntraRBAC, 2026-10-06",
        date(2026, 4, 10),
        "A refused cast leaves the list unread. Principals of another kind that v1.0 left out would be overlooked.",
    ),
    Assumption(
        "person-roles",
        "People read PIM's lists and the audit log with certain directory roles only, of which Global Reader is one.",
        ("inventory.permissions.PIM_ROLES", "inventory.permissions.AUDIT_ROLES", "inventory.answer.error_of"),
        "documented",
        "Graph, list roleAssignmentScheduleInstances; Entra, how to access audit logs",
        date(2026, 12, 1),
        "The lists are refused all the same and stay unread; the advice names a role that is not enough or not needed.",
    ),
    Assumption(
        "updates-deferred",
        "The publishing profile says until when the tenant defers updates, for all connectors, in their own time zone.",
        (f"{_PROXY}.read_updater", "VER003"),
        "documented",
        "Graph beta, hybridAgentUpdaterConfiguration; which applications may read it is not documented",
        date(2026, 12, 1),
        "An outdated connector is explained by another cause; that it is outdated stays true.",
    ),
    Assumption(
        "audit-activities",
        "Registrations and changes of groups are logged under these names.",
        ("inventory.audit.activities.ACTIVITIES", "inventory.readers.audit.read_audit"),
        "documented",
        "Entra, audit activities",
        date(2024, 4, 15),
        "Who registered a connector is not found, and the report says that the log does not say.",
    ),
    Assumption(
        "audit-service",
        "Events of connectors are logged by the service Application Proxy or by Global Secure Access.",
        ("inventory.audit.activities.SERVICES", "inventory.readers.audit.read_audit", "CON005"),
        "guessed",
        "newer pages name Global Secure Access for changes of groups; of registrations nothing newer is published",
        date(2026, 9, 14),
        "Events of a third service are not read, and who registered or moved a connector stays unknown.",
        "less said",
    ),
    Assumption(
        "audit-register-shape",
        "A registration names the connector, by its id or by its machine name.",
        ("inventory.audit.attribution", "CON003"),
        "guessed",
        "no sample of such an event is published",
        date(2026, 12, 1),
        "The registration is attributed by time alone, which is said, or not at all.",
        "less said",
        "U4",
    ),
)
"""Every belief, in the order of the readers."""
