"""The endpoints: each takes the tenant's world, the call and the ids in its path, and hands over a result."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator import kinds
from simulator.errors import GraphError, Shape, backend_not_found, bad_request, denied, no_object
from simulator.permissions import unreadable_types
from simulator.results import Accepted, Item, Listing, Plain, Rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.calls import Call
    from simulator.kinds import Resource
    from simulator.results import Result
    from simulator.world import World

Ids = tuple[str, ...]
_PROFILE = "onPremisesPublishingProfiles('applicationProxy')"
# Operators Microsoft's own module sends to App Proxy (microsoftgraph/entra-powershell, 2026-07).
_PROXY_RULES = Rules(operators=frozenset({"eq", "startswith", "and", "or"}))
_DIRECTORY_RULES = Rules(advanced=True, filter_code="Request_UnsupportedQuery")
_STUB = ("id", "appId", "displayName")
MOST_IDS = 1000
"""How many ids getByIds takes, and so how many objects it answers."""


def profile(world: World, call: Call, ids: Ids) -> Result:
    """Return the publishing profile."""
    _only_proxy(call, ids[0])
    return Item(world.proxies.profile(), "onPremisesPublishingProfiles", (kinds.PROFILE,))


def connectors(world: World, call: Call, ids: Ids) -> Result:
    """List every connector, whatever the type of its group."""
    _only_proxy(call, ids[0])
    rows = list(world.proxies.connectors.values())
    return Listing(rows, f"{_PROFILE}/connectors", (kinds.CONNECTOR,), _PROXY_RULES)


def connector(world: World, call: Call, ids: Ids) -> Result:
    """Return one connector."""
    _only_proxy(call, ids[0])
    row = _entry(world.proxies.connectors, ids[1], "Connector_NotFound")
    return Item(row, f"{_PROFILE}/connectors", (kinds.CONNECTOR,))


def connector_member_of(world: World, call: Call, ids: Ids) -> Result:
    """List the group a connector is in."""
    _only_proxy(call, ids[0])
    _entry(world.proxies.connectors, ids[1], "Connector_NotFound")
    rows = [world.proxies.group_of[ids[1]]]
    return Listing(rows, f"{_PROFILE}/connectors('{ids[1]}')/memberOf", (kinds.CONNECTOR_GROUP,), _PROXY_RULES)


def connector_groups(world: World, call: Call, ids: Ids) -> Result:
    """List every connector group, those of other services too."""
    _only_proxy(call, ids[0])
    # `connectorGroupType: syncFabric` comes back although the profile is App Proxy's
    # (microsoftgraph/microsoft-graph-docs-contrib#9265, 2024-03-20).
    rows = list(world.proxies.groups.values())
    return Listing(rows, f"{_PROFILE}/connectorGroups", (kinds.CONNECTOR_GROUP,), _PROXY_RULES)


def connector_group(world: World, call: Call, ids: Ids) -> Result:
    """Return one connector group."""
    _only_proxy(call, ids[0])
    row = _entry(world.proxies.groups, ids[1], "ConnectorGroup_NotFound")
    return Item(row, f"{_PROFILE}/connectorGroups", (kinds.CONNECTOR_GROUP,))


def group_members(world: World, call: Call, ids: Ids) -> Result:
    """List a group's connectors; for none it says that the group is not there."""
    _only_proxy(call, ids[0])
    # The same code whether the group is empty or gone (microsoft/EntraExporter, 2025-11-16).
    rows = world.proxies.members.get(ids[1])
    if not rows:
        raise _proxy_missing("ConnectorGroup_NotFound", ids[1])
    return Listing(rows, f"{_PROFILE}/connectorGroups('{ids[1]}')/members", (kinds.CONNECTOR,), _PROXY_RULES)


def group_applications(world: World, call: Call, ids: Ids) -> Result:
    """List a group's applications; for none it answers 404."""
    _only_proxy(call, ids[0])
    _entry(world.proxies.groups, ids[1], "ConnectorGroup_NotFound")
    rows = world.proxies.published[ids[1]]
    if not rows:
        raise _proxy_missing("ApplicationsForGroup_NotFound", ids[1])
    if world.tenant.settings.published == "stubs":
        # Microsoft's example inlines the settings as placeholders; tools that ask here read ids and names alone, and
        # the settings from each application (terraform-provider-microsoft365wp, 2026-05; Maester, 2026-08).
        rows = [kinds.Resource(row.kind, {name: row.fields[name] for name in _STUB}) for row in rows]
    context = f"{_PROFILE}/connectorGroups('{ids[1]}')/applications"
    return Listing(rows, context, (kinds.PUBLISHED_APPLICATION,), _PROXY_RULES)


