"""The directory of a tenant: users, groups, service principals and other directory objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import kinds
from simulator.app_roles import GRAPH_APP_ID, app_roles
from simulator.kinds import Fields, Resource
from simulator.results import ABSENT, Absent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.proxies import Proxies
    from simulator.tenant import Agent, Group, Organization, ServicePrincipal, Tenant, User

Table = dict[str, Resource]

# What Graph reports under these names in subscribedSkus: https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
_PLANS = {
    "P1": ("AAD_PREMIUM", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4"),
    "P2": ("AAD_PREMIUM_P2", "84a661c4-e949-4bd2-a560-ed7766fcaf2b"),
    "Suite": ("Microsoft_Entra_Suite", "f9602137-2203-447b-9fff-41b36e08ce5d"),
}


class Directory:
    """Directory objects by id, and who belongs to which group."""

    def __init__(self, tenant: Tenant, proxies: Proxies) -> None:
        """Make every directory object."""
        self._tenant = tenant
        self.users: Table = {}
        self.groups: Table = {}
        self.service_principals: Table = {}
        self.others: Table = {}
        self.ids: dict[str, str] = {key: tenant.derived("deleted", key) for key in tenant.deleted}
        self.ids |= {key: tenant.derived("partner", key) for key in tenant.partners}
        self.entries: dict[str, Group] = {}
        """Groups as they stand in the tenant file, by id."""
        self._gone = {tenant.derived("deleted", key): shown for key, shown in tenant.deleted.items()}
        self._read()
        for row in proxies.applications.values():
            principal = _of_application(tenant, row, proxies.entries[row.id].service_principal_tags)
            self.service_principals[principal.id] = principal
        self.objects: Table = self.users | self.groups | self.service_principals | self.others
        self._members = {guid: self._active(entry, "member") for guid, entry in self.entries.items()}
        self._owners = {guid: self._active(entry, "owner") for guid, entry in self.entries.items()}

    def _read(self) -> None:
        tenant = self._tenant
        for key, person in tenant.users.items():
            self._add(self.users, key, Resource(kinds.USER, _user(tenant, key, person)))
        for key, team in tenant.groups.items():
            made = Resource(kinds.GROUP, _group(tenant, key, team))
            self._add(self.groups, key, made)
            self.entries[made.id] = team
        for key, principal in tenant.service_principals.items():
            fields = _service_principal(tenant, key, principal)
            self._add(self.service_principals, key, Resource(kinds.SERVICE_PRINCIPAL, fields))
        graph = _microsoft_graph(tenant)
        self.service_principals[graph.id] = graph
        for key, other in tenant.agents.items():
            self._add(self.others, key, Resource(kinds.AGENT, _agent(tenant, key, other), other.odata_type))

    def _add(self, table: Table, key: str, made: Resource) -> None:
        table[made.id] = made
        self.ids[key] = made.id

    def _active(self, entry: Group, access: str) -> list[Resource]:
        """Return who is in a group now: the permanent, and those whose membership is activated."""
        permanent = entry.members if access == "member" else entry.owners
        through_pim = (row.principal for row in entry.pim if row.access == access and row.kind != "eligible")
        return self._present(self.ids[key] for key in dict.fromkeys((*permanent, *through_pim)))

    def _present(self, guids: Iterable[str]) -> list[Resource]:
        return [self.objects[guid] for guid in guids if guid in self.objects]

    def members(self, guid: str) -> list[Resource]:
        """Return a group's members, the activated ones among them."""
        return self._members[guid]

    def owners(self, guid: str) -> list[Resource]:
        """Return a group's owners."""
        return self._owners[guid]

    def transitive_members(self, guid: str) -> list[Resource]:
        """Return a group's members and those of the groups in it, each once."""
        inside: Table = {}
        waiting = [guid]
        for group_id in waiting:
            fresh = [row for row in self._members[group_id] if row.id not in inside]
            inside |= {row.id: row for row in fresh}
            waiting.extend(row.id for row in fresh if row.id in self.groups)
        return list(inside.values())

    def principal(self, guid: str) -> Resource | Absent | None:
        """Return a principal; one that was deleted is null or left out."""
        if self._gone.get(guid) == "absent":
            return ABSENT
        return self.objects.get(guid)

    def organization(self) -> Resource:
        """Return the tenant's own object."""
        return Resource(kinds.ORGANIZATION, _organization(self._tenant.tenant))

    def skus(self) -> list[Resource]:
        """Return the subscriptions the tenant has."""
        return [
            Resource(
                kinds.SKU,
                {"id": f"{self._tenant.tenant.id}_{sku}", "skuId": sku, "skuPartNumber": name}
                | {
                    "capabilityStatus": "Enabled",
                    "appliesTo": "User",
                    "consumedUnits": 25,
                    "servicePlans": [
                        {
                            "servicePlanId": sku,
                            "servicePlanName": name,
                            "provisioningStatus": "Success",
                            "appliesTo": "User",
                        }
                    ],
                },
            )
            for name, sku in (_PLANS[licence] for licence in sorted(self._tenant.tenant.licenses))
        ]


