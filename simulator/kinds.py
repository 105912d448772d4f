"""The types of Graph's objects: their properties, and which are returned only when selected."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from simulator.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Fields = dict[str, object]


@dataclass(frozen=True)
class Kind:
    """A type of object."""

    name: str
    properties: frozenset[str]
    on_select: frozenset[str] = frozenset()
    """Properties that come only with `$select`, in both versions."""
    on_select_v1: frozenset[str] = frozenset()
    """Properties that come only with `$select` in v1.0; beta gives them unasked."""
    beta_only: frozenset[str] = frozenset()
    fill: bool = True
    """Whether a selected property without a value comes as null; App Proxy leaves it out."""

    @property
    def odata_type(self) -> str:
        """The type's name as it stands in answers."""
        return f"#microsoft.graph.{self.name}"


@dataclass(frozen=True)
class Resource:
    """An object with all its properties."""

    kind: Kind
    fields: Fields
    odata_type: str = ""
    id: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the id out of the fields."""
        object.__setattr__(self, "id", str(self.fields["id"]))

    @property
    def type_name(self) -> str:
        """The type's name as it stands in answers: the kind's, unless the object says otherwise."""
        return self.odata_type or self.kind.odata_type


def known(kinds: Iterable[Kind], version: str) -> frozenset[str]:
    """Return the properties that may be named in a query about any of these types."""
    return _known(tuple(kinds), version)


@cache
def _known(kinds: tuple[Kind, ...], version: str) -> frozenset[str]:
    names: frozenset[str] = frozenset()
    for kind in kinds:
        names |= kind.properties if version == "beta" else kind.properties - kind.beta_only
    return names


@cache
def _hidden(kind: Kind, version: str) -> frozenset[str]:
    return kind.on_select if version == "beta" else kind.on_select | kind.on_select_v1 | kind.beta_only


def check_select(kinds: Sequence[Kind], version: str, select: Sequence[str]) -> None:
    """Refuse a `$select` that names what none of the types has."""
    for name in select:
        if name.partition("/")[0] not in known(kinds, version):
            kind = kinds[0].name if len(kinds) == 1 else "directoryObject"
            message = f"Could not find a property named '{name}' on type 'microsoft.graph.{kind}'."
            raise bad_request(f"Parsing OData Select and Expand failed: {message}")


def project(resource: Resource, kind: Kind, version: str, select: Sequence[str]) -> Fields:
    """Return the selected properties, or the default ones."""
    fields = resource.fields
    if not select:
        hidden = _hidden(kind, version)
        return {name: value for name, value in fields.items() if name not in hidden}
    wanted = [name for name in select if name in kind.properties]
    return {name: fields.get(name) for name in wanted if kind.fill or name in fields}


def limited(resource: Resource, version: str) -> Fields:
    """Return an object as a caller without permission sees it: type and id, everything else null."""
    shown: Fields = {"@odata.type": resource.type_name, "id": resource.id}
    names = project(resource, resource.kind, version, ())
    return shown | {name: None for name in names if name in resource.kind.properties and name != "id"}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_USER_DEFAULT = _names(
    "businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage surname "
    "userPrincipalName"
)
_USER_MORE = _names(
    "accountEnabled companyName createdDateTime creationType deletedDateTime department employeeId externalUserState "
    "identities mailNickname onPremisesImmutableId onPremisesLastSyncDateTime onPremisesSyncEnabled otherMails "
    "proxyAddresses usageLocation userType"
)
# Default properties of a user: https://learn.microsoft.com/graph/api/user-get (v1.0), read 2026-09.
USER = Kind("user", _USER_DEFAULT | _USER_MORE | {"signInActivity"}, _names("signInActivity"), _USER_MORE)
GROUP = Kind(
    "group",
    _names(
        "id deletedDateTime classification createdDateTime description displayName groupTypes isAssignableToRole mail "
        "mailEnabled mailNickname membershipRule onPremisesSyncEnabled securityEnabled securityIdentifier visibility"
    ),
)
SERVICE_PRINCIPAL = Kind(
    "servicePrincipal",
    _names(
        "id deletedDateTime accountEnabled alternativeNames appDisplayName appId appOwnerOrganizationId "
        "appRoleAssignmentRequired appRoles displayName servicePrincipalNames servicePrincipalType signInAudience tags"
    ),
)
AGENT = Kind("agentIdentity", SERVICE_PRINCIPAL.properties)
SERVICE_PRINCIPALS = frozenset({SERVICE_PRINCIPAL.odata_type, AGENT.odata_type})
"""Types that are or derive from a service principal (Graph beta metadata, 2026-10)."""
ORGANIZATION = Kind(
    "organization",
    _names(
        "id deletedDateTime countryLetterCode createdDateTime displayName onPremisesSyncEnabled tenantType "
        "verifiedDomains"
    ),
)
SKU = Kind("subscribedSku", _names("id capabilityStatus consumedUnits skuId skuPartNumber servicePlans appliesTo"))
_APPLICATION = _names(
    "id deletedDateTime appId createdDateTime displayName publisherDomain signInAudience tags identifierUris"
)
APPLICATION = Kind(
    "application",
    _APPLICATION | {"onPremisesPublishing"},
    on_select=_names("onPremisesPublishing"),
    beta_only=_names("onPremisesPublishing"),
)
# A connector group's own list shows onPremisesPublishing unasked
# (https://learn.microsoft.com/graph/api/connectorgroup-list-applications, 2025).
PUBLISHED_APPLICATION = Kind("application", APPLICATION.properties, fill=False)
PROFILE = Kind(
    "onPremisesPublishingProfile", _names("id isEnabled isDefaultAccessEnabled hybridAgentUpdaterConfiguration")
)
CONNECTOR = Kind("connector", _names("id machineName externalIp status version"), fill=False)
CONNECTOR_GROUP = Kind("connectorGroup", _names("id name connectorGroupType isDefault region"), fill=False)
PUBLISHING = Kind("onPremisesPublishing", frozenset(), fill=False)
ROLE_DEFINITION = Kind(
    "unifiedRoleDefinition",
    _names("id description displayName isBuiltIn isEnabled resourceScopes rolePermissions templateId version"),
)
_ASSIGNMENT = _names("id principalId roleDefinitionId directoryScopeId appScopeId")
ROLE_ASSIGNMENT = Kind(
    "unifiedRoleAssignment",
    _ASSIGNMENT | {"condition", "principalOrganizationId"},
    on_select=_names("appScopeId condition"),
)
ROLE_ASSIGNMENT_INSTANCE = Kind(
    "unifiedRoleAssignmentScheduleInstance",
    _ASSIGNMENT
    | _names("assignmentType memberType startDateTime endDateTime roleAssignmentOriginId roleAssignmentScheduleId"),
)
ROLE_ELIGIBILITY_INSTANCE = Kind(
    "unifiedRoleEligibilityScheduleInstance",
    _ASSIGNMENT | _names("memberType startDateTime endDateTime roleEligibilityScheduleId"),
)
_PIM_GROUP = _names("id accessId groupId memberType principalId startDateTime endDateTime")
GROUP_ASSIGNMENT_INSTANCE = Kind(
    "privilegedAccessGroupAssignmentScheduleInstance", _PIM_GROUP | _names("assignmentType assignmentScheduleId")
)
GROUP_ELIGIBILITY_INSTANCE = Kind(
    "privilegedAccessGroupEligibilityScheduleInstance", _PIM_GROUP | _names("eligibilityScheduleId")
)
APP_ROLE_ASSIGNMENT = Kind(
    "appRoleAssignment",
    _names(
        "id appRoleId createdDateTime deletedDateTime principalDisplayName principalId principalType "
        "resourceDisplayName resourceId"
    ),
)
DIRECTORY_AUDIT = Kind(
    "directoryAudit",
    _names(
        "id activityDateTime activityDisplayName additionalDetails category correlationId initiatedBy loggedByService "
        "operationType result resultReason targetResources"
    ),
)
DIRECTORY_OBJECTS: tuple[Kind, ...] = (USER, GROUP, SERVICE_PRINCIPAL, AGENT)