def applications(world: World, _call: Call, _ids: Ids) -> Result:
    """List every application of the tenant."""
    rows = list(world.proxies.applications.values())
    return Listing(rows, "applications", (kinds.APPLICATION,), _DIRECTORY_RULES)


def application(world: World, call: Call, ids: Ids) -> Result:
    """Return one application; in beta its connector group can be expanded, which the list does not allow."""
    row = _object(world.proxies.applications, ids[0])
    rules = Rules(expand={"connectorGroup": lambda application: world.proxies.group_of.get(application.id)})
    return Item(row, "applications", (kinds.APPLICATION,), rules if call.version == "beta" else Rules())


def application_group(world: World, _call: Call, ids: Ids) -> Result:
    """Return the connector group of a published application."""
    row = world.proxies.group_of.get(ids[0]) if ids[0] in world.proxies.applications else None
    if row is None:
        message = f"Application '{ids[0]}' not found or OnPremisesPublishing is not enabled for your tenant."
        raise GraphError(404, "Application_NotFound", message)
    return Item(row, f"applications('{ids[0]}')/connectorGroup", (kinds.CONNECTOR_GROUP,))


def application_publishing(world: World, _call: Call, ids: Ids) -> Result:
    """Return how an application is published."""
    fields = _object(world.proxies.applications, ids[0]).fields.get("onPremisesPublishing")
    if not isinstance(fields, dict):
        raise no_object(ids[0])
    return Plain(fields, f"applications('{ids[0]}')/onPremisesPublishing")


def service_principals(world: World, _call: Call, _ids: Ids) -> Result:
    """List every service principal."""
    rows = list(world.directory.service_principals.values())
    return Listing(rows, "servicePrincipals", (kinds.SERVICE_PRINCIPAL,), _DIRECTORY_RULES)


def service_principal(world: World, _call: Call, ids: Ids) -> Result:
    """Return one service principal."""
    row = _object(world.directory.service_principals, ids[0])
    return Item(row, "servicePrincipals", (kinds.SERVICE_PRINCIPAL,))


def organizations(world: World, _call: Call, _ids: Ids) -> Result:
    """List the tenant's one organization."""
    return Listing([world.directory.organization()], "organization", (kinds.ORGANIZATION,), _DIRECTORY_RULES)


def organization(world: World, _call: Call, ids: Ids) -> Result:
    """Return the organization by its id."""
    row = world.directory.organization()
    return Item(_object({row.id: row}, ids[0]), "organization", (kinds.ORGANIZATION,))


def skus(world: World, _call: Call, _ids: Ids) -> Result:
    """List the subscriptions of the tenant."""
    return Listing(world.directory.skus(), "subscribedSkus", (kinds.SKU,))


def users(world: World, _call: Call, _ids: Ids) -> Result:
    """List every user."""
    return Listing(list(world.directory.users.values()), "users", (kinds.USER,), _DIRECTORY_RULES)


def user(world: World, _call: Call, ids: Ids) -> Result:
    """Return one user, by id or user principal name."""
    by_name = {str(row.fields["userPrincipalName"]).casefold(): row for row in world.directory.users.values()}
    row = by_name.get(ids[0].casefold()) or _object(world.directory.users, ids[0])
    return Item(row, "users", (kinds.USER,))


def send_mail(world: World, call: Call, ids: Ids) -> Result:
    """Take a mail in MIME format, as base64, from the mailbox of a user (Graph `user: sendMail`, v1.0, 2026-11)."""
    user(world, call, ids)
    try:
        world.mails.append(base64.b64decode(call.body, validate=True))
    except ValueError as error:
        raise bad_request("Invalid base64 string for MIME content.", "ErrorMimeContentInvalidBase64String") from error
    return Accepted()


def groups(world: World, _call: Call, _ids: Ids) -> Result:
    """List every group."""
    return Listing(list(world.directory.groups.values()), "groups", (kinds.GROUP,), _DIRECTORY_RULES)


def group(world: World, _call: Call, ids: Ids) -> Result:
    """Return one group."""
    return Item(_object(world.directory.groups, ids[0]), "groups", (kinds.GROUP,))


