"""CAP001: what the policy states of a group against Microsoft's published capacities, less one machine."""

from __future__ import annotations

import pytest

from policies.capacity import FIGURES, Source, capacity_of
from tests.making import TENANT, application, connector, evidence, group, holds, snapshot, unread, without
from tests.policies.judging import said, verdicts

PARIS, LYON = group("Paris"), group("Lyon")
ONE, TWO, OFF = connector("PAR01"), connector("PAR02"), connector("PAR03", status="inactive")
TWIN = connector("PAR01.contoso.example", key="a"), connector("par01.contoso.example", key="b")
BOTH = snapshot({PARIS: holds(ONE, TWO, apps=[application()]), LYON: holds()})
PASS, INFO, NOT, OPEN = "pass", "fail info", "not_applicable", "not_assessed"


def stating(cores: int = 4, memory_gb: int = 8, requests_per_second: int = 300, **group_: object) -> dict[str, object]:
    """Return a policy that states what Paris must carry."""
    figures = {"cores": cores, "memory_gb": memory_gb, "requests_per_second": requests_per_second}
    return {"groups": {"Paris": {"capacity": figures} | group_}}


@pytest.mark.parametrize(
    ("source", "cores", "memory_gb", "expected"),
    [
        ("concept-2026", 4, 8, 2000),
        ("concept-2026", 64, 256, 2000),
        ("concept-2026", 3, 64, None),
        ("concept-2026", 4, 7, None),
        ("table-2023", 2, 8, 586),
        ("table-2023", 4, 8, 586),
        ("table-2023", 4, 16, 1150),
        ("table-2023", 15, 64, 1190),
        ("table-2023", 16, 64, 1200),
        ("table-2023", 1, 64, None),
    ],
)
def test_published_figures(source: Source, cores: int, memory_gb: int, expected: int | None) -> None:
    """A server counts as the largest published size that it reaches in both cores and memory, or as none."""
    assert capacity_of(source, cores, memory_gb) == expected


@pytest.mark.parametrize("source", FIGURES)
def test_larger_servers_carry_more(source: Source) -> None:
    """The figures of each source stand in order, so that the last one reached is the best."""
    assert list(FIGURES[source]) == sorted(FIGURES[source])
    assert [one.requests_per_second for one in FIGURES[source]] == sorted(
        one.requests_per_second for one in FIGURES[source]
    )


def test_no_figures() -> None:
    """While the policy states nothing the rule does not apply, and says so once, for the tenant."""
    assert said("CAP001", BOTH) == {TENANT: NOT}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (stating(requests_per_second=2000), PASS),
        (stating(requests_per_second=2001), INFO),
        (stating(requests_per_second=587) | {"capacity_figures": "table-2023"}, INFO),
        (stating(requests_per_second=586) | {"capacity_figures": "table-2023"}, PASS),
        (stating(cores=2), OPEN),
        (stating(requests_per_second=9000, purpose="parking"), NOT),
    ],
)
def test_one_machine_is_lost(stated: dict[str, object], expected: str) -> None:
    """Of two active machines one has to carry all, by the figures that the policy chooses."""
    assert said("CAP001", BOTH, stated) == {PARIS.id: expected}


@pytest.mark.parametrize(
    ("members", "left"),
    [((), 0), ((ONE,), 0), ((ONE, OFF), 0), (TWIN, 0), ((ONE, TWO), 2000), ((ONE, TWO, *TWIN), 4000)],
)
def test_distinct_active_machines_count(members: tuple[object, ...], left: int) -> None:
    """Inactive connectors, and a second one on a machine, carry nothing."""
    seen = snapshot({PARIS: holds(*members)})  # type: ignore[arg-type]  # tables hold connectors as objects

    assert verdicts("CAP001", evidence(seen, policy=stating()))[PARIS.id].evidence["left"] == left


def test_words_and_evidence() -> None:
    """The verdict says what is left and what is wanted, and by which figures."""
    verdict = verdicts("CAP001", evidence(BOTH, policy=stating(requests_per_second=2500)))[PARIS.id]

    assert verdict.message == "2 active machines; with one lost, 2000 requests a second of 2500 can be carried"
    assert verdict.evidence == {
        "active_machines": 2,
        "each": 2000,
        "left": 2000,
        "wanted": 2500,
        "source": "concept-2026",
    }


def test_unread() -> None:
    """Without a group's members nobody knows what it carries; without the groups, not even which there are."""
    hidden = snapshot({PARIS: holds(members=unread())})

    assert said("CAP001", hidden, stating()) == {PARIS.id: OPEN}
    assert said("CAP001", without(BOTH, "connector_groups"), stating()) == {TENANT: OPEN}
    assert said("CAP001", without(BOTH, "connector_groups")) == {TENANT: OPEN}


def test_words_and_evidence_where_nothing_is_compared() -> None:
    """Where the rule does not apply or has no figure, it says why, with what it knows."""
    parked = verdicts("CAP001", evidence(BOTH, policy=stating(purpose="parking")))[PARIS.id]
    small = verdicts("CAP001", evidence(BOTH, policy=stating(cores=2)))[PARIS.id]

    assert (parked.message, parked.evidence) == (
        "the policy says that this group is for parking",
        {"purpose": "parking"},
    )
    assert small.message == "concept-2026 has no figure for a server of 2 cores and 8 GB"
    assert small.evidence == {"active_machines": 2, "source": "concept-2026"}