def _organization(entry: Organization) -> Fields:
    return {
        "id": entry.id,
        "deletedDateTime": None,
        "countryLetterCode": "FR",
        "createdDateTime": "2016-05-11T07:30:00Z",
        "displayName": entry.name,
        "onPremisesSyncEnabled": True,
        "tenantType": "AAD",
        "verifiedDomains": [
            {
                "name": name,
                "isDefault": name == entry.domains[0],
                "isInitial": name == entry.initial_domain,
                "type": "Managed",
                "capabilities": "Email, OfficeCommunicationsOnline",
            }
            for name in entry.domains
        ],
    }


def _user(tenant: Tenant, key: str, entry: User) -> Fields:
    initial = tenant.tenant.initial_domain
    upn = entry.upn or f"{key}@{tenant.tenant.domains[0]}"
    if entry.external:
        upn = f"{upn.replace('@', '_')}#EXT#@{initial}"
    by_name = {"signInType": "userPrincipalName", "issuer": initial, "issuerAssignedId": upn}
    invited = {"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": None}
    given, _, family = (entry.name or "").partition(" ")
    return {
        "id": tenant.guid("user", key),
        "businessPhones": [],
        "displayName": entry.name,
        "givenName": given or None,
        "jobTitle": None,
        "mail": entry.mail or (entry.upn if entry.external else None),
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": family or None,
        "userPrincipalName": upn,
        "accountEnabled": entry.enabled,
        "createdDateTime": "2024-02-06T10:00:00Z",
        "creationType": "Invitation" if entry.external else None,
        "deletedDateTime": None,
        "externalUserState": "Accepted" if entry.external else None,
        "identities": [invited, by_name] if entry.external else [by_name],
        "onPremisesSyncEnabled": True if entry.synced else None,
        "userType": entry.type,
        **entry.extra,
    }


def _group(tenant: Tenant, key: str, entry: Group) -> Fields:
    return {
        "id": tenant.guid("group", key),
        "deletedDateTime": None,
        "classification": None,
        "createdDateTime": "2024-02-06T10:00:00Z",
        "description": None,
        "displayName": entry.name,
        "groupTypes": ["DynamicMembership"] if entry.dynamic else [],
        "isAssignableToRole": True if entry.role_assignable else None,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": key,
        "membershipRule": 'user.department -eq "IT"' if entry.dynamic else None,
        "onPremisesSyncEnabled": True if entry.synced else None,
        "securityEnabled": True,
        "visibility": "HiddenMembership" if entry.hidden else "Private" if entry.role_assignable else None,
        **entry.extra,
    }


def _principal_fields(tenant: Tenant, app_id: str, name: str) -> Fields:
    return {
        "deletedDateTime": None,
        "accountEnabled": True,
        "alternativeNames": [],
        "appDisplayName": name,
        "appId": app_id,
        "appOwnerOrganizationId": tenant.tenant.id,
        "appRoleAssignmentRequired": False,
        "displayName": name,
        "servicePrincipalNames": [app_id],
        "signInAudience": "AzureADMyOrg",
    }


def _service_principal(tenant: Tenant, key: str, entry: ServicePrincipal) -> Fields:
    app_id = entry.app_id or tenant.derived("app_id", key)
    fields = {"id": tenant.guid("service_principal", key)} | _principal_fields(tenant, app_id, entry.name)
    return fields | {"servicePrincipalType": entry.type, "tags": list(entry.tags)} | entry.extra


def _microsoft_graph(tenant: Tenant) -> Resource:
    """Return Graph's own service principal, which every tenant has; its application roles are what is granted."""
    name = "Microsoft Graph"
    fields = {"id": tenant.derived("service_principal", GRAPH_APP_ID)} | _principal_fields(tenant, GRAPH_APP_ID, name)
    more = {"servicePrincipalType": "Application", "tags": [], "appRoles": app_roles()}
    return Resource(kinds.SERVICE_PRINCIPAL, fields | more)


def _of_application(tenant: Tenant, row: Resource, more_tags: tuple[str, ...]) -> Resource:
    """Return an application's service principal; its tags are its own and the application's."""
    app_id, name, tags = str(row.fields["appId"]), str(row.fields["displayName"]), row.fields["tags"]
    all_tags = list(dict.fromkeys((*(tags if isinstance(tags, list) else ()), *more_tags)))
    fields = {"id": tenant.derived("service_principal", app_id)} | _principal_fields(tenant, app_id, name)
    return Resource(kinds.SERVICE_PRINCIPAL, fields | {"servicePrincipalType": "Application", "tags": all_tags})


def _agent(tenant: Tenant, key: str, entry: Agent) -> Fields:
    guid = tenant.guid("agent", key)
    return {"id": guid, "displayName": entry.name, "servicePrincipalType": "ServiceIdentity", **entry.extra}
