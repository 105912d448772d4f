"""Who can register a connector: judged by identity, from what was read; and what holds of all rules about that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.models import Identity
from policies.registration.holders import (
    Completeness,
    Holder,
    from_outside,
    holders,
    is_external,
    registration,
    unread,
)
from tests.examples import examples
from tests.making import CONTOSO, NOW, connector, evidence, listed, without
from tests.making import unread as not_read
from tests.people import grant, other, path_group, registered, user
from tests.policies.registration.directory import (
    ADMIN,
    FUTURE,
    POLICY,
    bare,
    directories,
    memories,
    partly,
    plain,
    spoken,
    team,
    tenant,
)
from tests.policies.rules.tenants import backwards, doubled

if TYPE_CHECKING:
    from inventory.models import Organization, Principal, RoleDefinition
    from inventory.snapshot import Snapshot
    from policies.memory import Memory
    from tests.making import Listed

always = settings(deadline=None, derandomize=True, max_examples=examples(30))

ANN, ADMINS, PAR01 = user("Ann"), team("Admins"), connector("PAR01")
SCOPE = "the role is assigned at a narrower scope"
HOME = (
    "the account's home is another tenant; it cannot register with the installer, and whether it can with a token of "
    "this tenant is not known"
)
UNREAD = "the account's attributes or the tenant's domains could not be read"
NO_HOME = "where the account is at home could not be read"


def judged(
    who: Principal, what: RoleDefinition = ADMIN, scope: str = "/", organization: Listed[Organization] = (CONTOSO,)
) -> tuple[object, object]:
    """Return whether somebody who holds a role can register, and why not."""
    seen = tenant(who, active=[grant(who, what, scope=scope)], organization=organization)
    (holder,) = holders(seen)
    return registration(holder, seen)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(user(), (True, None), id="member at home"),
        pytest.param(user(kind="Guest"), (True, None), id="internal guest"),
        pytest.param(user(kind=None), (True, None), id="no userType"),
        pytest.param(user(synced=True), (True, None), id="synchronised"),
        pytest.param(user(issuer="CONTOSO.example"), (True, None), id="issuer in capitals"),
        pytest.param(user().model_copy(update={"identities": ()}), (True, None), id="no identities"),
        pytest.param(user().model_copy(update={"identities": (Identity(),)}), (True, None), id="identity of nobody"),
        pytest.param(user(upn="x_f.example#EXT#@contoso.example"), (None, HOME), id="external member"),
        pytest.param(user(upn="x_f.example#ext#@contoso.example", kind="Guest"), (None, HOME), id="guest"),
        pytest.param(user(issuer="ExternalAzureAD"), (None, HOME), id="external by identity"),
        pytest.param(user(enabled=False), (False, "the account is disabled"), id="disabled"),
        pytest.param(other(), (False, "software (servicePrincipal) is no person"), id="service principal"),
        pytest.param(other(kind="agentIdentity"), (False, "software (agentIdentity) is no person"), id="agent"),
        pytest.param(other(kind="agentUser"), (False, "software (agentUser) is no person"), id="agent's user"),
        pytest.param(team(), (False, "a group registers nothing itself; its members are listed"), id="group"),
        pytest.param(other(kind="orchestrator"), (None, "of a kind that is not known here"), id="unknown kind"),
        pytest.param(bare(user()), (None, UNREAD), id="type and id alone"),
        pytest.param(user().model_copy(update={"identities": None}), (None, NO_HOME), id="identities not read"),
    ],
)
def test_who_can_register(who: Principal, expected: tuple[object, object]) -> None:
    """An enabled person at home can, whatever the userType says; of what was not read nothing is claimed."""
    assert judged(who) == expected


def test_whoever_did_register_can() -> None:
    """A registration in the audit log, of a connector that is there, outweighs that an account is from elsewhere."""
    eve = user("Eve", upn="eve_f.example#EXT#@contoso.example")
    held = tenant(eve, active=[grant(eve, ADMIN)])
    for event, expected in (
        (registered(NOW, (PAR01.id, None), by=eve), True),
        (registered(NOW, (None, "PAR01"), by=eve), True),
        (registered(NOW, ("elsewhere", "LAPTOP"), by=eve), None),
        (registered(NOW, (PAR01.id, None), by=ANN), None),
    ):
        audit = held.audit.model_copy(update={"records": (event,)})
        seen = held.model_copy(update={"audit": audit, "connectors": listed("connectors", [PAR01])})
        (holder,) = holders(seen)
        assert registration(holder, seen)[0] is expected


def test_a_partners_account() -> None:
    """A principal without an object whose assignment names another organization is a partner's, and not deleted."""
    row = grant(ANN, ADMIN).model_copy(update={"principal_organization_id": "f.example"})
    seen = tenant(active=[grant(ANN, ADMIN)]).model_copy(update={"partner_grants": (row,)})
    (holder,) = holders(seen)
    can, why_not = registration(holder, seen)

    assert can is None
    assert (why_not or "").startswith("a partner's account, of organization f.example; ")
    assert from_outside(holder, seen)
    assert not from_outside(holders(tenant(active=[grant(ANN, ADMIN)]))[0], seen)


def test_external_where_little_was_read() -> None:
    """A user name with #EXT# proves a home elsewhere, also where nothing else was read."""
    eve = user(upn="eve_f.example#EXT#@contoso.example", enabled=None)

    assert judged(eve, organization=not_read()) == (None, HOME)
    assert judged(ANN, organization=not_read()) == (None, UNREAD)
    assert judged(ANN, organization=[CONTOSO.model_copy(update={"verified_domains": ()})]) == (None, NO_HOME)


