"""REG011: who appeared among the registrars, who is gone, who gained a path."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from inventory.roles import GLOBAL_ADMINISTRATOR
from policies.evaluate import evaluate
from policies.memory import Memory, RememberedRegistrar, remember
from policies.registration.holders import holders
from tests.examples import examples
from tests.making import NOW, evidence, unread
from tests.people import grant, group_grant, path_group, role, user
from tests.policies.registration.directory import (
    ADMIN,
    CUSTOM,
    REG,
    bare,
    directories,
    judged,
    partly,
    plain,
    team,
    tenant,
)

if TYPE_CHECKING:
    from inventory.models import Principal, RoleDefinition
    from inventory.snapshot import Section, Snapshot

ANN, BOB, ADMINS, CREW = user("Ann"), user("Bob"), team("Admins"), team("Crew")
DAY = timedelta(days=1)
NEWS, GRAVE, SAME, OPEN, NONE = "fail medium", "fail high", "pass", "not_assessed", "not_applicable"


def looks(*seen: Snapshot) -> tuple[Snapshot, Memory]:
    """Return the last of several looks, a day apart, and the memory before it."""
    *earlier, last = (one.model_copy(update={"taken_at": NOW + day * DAY}) for day, one in enumerate(seen))
    memory = Memory()
    for one in earlier:
        memory = remember(memory, one, holders(one))
    return last, memory


def said(*seen: Snapshot, days: int = 7) -> dict[str, str]:
    """Return what REG011 says on the last of several looks."""
    last, memory = looks(*seen)
    return judged("REG011", last, {"new_connector_days": days}, memory)


def facts(*seen: Snapshot) -> list[object]:
    """Return what the verdicts on the last look rest on."""
    last, memory = looks(*seen)
    rules = [rule for rule in REG if rule.id == "REG011"]
    return [verdict.evidence for verdict in evaluate(evidence(last, memory=memory), rules)]


def messages(*seen: Snapshot) -> dict[str, str]:
    """Return what is said of each principal on the last look."""
    last, memory = looks(*seen)
    rules = [rule for rule in REG if rule.id == "REG011"]
    return {verdict.subject.name: verdict.message for verdict in evaluate(evidence(last, memory=memory), rules)}


def holding(*who: Principal) -> Snapshot:
    """Return a tenant in which these are eligible for a role."""
    return tenant(*who, eligible=[grant(one, ADMIN, None) for one in who])


def test_first_scan() -> None:
    """On the first full look nobody has appeared; a look that is not full is no first one."""
    assert said(holding(ANN)) == {"Contoso": "not_applicable"}
    assert said(partly(holding(ANN), "role_eligibilities")) == {"Contoso": OPEN}
    assert said(holding(ANN).model_copy(update={"organization": unread("organization")})) == {tenant().tenant_id: OPEN}
    assert said(partly(holding(BOB), "role_eligibilities"), holding(ANN)) == {"Contoso": "not_applicable"}
    assert said(plain(holding(ANN)), plain(holding(ANN))) == {"Contoso": OPEN}


def test_nobody_before_and_nobody_now() -> None:
    """Where nobody could register and nobody can, there is nothing to tell."""
    assert said(holding(), holding()) == {"Contoso": "not_applicable"}


def test_appeared() -> None:
    """Somebody new is asked about for as long as they can register, by role, path and day; who was there passes."""
    with_bob = holding(ANN, BOB)

    assert said(holding(ANN), with_bob) == {"Ann": SAME, "Bob": NEWS}
    assert facts(holding(ANN), with_bob)[1] == {"change": "appeared", "since": (NOW + DAY).isoformat()}
    assert facts(holding(ANN), with_bob) == facts(holding(ANN), with_bob, with_bob, with_bob)
    assert said(holding(ANN), *[with_bob] * 100, days=1) == {"Ann": SAME, "Bob": NEWS}
    assert messages(holding(ANN), with_bob)["Bob"] == (
        "can register connectors since 21 November 2026: Application Administrator (eligible)"
    )


def test_a_global_administrator_weighs_more() -> None:
    """Whoever appears as, or becomes, a Global Administrator is high, an eligible one too."""
    everything = role("Global Administrator", key=GLOBAL_ADMINISTRATOR)
    with_ann = tenant(ANN, eligible=[grant(ANN, ADMIN, None)])
    with_both = tenant(ANN, BOB, eligible=[grant(ANN, ADMIN, None), grant(BOB, everything, None)])
    raised = tenant(ANN, eligible=[grant(ANN, ADMIN, None), grant(ANN, everything, None)])
    known = [seen.model_copy(update={"role_definitions": raised_roles(everything)}) for seen in (with_both, raised)]

    assert said(with_ann, known[0]) == {"Ann": SAME, "Bob": GRAVE}
    assert said(with_ann, known[1], known[1]) == {"Ann": GRAVE}


def raised_roles(*more: RoleDefinition) -> Section[RoleDefinition]:
    """Return the roles of a tenant with these besides."""
    section = tenant().role_definitions
    return section.model_copy(update={"records": (*section.records, *more)})


def test_a_policy_that_names_people_asks_otherwise() -> None:
    """Where the policy names who is meant to register, the rules about expected people judge, and nothing is asked."""
    last, memory = looks(holding(ANN), holding(ANN, BOB))

    assert judged("REG011", last, {"expected_registrars": ["x@contoso.example"]}, memory) == {"Ann": SAME, "Bob": NONE}


def test_gone() -> None:
    """Nothing is judged of somebody who can no longer register: that is a change of the inventory."""
    with_bob, without = holding(ANN, BOB), holding(ANN)

    assert said(with_bob, without) == said(with_bob, *[without] * 8) == {"Ann": SAME}
    assert said(without, with_bob, without, with_bob) == {"Ann": SAME, "Bob": NEWS}


def test_disabled_and_enabled_again() -> None:
    """Whoever can no longer register is gone, with the role and all, and appears again."""
    disabled = holding(user("Ann", enabled=False))

    assert said(holding(ANN), disabled) == {"Contoso": NONE}
    assert facts(holding(ANN), disabled, holding(ANN)) == [{"change": "appeared", "since": (NOW + 2 * DAY).isoformat()}]


def test_gained() -> None:
    """A further path is asked about while it is there; losing one is no event while another is left."""
    both = tenant(ANN, active=[grant(ANN, CUSTOM)], eligible=[grant(ANN, ADMIN, None)])

    assert said(holding(ANN), both) == {"Ann": NEWS}
    assert facts(holding(ANN), both, both) == [{"change": "gained", "paths": [f"{CUSTOM.id}|assigned|/"]}]
    assert said(holding(ANN), *[both] * 30) == {"Ann": NEWS}
    assert said(holding(ANN), both, holding(ANN)) == {"Ann": SAME}
    assert said(both, holding(ANN)) == {"Ann": SAME}


def test_what_was_settled_is_not_asked_about() -> None:
    """Changes of before events were remembered are settled, and later ones are not."""
    last, memory = looks(holding(ANN), holding(ANN, BOB), holding(ANN, BOB))
    old = {own: entry.model_copy(update={"settled": NOW + DAY}) for own, entry in memory.registrars.items()}
    both = tenant(ANN, BOB, active=[grant(BOB, CUSTOM)], eligible=[grant(ANN, ADMIN, None), grant(BOB, ADMIN, None)])
    settled = memory.model_copy(update={"registrars": old})

    assert judged("REG011", last, None, settled) == {"Ann": SAME, "Bob": SAME}
    assert judged("REG011", both.model_copy(update={"taken_at": NOW + 3 * DAY}), None, settled)["Bob"] == NEWS


def test_a_lasting_gain_needs_no_other_list() -> None:
    """A path that somebody gained for good is told although another list was not read; else that is open."""
    both = tenant(ANN, active=[grant(ANN, CUSTOM)], eligible=[grant(ANN, ADMIN, None)])

    assert said(holding(ANN), partly(both, "role_eligibilities"))["Ann"] == NEWS
    assert said(holding(ANN), partly(holding(ANN), "role_assignments"))["Ann"] == OPEN


def test_standing_instead_of_eligible() -> None:
    """Somebody whose eligible role became a standing one has gained a path."""
    assert said(holding(ANN), tenant(ANN, active=[grant(ANN, ADMIN)])) == {"Ann": NEWS}


def test_through_a_group() -> None:
    """The same role through another group is another path."""
    lists = path_group(ADMINS, members=[ANN])
    seen = tenant(ANN, ADMINS, active=[grant(ADMINS, ADMIN)], eligible=[grant(ANN, ADMIN, None)], groups=[lists])

    assert said(holding(ANN), seen) == {"Ann": NEWS}


def test_activating_is_no_news() -> None:
    """Whoever activates a role, or a membership through a feeder group, and drops it again is the same as before."""
    fed = group_grant(CREW, ADMINS, kind=None)
    joined = group_grant(ANN, ADMINS, kind="activated")
    held = [grant(ADMINS, ADMIN)]
    idle = path_group(ADMINS, eligibilities=[fed])
    busy = path_group(ADMINS, members=[ANN], assignments=[joined], eligibilities=[fed])
    crew = path_group(CREW, members=[ANN])
    people = (ANN, ADMINS, CREW)
    off = tenant(*people, active=held, eligible=[grant(ANN, ADMIN, None)], groups=[idle, crew])
    on = tenant(
        *people, active=[*held, grant(ANN, ADMIN, "Activated")], eligible=[grant(ANN, ADMIN, None)], groups=[busy, crew]
    )

    assert said(off, on, off) == said(off, on) == said(on, off) == {"Ann": SAME}
    assert said(off, partly(on, "groups/id-Admins/eligibilities", [])) == {"Ann": OPEN, "Contoso": OPEN}


def test_activated_while_the_feeder_was_not_read() -> None:
    """Whoever has activated what a list that was not read lets them has gained no path for that."""
    fed, joined = group_grant(CREW, ADMINS, kind=None), group_grant(ANN, ADMINS, kind="activated")
    lists = path_group(ADMINS, members=[ANN], assignments=[joined], eligibilities=[fed])
    groups = [lists, path_group(CREW, members=[ANN])]
    seen = tenant(ANN, ADMINS, CREW, active=[grant(ADMINS, ADMIN)], groups=groups)

    assert said(seen, partly(seen, "groups/id-Admins/eligibilities", [])) == {"Ann": OPEN, "Contoso": OPEN}


def test_activated_from_nothing() -> None:
    """What is activated without any eligible path that is known is told."""
    seen = tenant(ANN, active=[grant(ANN, ADMIN, "Activated"), grant(ANN, CUSTOM)])

    assert said(tenant(ANN, active=[grant(ANN, CUSTOM)]), seen) == {"Ann": NEWS}


IN_GROUP = tenant(
    *(ANN, BOB, ADMINS),
    active=[grant(ADMINS, ADMIN)],
    eligible=[grant(BOB, ADMIN, None)],
    groups=[path_group(ADMINS, members=[ANN], assignments=[group_grant(ANN, ADMINS)])],
)


@pytest.mark.parametrize(
    ("name", "bob", "everybody"),
    [
        ("role_assignments", NEWS, False),
        ("role_eligibilities", NEWS, False),
        ("principals", NEWS, False),
        ("groups/id-Admins/members", NEWS, False),
        ("groups/id-Admins/eligibilities", NEWS, False),
        ("groups/id-Admins/assignments", NEWS, True),
        ("organization", OPEN, True),
    ],
)
def test_unread_days(name: str, bob: str, *, everybody: bool) -> None:
    """Where a list was not read who appeared is told, and nobody is the same as before or gone for that reason."""
    cut = partly(IN_GROUP, name, [] if name == "organization" else None)
    last, memory = looks(holding(ANN), IN_GROUP)
    before = memory.model_copy(
        update={"registrars": {ANN.id: RememberedRegistrar(name="Ann", paths=dict.fromkeys(marks_of_ann()))}}
    )
    heard = judged("REG011", cut.model_copy(update={"taken_at": last.taken_at}), None, before)
    named = {name.replace(tenant().tenant_id, "Contoso"): word for name, word in heard.items()}

    assert named == {"Ann": OPEN, "Bob": bob} | ({} if everybody else {"Contoso": OPEN})


def marks_of_ann() -> list[str]:
    """Return the paths of Ann's in the group."""
    return [f"{ADMIN.id}|assigned|/|id-Admins:permanent"]


