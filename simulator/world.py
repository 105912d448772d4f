"""Everything in a tenant as Graph objects, made once from the tenant file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import kinds
from simulator.app_roles import AppRoles
from simulator.grants import Grants
from simulator.kinds import Fields, Resource
from simulator.people import Directory
from simulator.proxies import Proxies

if TYPE_CHECKING:
    from simulator.tenant import AuditEvent, AuditTarget, Tenant


class World:
    """The tenant's objects and what belongs to what."""

    def __init__(self, tenant: Tenant) -> None:
        """Make every object of the tenant."""
        self.tenant = tenant
        self.settings = tenant.settings
        """As they are for whoever calls now."""
        self.proxies = Proxies(tenant)
        self.directory = Directory(tenant, self.proxies)
        self.grants = Grants(tenant, self.directory)
        self.app_roles = AppRoles(tenant)
        newest_first = sorted(tenant.audit.items(), key=lambda pair: pair[1].at, reverse=True)
        self.mails: list[bytes] = []
        self.audits = [Resource(kinds.DIRECTORY_AUDIT, self._event(key, event)) for key, event in newest_first]

    def _event(self, key: str, event: AuditEvent) -> Fields:
        correlation = self.tenant.derived("audit", key)
        return {
            "id": f"ApplicationProxy_{correlation}_{event.at[:10].replace('-', '')}",
            "category": event.category,
            "correlationId": correlation,
            "result": event.result,
            "resultReason": event.reason,
            "activityDisplayName": event.activity,
            "activityDateTime": event.at,
            "loggedByService": event.service,
            "operationType": "Add" if event.activity.startswith(("Register", "Add")) else "Update",
            "initiatedBy": self._initiator(event),
            "targetResources": [self._target(target) for target in event.targets],
            "additionalDetails": [],
            **event.extra,
        }

    def _initiator(self, event: AuditEvent) -> Fields:
        if event.by is None:
            service = {"appId": None, "displayName": event.service, "servicePrincipalId": None}
            return {"user": None, "app": service | {"servicePrincipalName": None}}
        person = self.directory.users[self.directory.ids[event.by]].fields
        names = {"id": person["id"], "displayName": None, "userPrincipalName": person["userPrincipalName"]}
        return {"app": None, "user": names | {"ipAddress": "203.0.113.77"}}

    def _target(self, target: AuditTarget) -> Fields:
        kind, colon, key = (target.id or "").partition(":")
        guid = self.tenant.guid(kind, key) if colon else target.id
        nothing: Fields = {"userPrincipalName": None, "groupType": None, "modifiedProperties": []}
        return {"id": guid, "displayName": target.name, "type": target.type} | nothing
