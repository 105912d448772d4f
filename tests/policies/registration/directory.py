"""Directories for the rules about registrars: roles as Entra names them, groups of both sorts, lists read in part.

People, grants and groups' lists are made by `tests/people.py`; here stands what these tests need besides.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from inventory.models import Principal
from inventory.roles import APPLICATION_ADMINISTRATOR, BELOW
from policies.evaluate import evaluate
from policies.memory import Memory, RememberedRegistrar
from policies.rules import RULES
from tests.making import NOW, evidence, listed, remade, snapshot, unread
from tests.people import grant, group_grant, other, path_group, role, user
from tests.policies.judging import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inventory.models import GroupGrant, Record, RoleGrant
    from inventory.snapshot import PathGroup, Section, Snapshot
    from policies.evidence import Evidence
    from tests.making import Listed

ADMIN = role(key=APPLICATION_ADMINISTRATOR)
GLOBAL = role("Global Administrator")
CUSTOM = role("Connector operators", built_in=False)
FUTURE = role("Future operators", built_in=False, actions=(f"{BELOW}allProperties/allTasks",))
PRINT = role("Print operators", built_in=False, actions=("microsoft.azure.print/connectors/create",))
ROLES = (ADMIN, GLOBAL, CUSTOM, FUTURE, PRINT)
REG = tuple(rule for rule in RULES if rule.id.startswith("REG") or rule.id == "POL003")


def team(name: str = "Admins", *, assignable: bool | None = True) -> Principal:
    """Return a group; one that is not role-assignable comes without the mark, as from Graph."""
    return other(name, kind="group").model_copy(update={"is_assignable_to_role": assignable or None})


def bare(who: Principal) -> Principal:
    """Return a principal as Graph shows it without permission: type and id."""
    return Principal(odata_type=who.odata_type, id=who.id)


def tenant(
    *people: Principal,
    active: Listed[RoleGrant] = (),
    eligible: Listed[RoleGrant] = (),
    groups: Iterable[PathGroup] = (),
    **lists: Any,  # noqa: ANN401 - other lists of a snapshot
) -> Snapshot:
    """Return a snapshot of a directory in which all roles exist."""
    found: dict[str, Any] = {"roles": ROLES, "assignments": active, "eligibilities": eligible, "principals": people}
    return snapshot(**found | {"path_groups": groups} | lists)


def plain(seen: Snapshot, *, licensed: bool = True) -> Snapshot:
    """Return the same directory read from plain role assignments; without a licence nobody is eligible."""
    untold = [one.model_copy(update={"assignment_type": None}) for one in seen.role_assignments.records]
    update: dict[str, Any] = {"role_assignments": listed("role_assignments", untold, "assignments")}
    if not licensed:
        update["role_eligibilities"] = listed("role_eligibilities", unread(status="not_licensed"))
    return seen.model_copy(update=update)


def partly(seen: Snapshot, name: str, kept: Iterable[Record] | None = None) -> Snapshot:
    """Return the same directory where one list broke off after some of its records, or after all."""

    def cut(section: Section[Any]) -> Section[Any]:
        records = section.records if kept is None else tuple(kept)
        broken = unread(section.name, "failed").model_copy(update={"records": records})
        return broken if section.name == name else section

    return remade(seen, cut)


def spoken(judged: Evidence) -> dict[str, str]:
    """Return what all rules about registrars say, in words, by key."""
    return {verdict.key: short(verdict) for verdict in evaluate(judged, REG)}


def judged(
    rule_id: str, seen: Snapshot, policy: Mapping[str, object] | None = None, memory: Memory | None = None
) -> dict[str, str]:
    """Return what one rule says, in words, by the subject's name."""
    rules = [rule for rule in REG if rule.id == rule_id]
    verdicts = evaluate(evidence(seen, policy=policy, memory=memory), rules)
    return {verdict.subject.name: short(verdict) for verdict in verdicts}


PEOPLE = (
    user("Ann"),
    user("Bob", synced=True),
    user("Gus", kind="Guest"),
    user("Eve", issuer="fabrikam.example"),
    user("Dan", enabled=False),
    bare(user("Una")),
    other("Robot"),
    other("Thing", kind="somethingNew"),
)
GUARDED = (team("Admins"), team("Owners"), bare(team("Dim")))
TEAMS = (*GUARDED, team("Crowd", assignable=False))
ANYBODY = (*PEOPLE, *TEAMS)
LOST = user("Lost")
"""Stands in lists, and the directory does not return it."""
POLICY = {
    "expected_registrars": ["ann@contoso.example", "id-Owners", "nobody@contoso.example"],
    "break_glass": ["BOB@contoso.example", "id-Admins"],
    "approved_custom_roles": ["Connector operators", "none"],
    "max_registrars": 1,
}

_somebody = st.sampled_from((*ANYBODY, LOST))
_whoever_may_hold = st.sampled_from((*PEOPLE, *GUARDED, LOST))


def _grants(kinds: tuple[str | None, ...]) -> st.SearchStrategy[list[RoleGrant]]:
    scopes = st.sampled_from(["/", "/", "/", None, "/administrativeUnits/1"])
    one = st.builds(grant, _whoever_may_hold, st.sampled_from(ROLES), st.sampled_from(kinds), scopes)
    return st.lists(one, max_size=5)


def _inside(into: Principal, kinds: tuple[str | None, ...]) -> st.SearchStrategy[list[GroupGrant]]:
    accesses = st.sampled_from(["member", "member", "owner"])
    return st.lists(st.builds(group_grant, _somebody, st.just(into), accesses, st.sampled_from(kinds)), max_size=2)


@st.composite
def _lists(draw: st.DrawFn, of: Principal) -> PathGroup:
    """Draw a group's lists; whom PIM calls active stands among the members or the owners too, as in Graph."""
    active = draw(_inside(of, ("assigned", "activated")))
    lists = {
        owning: [
            *(one for one in (*ANYBODY, LOST) if one.id in {g.principal_id for g in active if g.is_owner is owning}),
            *draw(st.lists(_somebody, unique=True, max_size=2)),
        ]
        for owning in (True, False)
    }
    eligible = draw(_inside(of, (None,)))
    return path_group(of, members=lists[False], owners=lists[True], assignments=active, eligibilities=eligible)


@st.composite
def directories(draw: st.DrawFn) -> Snapshot:
    """Draw a directory that was read in full: users of every kind, groups in each other, roles, scopes."""
    seen = tenant(
        *ANYBODY,
        active=draw(_grants(("Assigned", "Activated"))),
        eligible=draw(_grants((None,))),
        groups=[draw(_lists(one)) for one in TEAMS],
    )
    return plain(seen) if draw(st.integers(0, 3)) == 0 else seen


@st.composite
def memories(draw: st.DrawFn) -> Memory:
    """Draw what may be remembered of some people, or that nothing is."""
    moments = st.sampled_from([None, NOW - timedelta(days=30), NOW])
    paths = st.dictionaries(st.sampled_from([f"{ADMIN.id}|assigned|/", f"{ADMIN.id}|eligible|/"]), moments)
    entries = st.builds(RememberedRegistrar, name=st.just("x"), appeared=moments, gone=moments, paths=paths)
    who = st.sampled_from([one.id for one in (*PEOPLE, LOST)])
    if draw(st.booleans()):
        return Memory()
    return Memory(registrars=draw(st.dictionaries(who, entries, max_size=4)), registrars_read_at=NOW)
