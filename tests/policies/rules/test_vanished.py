"""CON002: a connector that is gone is told, loudly where removal for inactivity cannot explain it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making import TENANT, connector, group, holds, snapshot, unread, without
from tests.policies.snapshots import on, said_of, seen_on, verdicts_of

if TYPE_CHECKING:
    from inventory.snapshot import Snapshot

PARIS = group("Paris")
PAR01, PAR02 = connector("PAR01"), connector("PAR02")
DOWN = connector("PAR02", status="inactive")
HIGH, LOW, PASS, NOTHING = "fail high", "fail low", "pass", {TENANT: "not_applicable"}


def holding(*connectors: object) -> Snapshot:
    """Return a tenant with these connectors."""
    return snapshot({PARIS: holds(*connectors)})  # type: ignore[arg-type]  # tables hold connectors as objects


BOTH, ONE, HALF = holding(PAR01, PAR02), holding(PAR01), holding(PAR01, DOWN)


def test_nothing_vanishes_before_a_second_scan() -> None:
    """The first full look has nothing to compare with, nor has a tenant that loses nothing."""
    assert said_of("CON002", seen_on(ONE)) == NOTHING
    assert said_of("CON002", seen_on(BOTH, BOTH)) == NOTHING
    assert said_of("CON002", seen_on(without(BOTH, "connectors"), ONE)) == NOTHING


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ({0: BOTH, 1: ONE}, HIGH),
        ({0: BOTH, 9.9: ONE}, HIGH),
        ({0: BOTH, 10: ONE}, LOW),
        ({0: BOTH, 1: HALF, 9: ONE}, HIGH),
        ({0: BOTH, 1: HALF, 10: HALF, 11: ONE}, LOW),
        ({0: HALF, 1: ONE}, LOW),
        ({0: BOTH, 1: ONE, 20: ONE}, HIGH),
        ({0: BOTH, 1: ONE, 30.9: ONE}, HIGH),
    ],
)
def test_how_loud(looks: dict[float, Snapshot], expected: str) -> None:
    """High where it was seen active less than 10 days before the first look without it, low where it was not."""
    assert said_of("CON002", looks) == {PAR02.id: expected}


def test_it_is_forgotten() -> None:
    """After 30 days, or as many as the policy says, a vanished connector is told no more."""
    assert said_of("CON002", {0: BOTH, 1: ONE, 31: ONE}) == NOTHING
    assert said_of("CON002", {0: BOTH, 1: ONE, 6: ONE}, {"forget_after_days": 5}) == NOTHING


def test_it_is_back() -> None:
    """A connector that returns passes, so that its finding is resolved as fixed; the day after it is no subject."""
    assert said_of("CON002", seen_on(BOTH, ONE, BOTH)) == {PAR02.id: PASS}
    assert said_of("CON002", seen_on(BOTH, ONE, BOTH, BOTH)) == NOTHING


def test_installed_anew() -> None:
    """Where the same machine has a newer connector the loss is low, and told; where that is gone as well it is not."""
    anew = connector("par02", key="anew")
    replaced = verdicts_of("CON002", seen_on(BOTH, holding(PAR01, anew)))

    assert replaced[PAR02.id].severity == "low"
    assert replaced[PAR02.id].evidence == {"replaced_by": "anew"}
    assert replaced[PAR02.id].volatile == {"gone_since": on(1).isoformat(), "last_active": on(0).isoformat()}
    assert said_of("CON002", seen_on(BOTH, holding(PAR01, anew), ONE)) == {PAR02.id: HIGH, "anew": HIGH}


def test_installed_anew_more_than_once() -> None:
    """The newest connector of the machine counts, however many came and went in between."""
    second, third = connector("PAR02", key="second"), connector("PAR02", key="third")
    looks = seen_on(BOTH, holding(PAR01, second), holding(PAR01, third))
    told = verdicts_of("CON002", looks)

    assert {own: (one.severity, one.evidence["replaced_by"]) for own, one in told.items()} == {
        PAR02.id: ("low", "third"),
        "second": ("low", "third"),
    }


def test_another_machine_of_the_same_name_replaces_nothing() -> None:
    """Two sites can each have a PROXY01; behind different addresses the loss of one is as bad as any."""
    there = connector("PAR02", key="oslo", ip="192.0.2.77")
    nowhere = connector("PAR02", key="oslo", ip=None)

    assert said_of("CON002", seen_on(BOTH, holding(PAR01, there))) == {PAR02.id: HIGH}
    assert said_of("CON002", seen_on(BOTH, holding(PAR01, nowhere))) == {PAR02.id: HIGH}


def test_a_machine_with_a_full_name_may_move() -> None:
    """A full domain name is one machine, whatever address it comes from."""
    first, second = (
        connector("par02.contoso.example", key=key, ip=ip) for key, ip in (("a", None), ("b", "192.0.2.9"))
    )

    assert said_of("CON002", seen_on(holding(PAR01, first), holding(PAR01, second))) == {"a": LOW}


def test_words() -> None:
    """The message says since when it is missing and when it was last active, in words for people."""
    told = verdicts_of("CON002", seen_on(BOTH, ONE))[PAR02.id]
    never = verdicts_of("CON002", seen_on(HALF, ONE))[PAR02.id]

    assert told.message == (
        "missing since 21 November 2026, last seen active on 20 November 2026; "
        "removal for inactivity, which takes 10 days, cannot explain it"
    )
    assert never.message.startswith("missing since 21 November 2026, never seen active; ")


@pytest.mark.parametrize("looks", [(BOTH,), (BOTH, BOTH), (BOTH, ONE)])
def test_an_unread_list_says_nothing(looks: tuple[Snapshot, ...]) -> None:
    """While the connectors cannot be read nobody knows what is missing."""
    assert said_of("CON002", seen_on(*looks, without(BOTH, "connectors"))) == {TENANT: "not_assessed"}


def test_unread_groups_do_not_matter() -> None:
    """Whatever is unread of groups, the list of connectors says who is there."""
    hidden = snapshot({PARIS: holds(members=unread())}, connectors=[PAR01])

    assert said_of("CON002", seen_on(BOTH, hidden)) == {PAR02.id: HIGH}
