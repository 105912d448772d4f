"""The records that Graph holds, as far as connectorwatch needs them: frozen, and decoded straight from Graph's JSON.

Field names are Graph's in snake case; unknown fields are ignored and unknown enum values kept as they came, since Graph
adds both without notice (`region: "japan"` and `connectorGroupType: "syncFabric"` are in no schema and occur).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, NewType

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from common.moments import Moment

_IN_IDS = r"!$(-*,-.0->@-\[\]-~"
"""What is visible in ASCII but `"`, `#`, `%`, `&`, `'`, `+`, `/`, `?` and the backslash."""
Id = Annotated[str, Field(pattern=rf"^[!$(-*,\-0->@-\[\]-~](?:[ {_IN_IDS}]{{0,78}}[{_IN_IDS}])?$")]
"""What an id may hold. Ids go into addresses and filters, where `../../me` or a quotation mark would lead elsewhere.

They go into the keys of findings, too, which people paste: so neither a space at an end nor what cannot be seen.
"""

ConnectorId = NewType("ConnectorId", Id)
GroupId = NewType("GroupId", Id)
PrincipalId = NewType("PrincipalId", Id)
RoleId = NewType("RoleId", Id)

PRIVATE_ACCESS_TAGS = (
    "PrivateAccessNonWebApplication",
    "NetworkAccessManagedApplication",
    "NetworkAccessQuickAccessApplication",
    "IsAccessibleViaZTNAClient",
)
"""Tags that mark a Private Access application, on the application or its service principal.

