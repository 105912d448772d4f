"""Paths, their endpoints, and the permissions that they require."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from simulator import endpoints as at
from simulator import permissions as need
from simulator import role_endpoints as roles
from simulator import writes as change
from simulator.calls import Call, Service
from simulator.errors import Shape, backend_not_found, bad_request, no_segment, not_allowed
from simulator.kinds import DIRECTORY_OBJECTS, SERVICE_PRINCIPAL, SERVICE_PRINCIPALS
from simulator.results import Listing, Result, Written
from simulator.world import World

Endpoint = Callable[[World, Call, tuple[str, ...]], Result | Written]


@dataclass(frozen=True)
class Route:
    """A path and its endpoint."""

    path: str
    """`{}` stands for an id."""
    endpoint: Endpoint
    permissions: frozenset[str]
    shape: Shape = Shape.SCOPE
    beta_only: bool = False
    premium: bool = False
    """Whether it needs Entra ID P2."""
    method: str = "GET"
    cost: int = 1
    """Resource units, which the directory reports."""
    administrators: bool = False
    """Whether it changes who may do what, which takes a Privileged Role Administrator."""


def _proxy(path: str, endpoint: Endpoint) -> Route:
    # beta only: connector groups are in no v1.0 metadata of any cloud (microsoftgraph/msgraph-metadata, 2026-08).
    return Route(
        f"/onPremisesPublishingProfiles/{path}", endpoint, need.CONNECTORS, Shape.DIRECTORY_ROLE, beta_only=True
    )


def _write(method: str, path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, need.ANY, method=method, administrators=True)


def _pim(path: str, endpoint: Endpoint, permissions: frozenset[str]) -> Route:
    return Route(path, endpoint, permissions, Shape.PIM, premium=True)


_ROUTES = (
    _proxy("{}", at.profile),
    _proxy("{}/connectors", at.connectors),
    _proxy("{}/connectors/{}", at.connector),
    _proxy("{}/connectors/{}/memberOf", at.connector_member_of),
    _proxy("{}/connectorGroups", at.connector_groups),
    _proxy("{}/connectorGroups/{}", at.connector_group),
    _proxy("{}/connectorGroups/{}/members", at.group_members),
    _proxy("{}/connectorGroups/{}/applications", at.group_applications),
    Route("/applications", at.applications, need.APPLICATIONS, cost=2),
    Route("/applications/{}", at.application, need.APPLICATIONS),
    Route(
        "/applications/{}/connectorGroup",
        at.application_group,
        need.CONNECTORS,
        Shape.DIRECTORY_ROLE,
        beta_only=True,
    ),
    Route("/applications/{}/onPremisesPublishing", at.application_publishing, need.PUBLISHING, beta_only=True),
    Route("/servicePrincipals", at.service_principals, need.APPLICATIONS),
    Route("/servicePrincipals/{}", at.service_principal, need.APPLICATIONS),
    Route("/organization", at.organizations, need.ORGANIZATION),
    Route("/organization/{}", at.organization, need.ORGANIZATION),
    Route("/subscribedSkus", at.skus, need.SKUS, cost=3),
    Route("/users", at.users, need.USERS, cost=2),
    Route("/users/{}", at.user, need.USERS),
    Route("/users/{}/sendMail", at.send_mail, need.MAIL, method="POST"),
    Route("/groups", at.groups, need.GROUPS),
    Route("/groups/{}", at.group, need.GROUPS),
    Route("/groups/{}/members", at.members, need.MEMBERS, cost=3),
    Route("/groups/{}/owners", at.owners, need.OWNERS),
    Route("/groups/{}/transitiveMembers", at.transitive_members, need.MEMBERS, cost=5),
    Route("/directoryObjects/getByIds", at.by_ids, need.ANY, method="POST", cost=5),
    Route("/roleManagement/directory/roleDefinitions", roles.definitions, need.DEFINITIONS),
    Route("/roleManagement/directory/roleDefinitions/{}", roles.definition, need.DEFINITIONS),
    Route("/roleManagement/directory/roleAssignments", roles.assignments, need.ROLES),
    _pim("/roleManagement/directory/roleAssignmentScheduleInstances", roles.active, need.ACTIVE),
    _pim("/roleManagement/directory/roleEligibilityScheduleInstances", roles.eligible, need.ELIGIBLE),
    _pim(
        "/identityGovernance/privilegedAccess/group/assignmentScheduleInstances", roles.group_active, need.GROUP_ACTIVE
    ),
    _pim(
        "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
        roles.group_eligible,
        need.GROUP_ELIGIBLE,
    ),
    Route("/auditLogs/directoryAudits", at.audits, need.AUDIT, Shape.REPORT),
    Route("/servicePrincipals/{}/appRoleAssignments", change.app_role_assignments, need.APPLICATIONS, cost=2),
    _write("POST", "/servicePrincipals/{}/appRoleAssignments", change.assign_app_role),
    _write("DELETE", "/servicePrincipals/{}/appRoleAssignments/{}", change.remove_app_role),
    _write("POST", "/roleManagement/directory/roleDefinitions", change.define_role),
    _write("DELETE", "/roleManagement/directory/roleDefinitions/{}", change.delete_role),
    _write("POST", "/roleManagement/directory/roleAssignments", change.assign_role),
    _write("DELETE", "/roleManagement/directory/roleAssignments/{}", change.remove_role),
)
_SPLIT = tuple((tuple(route.path.strip("/").split("/")), route) for route in _ROUTES)


@dataclass(frozen=True)
class Match:
    """The endpoint of a call, with the ids in its path."""

    route: Route
    ids: tuple[str, ...]
    cast: str | None = None
    counting: bool = False

    def result(self, world: World, call: Call) -> Result | Written:
        """Return the endpoint's result, cast to one type if the path asks for that."""
        result = self.route.endpoint(world, call, self.ids)
        if self.cast is None:
            return result
        if not isinstance(result, Listing) or not result.typed:
            raise no_segment(f"microsoft.graph.{self.cast}")
        if not (call.eventual and call.query.get("$count", "true" if self.counting else "").lower() == "true"):
            # https://learn.microsoft.com/graph/aad-advanced-queries, 2026-05
            message = "Request with OData cast only works with $count=true and the header 'ConsistencyLevel: eventual'"
            raise bad_request(message, "Request_UnsupportedQuery")
        kind = next(kind for kind in DIRECTORY_OBJECTS if kind.name == self.cast)
        types = SERVICE_PRINCIPALS if kind is SERVICE_PRINCIPAL else {kind.odata_type}
        rows = [row for row in result.rows if row.type_name in types]
        return replace(result, rows=rows, kinds=(kind,))