def members(world: World, call: Call, ids: Ids) -> Result:
    """List a group's members; in v1.0 without service principals, unless the path is cast to them."""
    _object(world.directory.groups, ids[0])
    return _people(world, ids[0], _visible(call, world.directory.members(ids[0])))


def owners(world: World, call: Call, ids: Ids) -> Result:
    """List a group's owners, whose names no hidden membership hides; in v1.0 without service principals."""
    _object(world.directory.groups, ids[0])
    return _typed(world, _visible(call, world.directory.owners(ids[0])))


def transitive_members(world: World, _call: Call, ids: Ids) -> Result:
    """List a group's members, those of nested groups included."""
    _object(world.directory.groups, ids[0])
    return _people(world, ids[0], world.directory.transitive_members(ids[0]))


def _visible(call: Call, rows: list[Resource]) -> list[Resource]:
    """Leave out what v1.0 leaves out of members and owners: every service principal.

    Sources: Graph "Known issues" (2026-04-10) for members and "List group owners" (2025) for owners, measured again by
    others on 2026-10-06; a cast to service principals, and beta, do list them.
    """
    if call.version == "beta" or call.segments[-1] not in {"members", "owners"}:
        return rows
    return [row for row in rows if row.type_name not in kinds.SERVICE_PRINCIPALS]


def _people(world: World, guid: str, rows: list[Resource]) -> Listing:
    hidden = world.directory.entries[guid].hidden
    if hidden == "refused":
        # Reading a hidden membership needs Member.Read.Hidden.
        raise denied(Shape.SCOPE)
    return _typed(world, rows, everything_hidden=hidden == "nulls")


def _typed(world: World, rows: list[Resource], *, everything_hidden: bool = False) -> Listing:
    types = frozenset(kind.name for kind in kinds.DIRECTORY_OBJECTS)
    unreadable = types if everything_hidden else unreadable_types(world.settings)
    return Listing(
        rows, "directoryObjects", kinds.DIRECTORY_OBJECTS, _DIRECTORY_RULES, typed=True, unreadable=unreadable
    )


def by_ids(world: World, call: Call, _ids: Ids) -> Result:
    """Return the directory objects of the ids in the body; those it does not know are simply missing."""
    ids, types = _read_ids(call)
    objects = (world.directory.objects.get(object_id) for object_id in dict.fromkeys(ids))
    rows = [row for row in objects if row is not None and (types is None or row.kind.name in types)]
    left_out = world.tenant.settings.by_ids_without
    if left_out:
        rows = [replace(row, kind=replace(row.kind, properties=row.kind.properties - left_out)) for row in rows]
    listing = _typed(world, rows)
    return Listing(rows, "directoryObjects", listing.kinds, Rules(), typed=True, unreadable=listing.unreadable)


def _read_ids(call: Call) -> tuple[list[str], frozenset[str] | None]:
    try:
        body = json.loads(call.body)
    except ValueError as error:
        raise bad_request("Unable to read JSON request payload.") from error
    ids = body.get("ids") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not all(isinstance(object_id, str) for object_id in ids):
        raise bad_request(
            "Invalid value specified for property 'ids' of resource 'directoryObject'.", "Request_BadRequest"
        )
    if len(ids) > MOST_IDS:
        raise bad_request(f"The number of ids exceeds the limit of {MOST_IDS}.", "Request_BadRequest")
    types = body.get("types")
    return ids, frozenset(types) if isinstance(types, list) else None


def audits(world: World, _call: Call, _ids: Ids) -> Result:
    """List audit events, newest first."""
    rules = Rules(operators=frozenset({"eq", "ge", "le", "startswith", "and", "or"}))
    return Listing(world.audits, "auditLogs/directoryAudits", (kinds.DIRECTORY_AUDIT,), rules)


def _only_proxy(call: Call, name: str) -> None:
    """Know one profile; Private Access uses it too, and `privateAccess` holds sensors only."""
    if name != "applicationProxy":
        raise backend_not_found(call.path)


def _proxy_missing(code: str, guid: str) -> GraphError:
    return GraphError(404, code, f"No result found for '{guid}'.")


def _entry(table: Mapping[str, Resource], guid: str, code: str) -> Resource:
    if guid not in table:
        raise _proxy_missing(code, guid)
    return table[guid]


def _object(table: Mapping[str, Resource], guid: str) -> Resource:
    if guid not in table:
        raise no_object(guid)
    return table[guid]
