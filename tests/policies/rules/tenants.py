"""Whole tenants for what holds of all rules: one in which much is wrong, and small ones of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from inventory.models import PRIVATE_ACCESS_TAGS, Application
from tests.making import (
    AUTOMATIC,
    AUTOMATIC_BEFORE,
    UNSUPPORTED,
    Held,
    application,
    connector,
    group,
    holds,
    remade,
    snapshot,
    tagged,
)
from tests.people import grant, group_grant, other, path_group, role, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.models import Connector, ConnectorGroup, Principal, Record, RoleDefinition, RoleGrant
    from inventory.snapshot import Section, Snapshot

ANN, BOB, ADMINS = user("Ann"), user("Bob"), other("Admins", kind="group")
ANYBODY = (
    ANN,
    BOB,
    user("Gus", kind="Guest"),
    user("Eve", upn="eve_fabrikam.example#EXT#@contoso.example"),
    user("Dan", enabled=False, synced=True),
    user("Una", enabled=None, kind=None),
    other("Robot"),
    other("Agent", kind="agentIdentity"),
    other("Thing", kind="somethingNew"),
    other("Lost", kind="user"),
    ADMINS,
)
ROLES = (
    role(),
    role("Custom", built_in=False, enabled=False),
    role("Future", actions=("microsoft.directory/connectors/allProperties/allTasks",)),
    role("Reader", actions=("microsoft.directory/connectors/standard/read",)),
)


def troubled() -> Snapshot:
    """Return a tenant in which each rule about groups, connectors and versions fails, and most about registrars."""
    quick, leftover = application("Quick Access", kind="quickaccessapp"), connector("PAR02", key="off", status="off")
    return snapshot(
        {
            group("Default", default=True): holds(connector("DEF01", version="1.5.402.0"), apps=[quick]),
            group("Paris"): holds(connector("PAR01"), connector("PAR02"), leftover, apps=[application("Expenses")]),
            group("Forgotten"): holds(),
        },
        roles=ROLES,
        assignments=[grant(who, ROLES[0]) for who in ANYBODY],
        eligibilities=[grant(who, ROLES[0], None) for who in (ANN, ADMINS)],
        principals=ANYBODY,
        path_groups=[path_group(ADMINS, members=[user("Max")], owners=[user("Own"), BOB])],
    )


def renamed(seen: Snapshot) -> Snapshot:
    """Return the same tenant after everything in it was given another name."""
    return _with_records(seen, lambda records: tuple(map(_renamed, records)))


def _renamed(record: Record) -> Record:
    fields = ("name", "display_name", "machine_name", "user_principal_name")
    old = {field: getattr(record, field, None) for field in fields}
    return record.model_copy(update={field: f"Renamed-{name}" for field, name in old.items() if name})


def backwards(seen: Snapshot) -> Snapshot:
    """Return the same tenant with every list the other way round."""
    return _with_records(seen, lambda records: records[::-1])


def doubled(seen: Snapshot) -> Snapshot:
    """Return the same tenant with every record listed twice."""
    return _with_records(seen, lambda records: records * 2)


def _with_records(seen: Snapshot, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Snapshot:
    def changed(section: Section[Any]) -> Section[Any]:
        return section.model_copy(update={"records": change(section.records)})

    return remade(seen, changed)


some_connector = st.builds(
    connector,
    st.sampled_from(["PAR01", "par01", "PAR02", "par01.contoso.example", None]),
    ip=st.sampled_from(["203.0.113.1", "198.51.100.1", None]),
    status=st.sampled_from(["active", "Active", "inactive", "odd"]),
    version=st.sampled_from([AUTOMATIC, AUTOMATIC_BEFORE, UNSUPPORTED, "1.5.3416.0", "9.0.0.0", "odd", None]),
)
APPS = (
    application("Web"),
    application("Quick", kind="quickaccessapp"),
    application("Marked", tags=PRIVATE_ACCESS_TAGS[:1]),
    application("Tagged"),
    Application(id="id-Silent", app_id="app-silent"),
)


@st.composite
def _some_groups(draw: st.DrawFn, connectors: list[Connector]) -> dict[ConnectorGroup, Held]:
    count = draw(st.integers(0, 3))
    groups = [group(f"Group {number}", default=not number) for number in range(count)]
    places = [draw(st.sets(st.integers(0, 2), max_size=2)) for _ in connectors]
    return {
        one: holds(
            *(each for each, place in zip(connectors, places, strict=True) if number in place),
            apps=draw(st.lists(st.sampled_from(APPS), unique=True, max_size=2)),
        )
        for number, one in enumerate(groups)
    }


def _grants(people: st.SearchStrategy[Principal]) -> st.SearchStrategy[list[RoleGrant]]:
    kinds, scopes = st.sampled_from(["Assigned", "Activated", None]), st.sampled_from(["/", "/", "/apps/1"])
    roles: st.SearchStrategy[RoleDefinition] = st.sampled_from(ROLES)
    return st.lists(st.builds(grant, people, roles, kinds, scopes), max_size=4)


@st.composite
def some_tenant(draw: st.DrawFn) -> Snapshot:
    """Draw a small tenant that was read in full; connectors may stand in no group's list, or in two."""
    made = draw(st.lists(some_connector, max_size=4))
    connectors = [one.model_copy(update={"id": f"c{number}"}) for number, one in enumerate(made)]
    people = st.sampled_from(ANYBODY)
    persons = st.sampled_from(ANYBODY[:-1])
    inside = st.builds(group_grant, persons, st.just(ADMINS), st.sampled_from(["member", "owner"]))
    return snapshot(
        draw(_some_groups(connectors)),
        connectors=connectors,
        private_access=[tagged(APPS[3])],
        roles=ROLES,
        assignments=draw(_grants(people)),
        eligibilities=draw(_grants(people)),
        principals=ANYBODY,
        path_groups=[
            path_group(
                ADMINS,
                members=draw(st.lists(persons, max_size=2)),
                owners=draw(st.lists(persons, max_size=1)),
                eligibilities=draw(st.lists(inside, max_size=2)),
            )
        ],
    )
