"""Who can register connectors, and who no longer can, as changes of the inventory."""

from __future__ import annotations

import pytest

from policies.memory import Memory
from policies.registration.events import memory_after
from tests.making import evidence
from tests.people import grant, user
from tests.policies.registration.directory import ADMIN, partly, tenant
from tests.policies.snapshots import at

ANN, BOB, OFF = user("Ann"), user("Bob"), user("Bob", enabled=False)
BOTH = tenant(ANN, BOB, active=[grant(ANN, ADMIN), grant(BOB, ADMIN)])
ONE = tenant(ANN, BOB, active=[grant(ANN, ADMIN)])
DISABLED = tenant(ANN, OFF, active=[grant(ANN, ADMIN), grant(OFF, ADMIN)])
HIDDEN = partly(ONE, "role_eligibilities")


@pytest.mark.parametrize(
    ("scans", "expected"),
    [
        pytest.param([BOTH], [], id="nobody is new at the first scan"),
        pytest.param([BOTH, BOTH], [], id="nothing moved"),
        pytest.param([ONE, BOTH], [(1, "new", "Bob")], id="given the role"),
        pytest.param([BOTH, ONE], [(1, "gone", "Bob")], id="the role was taken away"),
        pytest.param([BOTH, DISABLED], [(1, "gone", "Bob")], id="disabled"),
        pytest.param([BOTH, ONE, ONE, BOTH], [(1, "gone", "Bob"), (3, "back", "Bob")], id="given the role again"),
        pytest.param([BOTH, HIDDEN, ONE], [(2, "gone", "Bob")], id="not before everything was read"),
        pytest.param([BOTH, HIDDEN], [], id="a role that was not read took nobody away"),
    ],
)
def test_people_in_the_inventory(scans: list[object], expected: list[tuple[int, str, str]]) -> None:
    """Each person who comes, goes or comes back as a registrar is one change at the scan that shows it."""
    memory, moments = Memory(), {}
    for day, seen in enumerate(scans):
        now = at(seen, day)  # type: ignore[arg-type]  # snapshots
        moments[now.taken_at] = day
        memory = memory_after(memory, evidence(now, memory=memory))

    changes = [change for change in memory.inventory.changes if change.what == "principal"]
    assert [(moments[change.at], change.kind, change.name) for change in changes] == expected
