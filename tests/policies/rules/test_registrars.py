"""REG001 and REG003 to REG007: what each account with a path to a granting role is told, against tables by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from inventory.models import Identity
from tests.making import evidence, unread
from tests.people import grant, other, path_group, user
from tests.policies.judging import short, verdicts
from tests.policies.registration.directory import ADMIN, FUTURE, PRINT, bare, judged, partly, team, tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.models import Principal, RoleDefinition
    from inventory.snapshot import Snapshot

ANN, ROBOT, CREW, ADMINS = user("Ann"), other("Robot"), team("Crew"), team("Admins")
LOST = user("Lost")
EXTERNAL = user("Eve", upn="eve_f.example#EXT#@contoso.example")
ACCOUNTS = ("REG003", "REG004", "REG005", "REG006", "REG007")
NAMED = {"expected_registrars": ["x@contoso.example"]}
OPEN = {"Contoso": "not_assessed"}
"""The rule says of the tenant that it could not list everybody."""


def holding(*who: Principal, role: RoleDefinition = ADMIN, **lists: object) -> Snapshot:
    """Return a tenant in which these hold a role, standing."""
    return tenant(*who, active=[grant(one, role) for one in who], **lists)  # type: ignore[arg-type]  # each test's own


def told(who: Principal, seen: Snapshot | None = None, policy: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return what each rule about accounts says of somebody who holds a role."""
    name, seen = who.display_name or who.id, seen or holding(who)
    return {rule: said[name] for rule in ACCOUNTS if name in (said := judged(rule, seen, policy))}


STANDING = "fail medium"
HOME = {"REG003": "pass", "REG004": "pass", "REG005": STANDING, "REG006": "pass", "REG007": "pass"}
NOBODY_KNOWS = dict.fromkeys(ACCOUNTS, "not_assessed")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(ANN, {}, id="member at home"),
        pytest.param(user(kind=None), {}, id="no userType"),
        pytest.param(user(kind="Guest"), {"REG003": "fail high"}, id="internal guest"),
        pytest.param(user(kind="guest"), {"REG003": "fail high"}, id="guest in lower case"),
        pytest.param(EXTERNAL, {"REG003": "fail high"}, id="external member by name"),
        pytest.param(user(issuer="ExternalAzureAD"), {"REG003": "fail high"}, id="external member by identity"),
        pytest.param(user(enabled=False), {"REG006": "fail low"}, id="disabled"),
        pytest.param(user(synced=True), {"REG007": "fail medium"}, id="synchronised"),
        pytest.param(user(synced=False), {}, id="synchronised once"),
    ],
)
def test_users(who: Principal, expected: dict[str, str]) -> None:
    """A user is judged by home, account and origin, and stands out by nothing but what is wrong."""
    assert told(who) == HOME | expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(ROBOT, {"REG004": "fail high"}, id="service principal"),
        pytest.param(other(kind="agentIdentity"), {"REG004": "fail high"}, id="agent"),
        pytest.param(other(kind="agentUser"), {"REG004": "fail high"}, id="agent's user"),
        pytest.param(bare(other()), {"REG004": "fail high"}, id="service principal as type and id"),
        pytest.param(ADMINS, {}, id="group"),
        pytest.param(bare(ADMINS), {}, id="group as type and id"),
        pytest.param(other(kind="somethingNew"), NOBODY_KNOWS, id="unknown kind"),
        pytest.param(other().model_copy(update={"odata_type": None}), NOBODY_KNOWS, id="no kind"),
    ],
)
def test_others(who: Principal, expected: dict[str, str]) -> None:
    """Software fails as software and nothing else, a group is no subject, and of an unknown kind nobody knows."""
    assert told(who) == expected


def test_type_and_id_alone() -> None:
    """Of a user whose attributes were not read only what needs none is said."""
    una = bare(user("Una"))
    expected = {"REG003": "not_assessed", "REG006": "not_assessed", "REG007": "not_assessed"}

    assert told(una) == HOME | expected


@pytest.mark.parametrize(
    ("synced", "said"), [(None, {"REG007": "not_assessed"}), (False, {}), (True, {"REG007": "fail medium"})]
)
def test_selected_properties_that_graph_left_out(synced: bool | None, said: dict[str, str]) -> None:  # noqa: FBT001 - a parameter of the test
    """Without identities, which every account has, a missing mark of synchronisation is no sign of a cloud account."""
    partly = user("Una", synced=synced).model_copy(update={"identities": None})

    assert told(partly) == HOME | {"REG003": "not_assessed"} | said