def test_external_by_name_needs_no_domains() -> None:
    """A user name with #EXT# is enough to call an account external, whatever domains the tenant has."""
    assert is_external(user(upn="eve_f.example#EXT#@contoso.example"), frozenset()) is True
    assert is_external(ANN, frozenset()) is None


def test_scope_and_role() -> None:
    """A narrower scope lets nobody register, and of a role with an unknown action on connectors nobody knows."""
    assert judged(ANN, scope="/administrativeUnits/1") == (False, SCOPE)
    assert judged(ANN, FUTURE) == (None, "the role has an action on connectors that is not known here")
    assert judged(user(enabled=False), FUTURE) == (False, "the account is disabled")


def test_deleted() -> None:
    """Of somebody the directory does not return, nobody knows."""
    seen = tenant(active=[grant(ANN, ADMIN)])
    (holder,) = holders(seen)

    assert registration(holder, seen)[0] is None
    assert (holder.name, holder.kind) == (ANN.id, "unknown")


@pytest.mark.parametrize(
    ("display", "upn", "expected"), [("Ann", "a@b", "Ann"), (None, "a@b", "a@b"), (None, None, "id-Ann")]
)
def test_names(display: str | None, upn: str | None, expected: str) -> None:
    """Somebody is called by display name, else by user name, else by id."""
    who = ANN.model_copy(update={"display_name": display, "user_principal_name": upn})

    assert Holder(who.id, who, ()).name == expected


WHOLE = tenant(
    ANN,
    ADMINS,
    active=[grant(ADMINS, ADMIN)],
    groups=[path_group(ADMINS, members=[ANN]), path_group(team("Named"))],
)


@pytest.mark.parametrize(
    ("name", "extent"),
    [
        ("role_definitions", Completeness.ACTIVE),
        ("role_assignments", Completeness.ACTIVE),
        ("principals", Completeness.ACTIVE),
        ("groups/id-Admins/members", Completeness.ACTIVE),
        ("role_eligibilities", Completeness.EVERYBODY),
        ("groups/id-Admins/eligibilities", Completeness.EVERYBODY),
        ("organization", Completeness.EVERYTHING),
        ("groups/id-Admins/assignments", Completeness.EVERYTHING),
    ],
)
def test_what_each_extent_needs(name: str, extent: Completeness) -> None:
    """Each extent needs the lists of those before it, and tells which of its lists was not read and why."""
    cut = partly(WHOLE, name)
    gaps = [unread(cut, holders(WHOLE), one) for one in Completeness]

    assert [one for one, gap in zip(Completeness, gaps, strict=True) if gap is not None] == [
        one for one in Completeness if one >= extent
    ]
    assert all((gap.section, gap.reason) == (name, "Graph said failed.") for gap in gaps if gap is not None)


@pytest.mark.parametrize("name", ["groups/id-Admins/owners", "groups/id-Named/members", "connectors", "audit"])
def test_what_no_extent_needs(name: str) -> None:
    """Owners, groups that the policy names and that hold nothing, and connectors are not needed to know everybody."""
    cut = without(WHOLE, name)

    assert [unread(cut, holders(cut), extent) for extent in Completeness] == [None, None, None]


def test_everything_tells_assigned_from_activated() -> None:
    """Plain assignments are everything only where there is no licence for more, and attributes belong to it."""
    free, bound = plain(WHOLE, licensed=False), plain(WHOLE)
    dim = WHOLE.model_copy(update={"principals": tenant(bare(ANN), ADMINS).principals})

    assert unread(free, holders(free), Completeness.EVERYTHING) is None
    assert str(unread(bound, holders(bound), Completeness.EVERYTHING)).startswith("role_assignments was not read")
    assert str(unread(dim, holders(dim), Completeness.EVERYTHING)).startswith(
        "principals was not read: the attributes of id"
    )
    assert (
        unread(bound, holders(bound), Completeness.EVERYBODY)
        is unread(dim, holders(dim), Completeness.EVERYBODY)
        is None
    )


@always
@given(directories(), memories(), st.data())
def test_an_unread_section_makes_no_pass_and_no_failure(seen: Snapshot, memory: Memory, data: st.DataObject) -> None:
    """Whichever list broke off wherever, each verdict stays, or its rule says that something was not assessed."""
    section = data.draw(st.sampled_from([one for one in seen.sections if not one.name.startswith("connector")]))
    kept = [record for record in section.records if data.draw(st.booleans())]
    cut = partly(seen, section.name, kept)
    before = spoken(evidence(seen, policy=POLICY, memory=memory))
    after = spoken(evidence(cut, policy=POLICY, memory=memory))

    assert {key: said for key, said in after.items() if said not in ("not_assessed", before.get(key))} == {}
    unsure = {key.partition("/")[0] for key, said in after.items() if said == "not_assessed"}
    assert {key.partition("/")[0] for key in before.keys() - after.keys()} <= unsure


@always
@given(directories(), memories())
def test_plain_assignments_make_no_pass_and_no_failure(seen: Snapshot, memory: Memory) -> None:
    """Where plain assignments are read in place of PIM's, each verdict stays or becomes not assessed."""
    before = spoken(evidence(seen, policy=POLICY, memory=memory))
    after = spoken(evidence(plain(seen), policy=POLICY, memory=memory))

    assert {key: said for key, said in after.items() if said not in ("not_assessed", before.get(key))} == {}


@always
@given(directories(), memories())
def test_order_and_repetition_say_nothing(seen: Snapshot, memory: Memory) -> None:
    """Lists may come in any order and repeat themselves: the verdicts are the same."""
    said = [
        spoken(evidence(change(seen), policy=POLICY, memory=memory)) for change in (lambda s: s, backwards, doubled)
    ]

    assert said[0] == said[1] == said[2]
