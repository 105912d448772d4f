"""References by key in a tenant file, and whether they exist."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from simulator.tenant import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.tenant import Tenant

_BUILT_IN = Path(__file__).parent / "data" / "built-in-roles.yaml"

_PRINCIPALS = ("users", "groups", "service_principals", "agents", "deleted", "partners")

_Place = tuple[str | int, ...]


@cache
def built_in_roles() -> dict[str, Role]:
    """Return the built-in role definitions by their key."""
    content = YAML(typ="safe", pure=True).load(_BUILT_IN)
    return {key: Role.model_validate(value) for key, value in content.items()}


def dangling(tenant: Tenant) -> Iterator[tuple[_Place, str]]:
    """Yield the place of every reference that leads nowhere, and of every key used twice."""
    yield from _twice(tenant)
    principals = {key for section in _PRINCIPALS for key in getattr(tenant, section)}
    for place, name in _named_principals(tenant):
        if name not in principals:
            yield place, f"there is no principal {name}"
    if tenant.settings.identity not in (None, *tenant.service_principals):
        yield ("settings", "identity"), f"there is no service principal {tenant.settings.identity}"
    roles = {*tenant.roles, *built_in_roles()}
    for key, assignment in tenant.assignments.items():
        if assignment.role not in roles:
            yield ("assignments", key, "role"), f"there is no role {assignment.role}"
        if not _known(tenant, assignment.scope):
            yield ("assignments", key, "scope"), f"there is no {assignment.scope}"
    yield from _in_the_log(tenant)


def _in_the_log(tenant: Tenant) -> Iterator[tuple[_Place, str]]:
    for key, event in tenant.audit.items():
        if event.by is not None and event.by not in tenant.users:
            yield ("audit", key, "by"), f"there is no user {event.by}"
        for index, target in enumerate(event.targets):
            if not _known(tenant, target.id or ""):
                yield ("audit", key, "targets", index, "id"), f"there is no {target.id}"


def _named_principals(tenant: Tenant) -> Iterator[tuple[_Place, str]]:
    for key, assignment in tenant.assignments.items():
        yield ("assignments", key, "principal"), assignment.principal
    for key, group in tenant.groups.items():
        yield from ((("groups", key, "members", index), name) for index, name in enumerate(group.members))
        yield from ((("groups", key, "owners", index), name) for index, name in enumerate(group.owners))
        yield from ((("groups", key, "pim", index, "principal"), row.principal) for index, row in enumerate(group.pim))


def _known(tenant: Tenant, name: str) -> bool:
    """Return whether `kind:key` is there; anything without a colon is an id or a scope as it stands."""
    kind, colon, key = name.partition(":")
    return not colon or tenant.entry(kind, key) is not None


def _twice(tenant: Tenant) -> Iterator[tuple[_Place, str]]:
    """Yield the keys that name two principals, connectors or applications: their ids would be the same."""
    principals = Counter(key for section in _PRINCIPALS for key in getattr(tenant, section))
    for section in _PRINCIPALS:
        for key in getattr(tenant, section):
            if principals[key] > 1:
                yield (section, key), f"{key} names two principals"
    groups = tenant.connector_groups
    connectors = Counter(key for group in groups.values() for key in group.connectors)
    applications = Counter([*tenant.applications, *(key for group in groups.values() for key in group.applications)])
    for name, group in groups.items():
        for key in group.connectors:
            if connectors[key] > 1:
                yield ("connector_groups", name, "connectors", key), f"{key} names two connectors"
        for key in group.applications:
            if applications[key] > 1:
                yield ("connector_groups", name, "applications", key), f"{key} names two applications"