def test_plain_assignments_invent_no_path() -> None:
    """Where plain assignments take PIM's place for a day nobody has gained a path, and nobody is the same for sure."""
    seen = tenant(ANN, active=[grant(ANN, ADMIN)])

    assert said(seen, plain(seen)) == {"Ann": OPEN}
    assert said(seen, plain(seen), seen) == {"Ann": SAME}


def test_rows_of_members_invent_no_path() -> None:
    """Where a group was not read for a day, its member, whom PIM lists by the membership, has gained no path."""
    row = grant(ANN, ADMIN, None).model_copy(update={"member_type": "Group"})
    seen = tenant(
        *(ANN, ADMINS), eligible=[grant(ADMINS, ADMIN, None), row], groups=[path_group(ADMINS, members=[ANN])]
    )

    assert said(seen, partly(seen, "groups/id-Admins/members", [])) == {"Ann": OPEN, "Contoso": OPEN}


def test_attributes_not_read() -> None:
    """Of whom only type and id were read it is not said that they are gone, or there."""
    assert said(holding(ANN), holding(bare(ANN))) == {"id-Ann": OPEN}


def test_nobody_is_gone_who_was_not_looked_for() -> None:
    """Who is remembered and stands in a list that was not read is not called gone."""
    assert said(holding(ANN), partly(holding(ANN), "role_eligibilities", [])) == {"Contoso": OPEN}


@settings(deadline=None, derandomize=True, max_examples=examples(30))
@given(directories())
def test_the_next_day_is_no_news(seen: Snapshot) -> None:
    """Whoever looks again at a tenant that has not changed hears no news."""
    assert NEWS not in said(seen, seen).values()
