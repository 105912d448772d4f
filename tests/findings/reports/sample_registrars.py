"""Who can register connectors in the sample, by hand: people and others, with paths of every shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from findings.document import Holder, PathEntry, RegistrarEntry, ViaEntry
from tests.findings.reports.sample_snapshot import made_id

if TYPE_CHECKING:
    from typing import Literal

ROLE, ROLE_ID = "Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
ENDS = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)


def registrars(names: tuple[str, ...] = ()) -> tuple[RegistrarEntry, ...]:
    """Return the sample's registrars; `names` become people, each through a group and to a role of the same name."""
    return (
        registrar(0, "Ada Admin", paths=(path("eligible", end=ENDS),)),
        registrar(1, "Olga Outside", can=False, why_not="her home is another tenant", external=True),
        registrar(
            2,
            "Deleted principal",
            can=None,
            why_not="the directory does not return it",
            paths=(path(scope="/administrativeUnits/3f"),),
            type="unknown",
            upn=None,
            enabled=None,
        ),
        *(
            registrar(10 + number, name, paths=(path("assigned", (name, "eligible"), role=name),))
            for number, name in enumerate(names)
        ),
    )


def registrar(
    number: int,
    name: str,
    *,
    can: bool | None = True,
    why_not: str | None = None,
    expected: bool | None = None,
    paths: tuple[PathEntry, ...] | None = None,
    **principal: Any,  # noqa: ANN401 - the fields of a principal
) -> RegistrarEntry:
    """Return somebody who holds a role, by default an enabled user who can register by a plain assignment."""
    fields: dict[str, Any] = {
        "type": "user",
        "upn": f"{name.partition(' ')[0].lower()}@contoso.com",
        "enabled": True,
    } | principal
    return RegistrarEntry(
        principal=Holder(id=made_id("principal", number), name=name, **fields),
        can_register=can,
        why_not=why_not,
        expected=expected,
        paths=paths or (path(),),
    )


def path(
    kind: Literal["assigned", "activated", "eligible", "active"] = "assigned",
    *via: tuple[str, Literal["permanent", "activated", "eligible", "active"]],
    role: str = ROLE,
    scope: str = "/",
    start: datetime | None = None,
    end: datetime | None = None,
) -> PathEntry:
    """Return a path; `via` are the names of its groups, nearest to the principal first, and how each is joined."""
    return PathEntry(
        role=role,
        role_id=ROLE_ID,
        kind=kind,
        via=tuple(
            ViaEntry(group=made_id("group!", number), name=name, membership=membership)
            for number, (name, membership) in enumerate(via)
        ),
        scope=scope,
        start=start,
        end=end,
    )
