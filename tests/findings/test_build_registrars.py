"""Who can register connectors, as a scan's result tells it: what was read of each, by which paths, or why not."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import NotReadError
from findings.build import build_document
from findings.document import Holder
from inventory.models import Principal, PrincipalId
from policies.evidence import Evidence
from tests.making import evidence, snapshot, unread
from tests.people import grant, group_grant, other, path_group, role, user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findings.document import FindingsDocument, RegistrarEntry
    from policies.registration.holders import Holder as RegistrarHolder

ADMIN = role()
ADMINS = other("Admins", kind="group")


def built(*holders: Principal, policy: Mapping[str, object] | None = None, **lists: Any) -> FindingsDocument:  # noqa: ANN401 - other lists of a snapshot
    """Return the result of a scan that found these holders of a role that lets register connectors."""
    found = {"principals": holders, "roles": [ADMIN], "assignments": [grant(one, ADMIN) for one in holders]} | lists
    return build_document(evidence(snapshot(**found), policy=policy), (), None)


def told_of(*holders: Principal, policy: Mapping[str, object] | None = None, **lists: Any) -> dict[str, RegistrarEntry]:  # noqa: ANN401 - the same
    """Return what is told of each holder, by name."""
    return {entry.principal.name: entry for entry in built(*holders, policy=policy, **lists).registrars}


def test_registrar() -> None:
    """Somebody who can register connectors is told with what was read of the account, and by which path."""
    ann = told_of(user("Ann", synced=True))["Ann"]

    assert (ann.can_register, ann.why_not, ann.expected) == (True, None, None)
    assert ann.principal == Holder(
        id="id-Ann",
        type="user",
        name="Ann",
        upn="ann@contoso.example",
        enabled=True,
        external=False,
        guest=False,
        synced=True,
    )
    assert [path.model_dump() for path in ann.paths] == [
        {
            "role": "Application Administrator",
            "role_id": "id-Application Administrator",
            "kind": "assigned",
            "via": (),
            "scope": "/",
            "start": None,
            "end": None,
        }
    ]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(user("X", kind="Guest"), (False, True, False), id="guest"),
        pytest.param(user("X", issuer="fabrikam.example"), (True, False, False), id="at home elsewhere"),
        pytest.param(user("X", synced=True), (False, False, True), id="synced"),
        pytest.param(user("X", enabled=None), (None, None, None), id="attributes not read"),
        pytest.param(
            user("X").model_copy(update={"not_returned": ("on_premises_sync_enabled",)}),
            (False, False, None),
            id="whether synchronised left out",
        ),
        pytest.param(
            user("X").model_copy(update={"not_returned": ("user_type", "user_principal_name")}),
            (None, None, False),
            id="marks of guests left out",
        ),
        pytest.param(other("X"), (None, None, None), id="service principal"),
        pytest.param(other("X", kind="group"), (None, None, None), id="group"),
    ],
)
def test_attributes(who: Principal, expected: tuple[bool | None, ...]) -> None:
    """What was read of a person is told; of anybody else, and of what was not read, nothing is claimed."""
    told = told_of(who)["X"].principal

    assert (told.external, told.guest, told.synced) == expected


def test_home_is_unknown_without_the_tenants_domains() -> None:
    """Where the tenant was not read nobody is called external, and nobody is called able to register."""
    ann = told_of(user("Ann"), organization=unread())["Ann"]

    assert (ann.principal.external, ann.can_register) == (None, None)
    assert ann.why_not


def test_somebody_the_directory_does_not_return() -> None:
    """A holder who was deleted or is hidden is told by id."""
    lost = Principal(id=PrincipalId("id-Lost"))
    told = told_of(lost, principals=[])

    assert told["id-Lost"].principal == Holder(id="id-Lost", type="unknown", name="id-Lost")
    assert told["id-Lost"].can_register is None


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({}, None),
        ({"expected_registrars": ["ann@contoso.example"]}, True),
        ({"expected_registrars": ["bob@contoso.example"]}, False),
    ],
)
def test_expected(policy: dict[str, object], expected: bool | None) -> None:  # noqa: FBT001 - the table's answer
    """Whether somebody is expected is told where the policy names anybody, and the result says whether it does."""
    document = built(user("Ann"), policy=policy)

    assert [entry.expected for entry in document.registrars] == [expected]
    assert document.policy.names_registrars is (expected is not None)


@pytest.mark.parametrize(("known", "name"), [([ADMINS], "Admins"), ([], "id-Admins")])
def test_paths_through_groups(known: list[Principal], name: str) -> None:
    """A path names the groups that it leads through, by id where the name was not read."""
    ann = user("Ann")
    inside = path_group(ADMINS, eligibilities=[group_grant(ann, ADMINS, kind=None)])
    told = told_of(ann, principals=[ann, *known], assignments=[grant(ADMINS, ADMIN)], path_groups=[inside])

    assert [step.model_dump() for path in told["Ann"].paths for step in path.via] == [
        {"group": "id-Admins", "name": name, "membership": "eligible"}
    ]


class Tangled(Evidence):
    """Evidence in which groups are nested in more ways than anybody could follow."""

    @cached_property
    def holders(self) -> tuple[RegistrarHolder, ...]:
        """Give up, as the search for paths does after a hundred thousand steps."""
        raise NotReadError("paths", "untangle the groups")


def test_groups_nested_beyond_reading() -> None:
    """Where nobody could follow the paths nobody is listed, and the reason is told."""
    document = build_document(Tangled(**dict(evidence(snapshot(assignments=[grant(user(), ADMIN)])))), (), None)

    assert (document.registrars, document.registrars_unresolved) == ((), "untangle the groups")
