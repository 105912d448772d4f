"""What evidence finds out about registrars: once, and anew for a copy with another policy or snapshot."""

from __future__ import annotations

import pytest

from common.errors import NotReadError
from policies.policy_file.model import Policy
from policies.registration.holders import Completeness
from tests.making import evidence
from tests.people import grant, path_group, user
from tests.policies.registration.directory import ADMIN, partly, team, tenant

ANN = user("Ann")
HELD = tenant(ANN, active=[grant(ANN, ADMIN)])


def test_found_once() -> None:
    """Holders are looked for once, however many rules ask, and can be had by id."""
    judged = evidence(HELD)

    assert judged.holders is judged.holders
    assert judged.holder_by_id[ANN.id] is judged.holders[0]


def test_copies_find_anew() -> None:
    """A copy with another policy or another snapshot does not go by what the first one found."""
    judged = evidence(HELD, policy={"expected_registrars": ["ann@contoso.example"]})
    assert judged.expected.includes(ANN, ANN.id) is True
    assert len(judged.holders) == 1
    judged.need(Completeness.EVERYTHING)

    assert judged.model_copy(update={"policy": Policy()}).expected.includes(ANN, ANN.id) is False
    assert judged.model_copy(update={"snapshot": tenant()}).holders == ()
    with pytest.raises(NotReadError, match="role_assignments was not read"):
        judged.model_copy(update={"snapshot": partly(HELD, "role_assignments")}).need(Completeness.ACTIVE)


def test_errors_are_new_each_time() -> None:
    """What cannot be found out is told each time anew, by the same words."""
    gap = evidence(partly(HELD, "principals"))
    teams = [team(f"Team {number}") for number in range(12)]
    tangled = evidence(
        tenant(*teams, active=[grant(teams[0], ADMIN)], groups=[path_group(one, members=teams) for one in teams])
    )

    for ask in (
        lambda: gap.need(Completeness.ACTIVE),
        lambda: tangled.holders,
        lambda: tangled.need(Completeness.ACTIVE),
    ):
        with pytest.raises(NotReadError) as first:
            ask()
        with pytest.raises(NotReadError) as second:
            ask()
        assert (str(first.value), first.value is second.value) == (str(second.value), False)