_CASTS = frozenset(kind.name for kind in DIRECTORY_OBJECTS)


def find(call: Call) -> Match:
    """Find the endpoint of a call.

    Raises:
        GraphError: there is none, or not in this version, or not for this method.
    """
    if call.version not in {"v1.0", "beta"}:
        raise bad_request("Invalid version.")
    segments, counting, cast = call.segments, False, None
    if segments and segments[-1] == "$count":
        if call.service is not Service.DIRECTORY:
            raise _unknown(call)
        segments, counting = segments[:-1], True
    name = segments[-1].removeprefix("microsoft.").removeprefix("graph.") if segments else ""
    if name in _CASTS and name != segments[-1]:
        segments, cast = segments[:-1], name
    routes = _routes(tuple(segment.lower() for segment in segments))
    if not routes or (routes[0].beta_only and call.version != "beta"):
        raise _unknown(call)
    route = next((route for route in routes if route.method == call.method), None)
    if route is None:
        raise not_allowed()
    parts = route.path.strip("/").split("/")
    return Match(
        route, tuple(value for value, part in zip(segments, parts, strict=True) if part == "{}"), cast, counting
    )


def _unknown(call: Call) -> Exception:
    if call.version == "beta" and call.service is Service.PROXY:
        return backend_not_found(call.path)
    return no_segment(call.segments[0] if call.segments else "")


@cache
def _routes(segments: tuple[str, ...]) -> tuple[Route, ...]:
    """Return the routes of a path, one a method."""
    return tuple(route for parts, route in _SPLIT if _fits(_lower(parts), segments))


def _fits(parts: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    same_length = len(parts) == len(segments)
    return same_length and all(part in {"{}", segment} for part, segment in zip(parts, segments, strict=True))


def _lower(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.lower() for part in parts)
