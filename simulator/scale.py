"""Large tenants, made in memory and always the same."""

from __future__ import annotations

from simulator.tenant import (
    Application,
    Assignment,
    Connector,
    ConnectorGroup,
    Group,
    Organization,
    Role,
    Tenant,
    User,
)

_REGIONS = ("nam", "eur", "asia", "aus", "ind")
_VERSIONS = ("1.5.4522.0", "1.5.4594.0", "1.5.4892.0")
_BUILT_IN_ROLES = 14
_PEOPLE = 1000
_UNRELATED = ("global-reader", "security-reader", "reports-reader", "helpdesk-administrator", "user-administrator")


def large_tenant(  # noqa: PLR0913 - each is a dimension of a benchmark
    *,
    groups: int = 100,
    connectors: int = 500,
    applications: int = 300,
    role_definitions: int = 105,
    unrelated_assignments: int = 10_000,
    role_groups: int = 0,
    members_per_group: int = 0,
) -> Tenant:
    """Return a tenant of the given size; connectors and applications are spread evenly over the groups.

    Args:
        groups: Connector groups; the first is the default one.
        connectors: Connectors in all of them together.
        applications: Published applications in all of them together.
        role_definitions: Role definitions, the built-in ones among them.
        unrelated_assignments: Assignments of roles that have nothing to do with connectors.
        role_groups: Role-assignable groups that hold Application Administrator.
        members_per_group: Members of each of these.
    """
    teams = {f"role-group-{n}": _team(n, members_per_group) for n in range(role_groups)}
    people = {f"user-{n}": User(name=f"User {n}") for n in range(max(_PEOPLE, role_groups * members_per_group))}
    custom = max(role_definitions - _BUILT_IN_ROLES, 0)
    return Tenant(
        tenant=Organization(
            id="5ca1ab1e-0000-4000-8000-000000000001", name="Large", domains=("large.example", "large.onmicrosoft.com")
        ),
        connector_groups={f"group-{n}": _group(n, groups, connectors, applications) for n in range(groups)},
        users=people,
        groups=teams,
        roles={
            f"role-{n}": Role(name=f"Custom role {n}", actions=("microsoft.directory/users/standard/read",))
            for n in range(custom)
        },
        assignments=_assignments(unrelated_assignments, role_groups),
    )


def _team(number: int, size: int) -> Group:
    members = tuple(f"user-{number * size + n}" for n in range(size))
    return Group(name=f"Role group {number}", role_assignable=True, members=members)


def _group(number: int, groups: int, connectors: int, applications: int) -> ConnectorGroup:
    return ConnectorGroup(
        name=f"Group {number:04}" if number else "Default",
        region=_REGIONS[number % len(_REGIONS)],
        default=number == 0,
        connectors={f"connector-{n}": _connector(n) for n in range(number, connectors, groups)},
        applications={
            f"application-{n}": Application(name=f"Application {n:04}") for n in range(number, applications, groups)
        },
    )


def _connector(number: int) -> Connector:
    return Connector(
        name=f"CONN-{number:05}.large.example",
        ip=f"198.51.{number // 250 % 250}.{number % 250 + 1}",
        status="inactive" if number % 50 == 49 else "active",  # noqa: PLR2004 - one in fifty
        version=_VERSIONS[number % len(_VERSIONS)],
    )


def _assignments(unrelated: int, role_groups: int) -> dict[str, Assignment]:
    admins = {f"admin-{n}": Assignment(principal=f"user-{n}", role="application-administrator") for n in range(3)}
    admins |= {f"global-{n}": Assignment(principal=f"user-{10 + n}", role="global-administrator") for n in range(2)}
    admins["eligible"] = Assignment(principal="user-20", role="application-administrator", kind="eligible")
    admins |= {
        f"group-{n}": Assignment(principal=f"role-group-{n}", role="application-administrator")
        for n in range(role_groups)
    }
    others = {
        f"unrelated-{n}": Assignment(principal=f"user-{n % _PEOPLE}", role=_UNRELATED[n // _PEOPLE % len(_UNRELATED)])
        for n in range(unrelated)
    }
    return admins | others
