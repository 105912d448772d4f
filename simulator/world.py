"""Everything in a tenant as Graph objects, made once from the tenant file."""

from __future__ import annotations

import json
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
    """The tenant's objects and their relationships."""

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
            "additionalDetails": [{"key": key, "value": self._guid(text)} for key, text in event.details.items()],
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
        # Values are JSON written into strings (Microsoft's security operations guide, 2026).
        modified = [
            {
                "displayName": name,
                "oldValue": None if old is None else json.dumps(self._guid(old)),
                "newValue": None if new is None else json.dumps(self._guid(new)),
            }
            for name, (old, new) in target.modified.items()
        ]
        more: Fields = {"userPrincipalName": None, "groupType": None, "modifiedProperties": modified}
        return {"id": self._guid(target.id), "displayName": target.name, "type": target.type} | more

    def _guid(self, text: str | None) -> str | None:
        """Return the id that `kind:key` stands for, and any other text as it is."""
        kind, colon, key = (text or "").partition(":")
        return self.tenant.guid(kind, key) if colon and self.tenant.entry(kind, key) else text