def test_deleted() -> None:
    """Somebody the directory does not return is told of, and not judged."""
    assert told(LOST, tenant(active=[grant(LOST, ADMIN)])) == {}
    assert told(bare(LOST), tenant(active=[grant(LOST, ADMIN)])) == NOBODY_KNOWS


def test_narrow_scope() -> None:
    """Whoever holds a role at a narrower scope is no subject, of REG001 neither."""
    seen = tenant(ANN, active=[grant(ANN, ADMIN, scope="/administrativeUnits/1")])

    assert told(ANN, seen) == {}
    assert judged("REG001", seen, NAMED) == {"Contoso": "not_applicable"}


def test_unknown_action() -> None:
    """Holders of a role with an unknown action on connectors are told of, and not judged."""
    assert told(ANN, holding(ANN, role=FUTURE)) == NOBODY_KNOWS
    assert told(ROBOT, holding(ROBOT, role=FUTURE)) == {"REG004": "not_assessed"}
    assert judged("REG001", holding(ANN, role=FUTURE), NAMED) == {"Ann": "not_assessed"}


@pytest.mark.parametrize("rule", ["REG001", *ACCOUNTS])
def test_nobody(rule: str) -> None:
    """Where nobody holds a role, or only Universal Print's, each rule says of the tenant that it does not apply."""
    assert judged(rule, tenant(), NAMED) == {"Contoso": "not_applicable"}
    assert judged(rule, holding(ANN, role=PRINT), NAMED) == {"Contoso": "not_applicable"}


@pytest.mark.parametrize("rule", ["REG001", *ACCOUNTS])
@pytest.mark.parametrize("name", ["role_assignments", "role_eligibilities", "groups/id-Admins/members"])
def test_holders_not_all_read(rule: str, name: str) -> None:
    """Where a list of holders was not read, a failure that it does not hold stands, and the rest is open."""
    who = user("Gus", kind="Guest", enabled=False, synced=True)
    seen = tenant(
        who,
        ROBOT,
        ADMINS,
        active=[grant(one, ADMIN) for one in (who, ROBOT, ADMINS)],
        groups=[path_group(ADMINS)],
    )
    before = {subject: said for subject, said in judged(rule, seen, NAMED).items() if said.startswith("fail")}
    after = judged(rule, partly(seen, name), NAMED)

    assert {subject: said for subject, said in after.items() if said != "pass"} == before | OPEN


@pytest.mark.parametrize("rule", ["REG001", *ACCOUNTS])
def test_roles_not_read(rule: str) -> None:
    """Where the roles were not read nobody is known, also where the policy names nobody."""
    assert judged(rule, holding(ANN, roles=unread())) == OPEN


@pytest.mark.parametrize("rule", ACCOUNTS)
def test_principals_not_read(rule: str) -> None:
    """Where principals were read in part, those that were are judged, and of the others nobody knows."""
    seen = partly(holding(ANN, user("Bob")), "principals", [ANN])

    assert judged(rule, seen)["id-Bob"] == "not_assessed"
    assert judged(rule, seen)["Ann"] == HOME[rule]
    assert judged(rule, seen)["Contoso"] == "not_assessed"


def test_tenant_not_read() -> None:
    """Without the tenant's domains a home elsewhere is proven by the user name alone."""
    seen = holding(ANN, EXTERNAL, user("Gus", kind="Guest"), user("Ida", issuer="f.example"), organization=unread())

    assert judged("REG003", seen) == {
        "Ann": "not_assessed",
        "Eve": "fail high",
        "Gus": "fail high",
        "Ida": "not_assessed",
    }
    assert judged("REG001", seen, NAMED) == dict.fromkeys(("Ann", "Eve", "Gus", "Ida"), "not_assessed")


