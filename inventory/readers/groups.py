"""Groups on a path to a granting role: who is in them, who may put themselves in, and who decides about that.

Role-assignable groups hold no groups; a *feeder* group can be an eligible member of one, and its own members then
activate one by one. A feeder group that is not role-assignable can hold further groups, which are followed too: whether
PIM lets their members through is documented nowhere, and overlooking somebody is the worse mistake. PIM for Groups
takes one group a request (Entra "PIM for Groups", 2026-03), so all goes in batches.

v1.0 leaves service principals out of members and owners (Graph "Known issues", 2026-04-10; "List group owners", 2025;
measured again by others on 2026-10-06), and of nothing else. They are read by a cast of their own and merged by id; a
list counts as read only where both were.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from common.errors import FailedError, ReadError
from inventory.models import GroupGrant, Principal, PrincipalId
from inventory.permissions import least
from inventory.readers.directory import read_principals
from inventory.records import Records, once
from inventory.request import UNMANAGED, GraphRequest, GraphService
from inventory.snapshot import PathGroup, Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.graph import GraphClient

R = TypeVar("R", Principal, GroupGrant)

MOST_ROUNDS = 20
"""How long a chain of groups may be; nobody builds one of five."""
PIM = "/identityGovernance/privilegedAccess/group"
_PIM_KINDS = {"assignment": "assignments", "eligibility": "eligibilities"}
HIDDEN = "For a group that hides its members, Member.Read.Hidden has to be granted as well."


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
        path_groups = await _read_groups(graph, wanted)
        read |= {group.group_id: group for group in path_groups}
        known = {principal.id for principal in people.records}
        people = _together(people, await read_principals(graph, ids_in(path_groups) - known))
        wanted = _groups(people, {inside for group in path_groups for inside in _inside(group)} - read.keys())
    endless = FailedError(f"groups feed each other over more than {MOST_ROUNDS} steps", code="endless")
    return tuple(read.values()), Section[Principal].unread("principals", endless, people.records)


def _groups(people: Section[Principal], ids: set[PrincipalId]) -> list[Principal]:
    return [principal for principal in people.records if principal.id in ids and principal.kind == "group"]


def _together(before: Section[Principal], more: Section[Principal]) -> Section[Principal]:
    """Return all principals so far; once a round could not be read, the whole stays unread."""
    records = Records((*before.records, *more.records), (*before.unreadable, *more.unreadable))
    unread = next((section for section in (before, more) if not section.listed), None)
    if unread is not None:
        return unread.model_copy(update={"records": tuple(records), "unreadable": records.unreadable})
    return Section[Principal].read(before.name, records)


def _inside(group: PathGroup) -> set[PrincipalId]:
    """Return who is in a group, or may make itself so."""
    granted = (*group.assignments.records, *group.eligibilities.records)
    return {member.id for member in group.members.records} | {
        grant.principal_id for grant in granted if not grant.is_owner
    }


def ids_in(groups: Sequence[PathGroup]) -> set[PrincipalId]:
    """Return every principal that stands in a list of these groups."""
    ids: set[PrincipalId] = set()
    for group in groups:
        ids |= {principal.id for section in (group.members, group.owners) for principal in section.records}
        ids |= {grant.principal_id for section in (group.assignments, group.eligibilities) for grant in section.records}
    return ids


async def _read_groups(graph: GraphClient, groups: Sequence[Principal]) -> list[PathGroup]:
    members, owners, assignments, eligibilities = await asyncio.gather(
        _read_people(graph, groups, "members"),
        _read_people(graph, groups, "owners"),
        _read_pim(graph, groups, "assignment"),
        _read_pim(graph, groups, "eligibility"),
    )
    rows = zip(groups, members, owners, assignments, eligibilities, strict=True)
    return [
        PathGroup(group_id=group.id, members=inside, owners=above, assignments=active, eligibilities=eligible)
        for group, inside, above, active, eligible in rows
    ]


async def _read_people(graph: GraphClient, groups: Sequence[Principal], what: str) -> list[Section[Principal]]:
    """Read members or owners of groups: everybody that v1.0 lists, and the service principals that it leaves out."""
    listed, software = await asyncio.gather(
        graph.read_many([_directory(group, what) for group in groups], Principal),
        graph.read_many([_service_principals(group, what) for group in groups], Principal),
    )
    rows = zip(groups, listed, software, strict=True)
    return [_merged(f"groups/{group.id}/{what}", *outcomes) for group, *outcomes in rows]


def _merged(name: str, *outcomes: Records[Principal] | ReadError) -> Section[Principal]:
    """Return both lists as one, each principal once; unread where either is, with whoever the other one names."""
    lists = [outcome for outcome in outcomes if not isinstance(outcome, ReadError)]
    odd = (record for records in lists for record in records.unreadable)
    principals = once(Records((principal for records in lists for principal in records), odd))
    error = next((outcome for outcome in outcomes if isinstance(outcome, ReadError)), None)
    if error is not None:
        return Section[Principal].unread(name, error, principals)
    return Section[Principal].read(name, principals)


async def _read_pim(graph: GraphClient, groups: Sequence[Principal], what: str) -> list[Section[GroupGrant]]:
    """Read what PIM for Groups holds on groups; those that it cannot manage are known to have nothing there."""
    asked = [group for group in groups if not group.beyond_pim]
    outcomes = await graph.read_many([_pim(group, what) for group in asked], GroupGrant)
    by_group = dict(zip((group.id for group in asked), outcomes, strict=True))
    kind = _PIM_KINDS[what]
    none = Records[GroupGrant]()
    return [
        _section(Section[GroupGrant], f"groups/{group.id}/{kind}", by_group.get(group.id, none)) for group in groups
    ]


def _section(kind: type[Section[R]], name: str, outcome: Records[R] | ReadError) -> Section[R]:
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


def _service_principals(group: Principal, what: str) -> GraphRequest:
    """A cast is an advanced query, which takes the header and the count (Graph "advanced queries", 2026-05)."""
    plain = _directory(group, what)
    query = {**plain.query, "$count": "true"}
    return replace(plain, path=f"{plain.path}/microsoft.graph.servicePrincipal", query=query, eventual=True)


def _pim(group: Principal, what: str) -> GraphRequest:
    return GraphRequest(
        "v1.0",
        f"{PIM}/{what}ScheduleInstances",
        GraphService.ROLES,
        least(f"groups/{_PIM_KINDS[what]}"),
        query={"$filter": f"groupId eq '{group.id}'"},
        empty=UNMANAGED,
        premium=True,
    )
