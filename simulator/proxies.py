"""The App Proxy side of a tenant: connector groups, connectors, published applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import kinds
from simulator.kinds import Fields, Resource

if TYPE_CHECKING:
    from simulator.tenant import Application, Connector, ConnectorGroup, Tenant

Table = dict[str, Resource]


class Proxies:
    """Connector groups with their connectors and applications, by id."""

    def __init__(self, tenant: Tenant) -> None:
        """Make every object below the publishing profile, and all applications."""
        self._tenant = tenant
        self.connectors: Table = {}
        self.groups: Table = {}
        self.applications: Table = {}
        self.entries: dict[str, Application] = {}
        self.members: dict[str, list[Resource]] = {}
        self.published: dict[str, list[Resource]] = {}
        self.group_of: Table = {}
        """The connector group of a connector or published application."""
        for key, entry in tenant.connector_groups.items():
            self._add_group(key, entry)
        for key, plain in tenant.applications.items():
            self._add_application(key, plain, None)
        self.default_group = next((row for row in self.groups.values() if row.fields["isDefault"]), None)

    def _add_group(self, key: str, entry: ConnectorGroup) -> None:
        guid = self._tenant.guid("connector_group", key)
        made = Resource(kinds.CONNECTOR_GROUP, _group_fields(guid, entry))
        self.groups[guid] = made
        self.members[guid] = [self._add_connector(name, child, made) for name, child in entry.connectors.items()]
        self.published[guid] = [self._add_application(name, child, made) for name, child in entry.applications.items()]

    def _add_connector(self, key: str, entry: Connector, group: Resource) -> Resource:
        guid = self._tenant.guid("connector", key) if entry.id is None else entry.id
        made = Resource(kinds.CONNECTOR, _connector_fields(guid, entry))
        self.connectors[guid] = made
        self.group_of[guid] = group
        return made

    def _add_application(self, key: str, entry: Application, group: Resource | None) -> Resource:
        guid = entry.id or self._tenant.derived("application", key)
        app_id = entry.app_id or self._tenant.derived("app_id", key)
        fields = _application_fields(guid, app_id, entry, self._tenant)
        if group is not None:
            fields["onPremisesPublishing"] = _publishing(key, entry, self._tenant)
            self.group_of[guid] = group
        self.entries[guid] = entry
        self.applications[guid] = Resource(kinds.APPLICATION, fields)
        return Resource(kinds.PUBLISHED_APPLICATION, fields)

    def profile(self) -> Resource:
        """Return the publishing profile itself."""
        window = {"updateWindowStartTime": "02:00:00.0000000", "updateWindowEndTime": "04:00:00.0000000"}
        updater = {
            "allowUpdateConfigurationOverride": False,
            "deferUpdateDateTime": "0001-01-01T00:00:00Z",
            "updateWindow": window,
            **self._tenant.updater,
        }
        fields = {"id": "applicationProxy", "isEnabled": True, "hybridAgentUpdaterConfiguration": updater}
        return Resource(kinds.PROFILE, fields)


def _group_fields(guid: str, entry: ConnectorGroup) -> Fields:
    return {
        "id": guid,
        "name": entry.name,
        "connectorGroupType": entry.type,
        "isDefault": entry.default,
        "region": entry.region,
        **entry.extra,
    }


def _connector_fields(guid: str, entry: Connector) -> Fields:
    fields: Fields = {"id": guid, "machineName": entry.name, "externalIp": entry.ip, "status": entry.status}
    fields["version"] = entry.version
    return {name: value for name, value in fields.items() if value is not None} | dict(entry.extra)


def _application_fields(guid: str, app_id: str, entry: Application, tenant: Tenant) -> Fields:
    return {
        "id": guid,
        "deletedDateTime": None,
        "appId": app_id,
        "createdDateTime": "2025-03-04T09:15:00Z",
        "displayName": entry.name,
        "identifierUris": [],
        "publisherDomain": tenant.tenant.domains[0],
        "signInAudience": "AzureADMyOrg",
        "tags": list(entry.tags),
        **entry.extra,
    }


def _publishing(key: str, entry: Application, tenant: Tenant) -> Fields:
    return {
        "externalUrl": f"https://{key}-{tenant.tenant.initial_domain.partition('.')[0]}.msappproxy.net/",
        "internalUrl": f"http://{key}.{tenant.tenant.domains[0]}/",
        "externalAuthenticationType": "aadPreAuthentication",
        "applicationType": entry.type,
        "applicationServerTimeout": "Default",
        "isAccessibleViaZTNAClient": entry.ztna,
        "isOnPremPublishingEnabled": True,
        "isHttpOnlyCookieEnabled": True,
        "isPersistentCookieEnabled": False,
        "isSecureCookieEnabled": True,
        "isTranslateHostHeaderEnabled": True,
        "isTranslateLinksInBodyEnabled": False,
        "singleSignOnSettings": {"singleSignOnMode": "none", "kerberosSignOnSettings": None},
        **entry.publishing,
    }