def test_expected_registrars() -> None:
    """Whoever can register passes when named, by user name, id or group, or as an emergency account."""
    bob, cleo, dan, glass = user("Bob"), user("Cleo"), user("Dan"), user("Glass")
    policy = {
        "expected_registrars": ["ANN@contoso.EXAMPLE", "ID-Bob", "id-Crew"],
        "break_glass": ["glass@contoso.example"],
    }
    crew = path_group(CREW, members=[cleo])
    seen = holding(ANN, bob, cleo, dan, glass, principals=[ANN, bob, cleo, dan, glass, CREW], path_groups=[crew])

    assert judged("REG001", seen, policy) == {
        "Ann": "pass",
        "Bob": "pass",
        "Cleo": "pass",
        "Dan": "fail high",
        "Glass": "pass",
    }


def test_expected_are_registrars_only() -> None:
    """Who cannot register is no subject: software, disabled accounts, groups; of an external one that is not known."""
    seen = holding(ROBOT, EXTERNAL, user("Dan", enabled=False), ADMINS, user("Gus", kind="Guest"))

    assert judged("REG001", seen, NAMED) == {"Eve": "not_assessed", "Gus": "fail high"}


def test_partners() -> None:
    """A partner's account is an outsider, named as a partner's; of anything else about it nothing is known."""
    row = grant(ANN, ADMIN).model_copy(update={"principal_organization_id": "f.example"})
    seen = holding(ANN, principals=[]).model_copy(update={"partner_grants": (row,)})
    for rule, expected in (("REG003", "fail high"), ("REG004", "not_assessed"), ("REG007", "not_assessed")):
        ((found, verdict),) = verdicts(rule, evidence(seen)).items()
        assert (found, short(verdict)) == (ANN.id, expected)
        assert "partner's account, of" in verdict.message
        assert "f.example" in verdict.message


def test_nobody_is_expected() -> None:
    """While the policy names nobody nobody is unexpected, emergency accounts or not."""
    assert judged("REG001", holding(ANN)) == {"Contoso": "not_applicable"}
    assert judged("REG001", holding(ANN), {"break_glass": ["ann@contoso.example"]}) == {"Contoso": "not_applicable"}


def test_expected_group_not_read() -> None:
    """Where the named group was not read its members may be expected, and whoever is named besides is."""
    bob = user("Bob")
    seen = holding(ANN, bob, path_groups=[path_group(CREW, members=unread())])
    policy = {"expected_registrars": ["id-Crew", "id-Bob"]}

    assert judged("REG001", seen, policy) == {"Ann": "not_assessed", "Bob": "pass"}


def test_somebody_who_may_or_may_not_register() -> None:
    """Of whom nobody knows whether they can register it is not said that they are expected."""
    seen = tenant(bare(user("Una")), active=[grant(user("Una"), ADMIN), grant(LOST, ADMIN)])
    policy = {"expected_registrars": ["id-Una", "id-Lost"]}

    assert judged("REG001", seen, policy) == {"id-Una": "not_assessed", "id-Lost": "not_assessed"}


def test_guest_by_any_other_name() -> None:
    """One identity of another issuer is enough for an outsider, whatever the others are."""
    mixed = ANN.model_copy(update={"identities": (*(ANN.identities or ()), Identity(issuer="google.com"))})

    assert judged("REG003", holding(mixed)) == {"Ann": "fail high"}


@pytest.mark.parametrize(
    ("seen", "policy", "word", "message"),
    [
        pytest.param(
            holding(ANN),
            {"expected_registrars": ["ann@contoso.example"]},
            "pass",
            "the policy expects this registrar",
            id="named",
        ),
        pytest.param(
            holding(ANN), NAMED, "fail high", "can register connectors and is not expected to", id="not named"
        ),
        pytest.param(
            holding(ANN.model_copy(update={"user_principal_name": None})),
            NAMED,
            "not_assessed",
            "whether the policy names this principal could not be read",
            id="without a user name",
        ),
        pytest.param(
            holding(user("Ann", enabled=None)),
            NAMED,
            "not_assessed",
            "whether this principal can register is not known: .+",
            id="perhaps disabled",
        ),
    ],
)
def test_words_and_evidence_about_whom_the_policy_expects(
    seen: Snapshot, policy: Mapping[str, object], word: str, message: str
) -> None:
    """REG001 says what it concluded, and always by which roles somebody could register."""
    (verdict,) = verdicts("REG001", evidence(seen, policy=policy)).values()

    assert short(verdict) == word
    assert re.fullmatch(message, verdict.message)
    assert verdict.evidence == {"roles": [ADMIN.id]}
