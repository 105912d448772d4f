"""Groups on a path to a granting role: who is in them, who may put themselves in, and who decides about that.

Role-assignable groups hold no groups; a *feeder* group can be an eligible member of one, and its own members then
activate one by one. A feeder group that is not role-assignable can hold further groups, which are followed too: whether
PIM lets their members through is documented nowhere, and overlooking somebody is the worse mistake. PIM for Groups
takes one group a request (Entra "PIM for Groups", 2026-03), so all goes in batches.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from common.errors import FailedError, ReadError
from inventory.models import GroupGrant, Principal, PrincipalId
from inventory.permissions import least
from inventory.readers.directory import read_principals
from inventory.request import ANY_404, GraphRequest, GraphService
from inventory.snapshot import PathGroup, Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.graph import GraphClient

R = TypeVar("R", Principal, GroupGrant)

MOST_ROUNDS = 20
"""How long a chain of groups may be; nobody builds one of five."""
PIM = "/identityGovernance/privilegedAccess/group"
HIDDEN = "Grant GroupMember.Read.All; for a group that hides its members, Member.Read.Hidden as well."


async def read_path_groups(
    graph: GraphClient, holders: Section[Principal]
) -> tuple[tuple[PathGroup, ...], Section[Principal]]:
    """Read the groups among the holders, their feeder groups, and everybody in or above them.

    Args:
        graph: Where to read.
        holders: Who holds a granting role, and whoever the policy names; groups among them are read.

    Returns:
        The groups with their lists, and all principals found on the way. Where a round of principals cannot be read,
        these are unread with what was found before.
    """
    people, read = holders, dict[PrincipalId, PathGroup]()
    wanted = _groups(people, {principal.id for principal in people.records})
    for _ in range(MOST_ROUNDS):
        if not wanted:
            return tuple(read.values()), people
        found = await _read_groups(graph, wanted)
        read |= {group.group_id: group for group in found}
        known = {principal.id for principal in people.records}
        people = _together(people, await read_principals(graph, ids_in(found) - known))
        wanted = _groups(people, {inside for group in found for inside in _inside(group)} - read.keys())
    endless = FailedError(f"groups feed each other over more than {MOST_ROUNDS} steps", code="endless")
    return tuple(read.values()), Section[Principal].unread("principals", endless, people.records)


def _groups(people: Section[Principal], ids: set[PrincipalId]) -> list[Principal]:
    return [principal for principal in people.records if principal.id in ids and principal.kind == "group"]


def _together(before: Section[Principal], more: Section[Principal]) -> Section[Principal]:
    """Return all principals so far; once a round could not be read, the whole stays unread."""
    whole = more if before.known else before
    return whole.model_copy(update={"records": (*before.records, *more.records)})


def _inside(group: PathGroup) -> set[PrincipalId]:
    """Return who is in a group, or may make itself so."""
    granted = (*group.assignments.records, *group.eligibilities.records)
    return {one.id for one in group.members.records} | {grant.principal_id for grant in granted if not grant.is_owner}


def ids_in(groups: Sequence[PathGroup]) -> set[PrincipalId]:
    """Return every principal that stands in a list of these groups."""
    found: set[PrincipalId] = set()
    for group in groups:
        found |= {principal.id for section in (group.members, group.owners) for principal in section.records}
        found |= {
            grant.principal_id for section in (group.assignments, group.eligibilities) for grant in section.records
        }
    return found


async def _read_groups(graph: GraphClient, groups: Sequence[Principal]) -> list[PathGroup]:
    members, owners, assignments, eligibilities = await asyncio.gather(
        graph.read_many([_directory(group, "members") for group in groups], Principal),
        graph.read_many([_directory(group, "owners") for group in groups], Principal),
        graph.read_many([_pim(group, "assignment") for group in groups], GroupGrant),
        graph.read_many([_pim(group, "eligibility") for group in groups], GroupGrant),
    )
    rows = zip(groups, members, owners, assignments, eligibilities, strict=True)
    return [
        PathGroup(
            group_id=group.id,
            members=_section(Section[Principal], f"groups/{group.id}/members", inside),
            owners=_section(Section[Principal], f"groups/{group.id}/owners", above),
            assignments=_section(Section[GroupGrant], f"groups/{group.id}/assignments", active),
            eligibilities=_section(Section[GroupGrant], f"groups/{group.id}/eligibilities", eligible),
        )
        for group, inside, above, active, eligible in rows
    ]


def _section(kind: type[Section[R]], name: str, outcome: tuple[R, ...] | ReadError) -> Section[R]:
    return kind.unread(name, outcome) if isinstance(outcome, ReadError) else kind.read(name, outcome)


def _directory(group: Principal, what: str) -> GraphRequest:
    return GraphRequest(
        "v1.0",
        f"/groups/{group.id}/{what}",
        GraphService.DIRECTORY,
        least(f"groups/{what}"),
        query={"$select": "id", "$top": "999"},
        advice=HIDDEN,
    )


def _pim(group: Principal, what: str) -> GraphRequest:
    return GraphRequest(
        "v1.0",
        f"{PIM}/{what}ScheduleInstances",
        GraphService.ROLES,
        least("groups/assignments" if what == "assignment" else "groups/eligibilities"),
        query={"$filter": f"groupId eq '{group.id}'"},
        # How PIM says that it does not manage a group, with whatever code; an empty list says the same.
        empty=frozenset({ANY_404}),
        premium=True,
    )