Sources: Entra PowerShell (2026-07); the last one is on web applications that are opened to the client as well (Maester
and Microsoft's Zero Trust Assessment, 2026-08).
"""


def nothing_for_null(value: object) -> object:
    """Graph sends null for an empty collection on some services.

    Where this runs the list has left JSON behind and has to be taken as a Python list: hence the `strict=False` beside
    it, which concerns the list and not what is in it.
    """
    return () if value is None else value


def _no_for_null(value: object) -> object:
    """Graph's metadata let `isBuiltIn` be null, which then proves nothing (Graph v1.0 metadata, 2026-08)."""
    return False if value is None else value


class Record(BaseModel):
    """What all records share: frozen, strict about types, open to fields we do not know.

    `essential` are Graph's names of the fields that are enough for a record whose other fields are odd; the others are
    then not read. Empty where every rule needs more, so that such a record counts as unreadable.
    """

    essential: ClassVar[tuple[str, ...]] = ()

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        strict=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


class VerifiedDomain(Record):
    """A domain name that the tenant has proven to own."""

    name: str


class Organization(Record):
    """The tenant itself. Source: Graph v1.0 `organization`."""

    id: str
    display_name: str | None = None
    verified_domains: Annotated[tuple[VerifiedDomain, ...], BeforeValidator(nothing_for_null), Field(strict=False)] = ()


class Connector(Record):
    """An agent on a server. Source: Graph beta `connector`; it has no last-seen, no version history, no dates.

    `version` is four-part text such as `1.5.4522.0`; documentation's examples leave it out, so it may be missing.
    """

    id: ConnectorId
    machine_name: str | None = None
    external_ip: str | None = None
    status: str
    version: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the connector is in contact with the service; Graph writes `active` and `Active`."""
        return self.status.casefold() == "active"

    @property
    def name_key(self) -> str:
        """The machine name for comparing: names have no case on Windows. Empty where there is none."""
        return (self.machine_name or "").strip().casefold()


class ConnectorGroup(Record):
    """A set of connectors that carries applications. Source: Graph beta `connectorGroup`."""

    id: GroupId
    name: str | None = None
    connector_group_type: str
    is_default: bool
    region: str | None = None

    @property
    def is_application_proxy(self) -> bool:
        """Whether this is a group of ours; the same list also holds `syncFabric` groups (observed 2024-03-20)."""
        return self.connector_group_type.casefold() == "applicationproxy"


class CustomDomainCertificate(Record):
    """The certificate of an application's own domain. Source: Graph beta `verifiedCustomDomainCertificatesMetadata`.

    The date stays text as it came: an odd one must not cost the whole list of a group's applications.
    """

    subject_name: str | None = None
    expiry_date: str | None = None


class KerberosSignOn(Record):
    """How a connector asks for Kerberos tickets. Source: Graph beta `kerberosSignOnSettings`."""

    kerberos_service_principal_name: str | None = None


class SingleSignOn(Record):
    """How users are signed in to the back end. Source: Graph beta `onPremisesPublishingSingleSignOn`."""

    single_sign_on_mode: str | None = None
    kerberos_sign_on_settings: KerberosSignOn | None = None


class OnPremisesPublishing(Record):
    """How an application is published. Source: Graph beta `onPremisesPublishing`."""

    application_type: str | None = None
    is_accessible_via_ztna_client: bool | None = Field(default=None, alias="isAccessibleViaZTNAClient")
    external_url: str | None = None
    internal_url: str | None = None
    external_authentication_type: str | None = None
    application_server_timeout: str | None = None
    is_on_prem_publishing_enabled: bool | None = None
    single_sign_on_settings: SingleSignOn | None = None
    verified_custom_domain_certificates_metadata: CustomDomainCertificate | None = None


class Application(Record):
    """An application that a connector group carries. Source: Graph beta `application`."""

    id: Id
    app_id: str | None = None
    display_name: str | None = None
    tags: tuple[str, ...] | None = None
    on_premises_publishing: OnPremisesPublishing | None = None


class TaggedPrincipal(Record):
    """A service principal with its tags, which say whether it is a Private Access application."""

    id: Id
    app_id: str
    """By which its application is recognised: without it the record says nothing."""
    display_name: str | None = None
    tags: Annotated[tuple[str, ...], BeforeValidator(nothing_for_null), Field(strict=False)] = ()


class RolePermission(Record):
    """What a role allows, optionally under a condition. Without the list of actions the record is unreadable."""

    allowed_resource_actions: Annotated[tuple[str, ...], BeforeValidator(nothing_for_null), Field(strict=False)]
    condition: str | None = None


class RoleDefinition(Record):
    """A built-in or custom directory role. Source: Graph v1.0 `unifiedRoleDefinition`."""

    id: RoleId
    template_id: str | None = None
    display_name: str | None = None
    is_built_in: Annotated[bool, BeforeValidator(_no_for_null)]
    is_enabled: bool | None = None
    role_permissions: Annotated[tuple[RolePermission, ...], BeforeValidator(nothing_for_null), Field(strict=False)]
    """Null where there are none; a role without the field is unreadable, since it may allow anything."""


class RoleGrant(Record):
    """One principal holds one role at one scope.

    Source: Graph v1.0 `unifiedRoleAssignmentScheduleInstance` and `unifiedRoleEligibilityScheduleInstance` (PIM), or
    `unifiedRoleAssignment` where PIM could not be asked; the last has no `assignment_type` and no dates.
    """

    principal_id: PrincipalId
    role_definition_id: RoleId
    principal_organization_id: Id | None = None
    """The principal's home tenant, in plain assignments alone."""
    directory_scope_id: str | None = None
    app_scope_id: str | None = None
    assignment_type: str | None = None
    member_type: str | None = None
    start_date_time: Moment | None = None
    end_date_time: Moment | None = None


class GroupGrant(Record):
    """One principal is, or may make itself, a member or an owner of one group by PIM for Groups.

    Source: Graph v1.0 `privilegedAccessGroupAssignmentScheduleInstance` and
    `privilegedAccessGroupEligibilityScheduleInstance`. `access_id` is `member` or `owner`; `assignment_type` is
    `assigned` or `activated`, and missing on eligibilities.
    """

    group_id: PrincipalId
    principal_id: PrincipalId
    access_id: str
    assignment_type: str | None = None
    member_type: str | None = None
    start_date_time: Moment | None = None
    end_date_time: Moment | None = None

    @property
    def is_owner(self) -> bool:
        """Whether it is about owning the group; everything else is taken as membership."""
        return self.access_id.casefold() == "owner"


class Identity(Record):
    """A way a user signs in; the issuer is a domain of the tenant for people whose home it is."""

    sign_in_type: str | None = None
    issuer: str | None = None
    issuer_assigned_id: str | None = None


class Principal(Record):
    """A user, group, service principal or newer kind of identity. Source: Graph v1.0 `directoryObject` and its heirs.

    Graph returns type and id with nulls for objects the caller may not read, so a missing `account_enabled` on a user
    means "not read", never "enabled".
    """

    essential = ("@odata.type", "id", "displayName")

    odata_type: str | None = Field(default=None, alias="@odata.type")
    id: PrincipalId
    display_name: str | None = None
    user_principal_name: str | None = None
    user_type: str | None = None
    account_enabled: bool | None = None
    on_premises_sync_enabled: bool | None = None
    identities: tuple[Identity, ...] | None = None
    is_assignable_to_role: bool | None = None
    group_types: tuple[str, ...] | None = None
    service_principal_type: str | None = None
    not_returned: tuple[str, ...] = ()
    """Fields that were selected and are missing from the answer: not known, where null would be Graph's answer."""

    @property
    def beyond_pim(self) -> bool:
        """Whether it is a group that PIM for Groups cannot manage: synchronised, or filled by a rule.

        Source: Entra "PIM for Groups" (2026-03). A property that was not read says nothing, so that PIM is asked.
        """
        return self.on_premises_sync_enabled is True or "DynamicMembership" in (self.group_types or ())

    @property
    def kind(self) -> str:
        """The last word of `@odata.type`, such as `user`, `group` or `servicePrincipal`; `unknown` without one."""
        return (self.odata_type or "unknown").rpartition(".")[2]
