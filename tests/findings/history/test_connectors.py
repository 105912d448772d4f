"""A connector's story out of the memory of looks at it, one a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from findings.document import TenantInfo
from findings.history.connectors import ConnectorTimeline, connector_timeline
from findings.history.findings import history
from findings.state.document import ScanMeta, State
from findings.state.lifecycle import apply
from inventory.history_records import InventoryMemory
from inventory.memory import STEPS_KEPT, remember_inventory
from policies.memory import Memory
from tests.findings.state.lifecycle_data import RULES, verdict
from tests.making import NOW, connector, group, holds, snapshot, without

if TYPE_CHECKING:
    from inventory.models import Connector, ConnectorGroup
    from inventory.snapshot import Snapshot

PARIS, LAB = group("Paris"), group("Lab")
OWN = "id-A"


def on(day: int) -> datetime:
    """Return the moment of the look of a day, counted from the first."""
    return NOW + timedelta(days=day - 1)


def seen(own: Connector | None = None, where: ConnectorGroup = PARIS) -> Snapshot:
    """Return a tenant that holds one connector in a group, beside another connector that never moves; or only that."""
    held: dict[ConnectorGroup, list[Connector]] = {PARIS: [connector("Z")], LAB: []}
    if own:
        held[where].append(own)
    return snapshot({one: holds(*members) for one, members in held.items()})


A = seen(connector("A", version="1.5.1.0"))
NEWER = seen(connector("A", version="1.5.2.0"))
MOVED = seen(connector("A", version="1.5.2.0"), LAB)
IDLE = seen(connector("A", version="1.5.2.0", status="inactive"), LAB)
RENAMED = seen(connector("B", key=OWN, version="1.5.2.0"), LAB)
NONE = seen()
UNREAD = without(A, "connectors")


def remembered(*days: Snapshot) -> InventoryMemory:
    """Return what is remembered after one look a day."""
    memory = InventoryMemory()
    for day, look in enumerate(days, start=1):
        memory = remember_inventory(memory, look.model_copy(update={"taken_at": on(day)}))
    return memory


def steps(*days: Snapshot) -> list[tuple[int, str, str | None, str | None]]:
    """Return the steps of the connector after these days: day, what, before, after."""
    story = connector_timeline(OWN, remembered(*days), ())
    return [((step.at - NOW).days + 1, step.what, step.before, step.after) for step in story.steps]


FIRST = (1, "first_seen", None, None)
UPDATED = "updated", "1.5.1.0", "1.5.2.0"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([A, A, A], [FIRST]),
        ([NONE, NONE, A], [(3, "first_seen", None, None)]),
        ([A, NEWER], [FIRST, (2, *UPDATED)]),
        ([A, UNREAD, NEWER], [FIRST, (3, *UPDATED)]),
        ([NEWER, MOVED], [FIRST, (2, "moved", "Paris", "Lab")]),
        ([A, MOVED], [FIRST, (2, *UPDATED), (2, "moved", "Paris", "Lab")]),
        ([MOVED, IDLE, IDLE], [FIRST, (2, "inactive", None, None)]),
        ([MOVED, IDLE, MOVED], [FIRST]),
        ([MOVED, IDLE, NONE, NONE], [FIRST, (2, "inactive", None, None), (3, "gone", None, None)]),
        ([A, NONE, NONE, A], [FIRST, (2, "gone", None, None), (4, "back", None, None)]),
        ([A, UNREAD, A], [FIRST]),
        ([MOVED, RENAMED], [FIRST, (2, "renamed", "A", "B")]),
        (
            [A, NEWER, MOVED, IDLE, NONE, MOVED],
            [
                FIRST,
                (2, *UPDATED),
                (3, "moved", "Paris", "Lab"),
                (5, "gone", None, None),
                (6, "back", None, None),
            ],
        ),
    ],
)
def test_steps(days: list[Snapshot], expected: list[tuple[int, str, str | None, str | None]]) -> None:
    """After these looks, one a day, the connector has this story; a look that read nothing is no step."""
    assert steps(*days) == expected


def story(memory: InventoryMemory, own: str = OWN) -> ConnectorTimeline:
    """Return a connector's story without findings."""
    return connector_timeline(own, memory, ())


def test_what_it_is_today() -> None:
    """The story ends with what the newest look showed, and begins with how sure its age is."""
    own = story(remembered(NONE, A, MOVED, IDLE))

    assert (own.name, own.version, own.group) == ("A", "1.5.2.0", "Lab")
    assert (own.first_seen, own.not_seen_at, own.from_start) == (on(2), on(1), False)
    assert (own.last_seen, own.last_active, own.inactive_since, own.gone_at) == (on(4), on(3), on(4), None)
    assert (own.cut, own.replaces, own.replaced_by) == (False, None, None)
    assert story(remembered(A)).from_start


def test_a_reinstalled_machine() -> None:
    """Two connectors of one machine name are told apart by id, and each names the other."""
    again = seen(connector("A", key="id-new", version="1.5.2.0"))

    memory = remembered(A, again)

    assert story(memory).replaced_by == "id-new"
    assert story(memory, "id-new").replaces == OWN


def test_a_group_that_is_forgotten_goes_by_its_id() -> None:
    """Where a group's name is not remembered, its id is told."""
    memory = remembered(NEWER, MOVED).model_copy(update={"groups": {}})

    assert story(memory).steps[-1].model_dump(exclude={"at"}) == {
        "what": "moved",
        "before": "id-Paris",
        "after": "id-Lab",
    }


def test_a_connector_without_a_known_group() -> None:
    """A connector whose version and group nobody could read has none in its story."""
    memory = remembered(without(seen(connector("A", version=None)), "connector_groups"))

    assert (story(memory).version, story(memory).group) == (None, None)


def test_gone_is_told_when_the_list_of_changes_has_moved_on() -> None:
    """That a connector is gone is kept in its own life, however much has moved since."""
    memory = remembered(A, NONE).model_copy(update={"changes": ()})

    assert [step.what for step in story(memory).steps] == ["first_seen", "gone"]


def test_a_long_story_says_that_it_is_cut() -> None:
    """Where no older version is kept, the story says so."""
    looks = [seen(connector("A", version=f"1.5.{number}.0")) for number in range(STEPS_KEPT + 5)]

    own = story(remembered(*looks))

    assert own.cut
    assert len(own.steps) == STEPS_KEPT


def test_connectors_in_the_tenants_story() -> None:
    """The tenant's story holds all connectors by name, what moved, and whose findings are whose."""
    scan = ScanMeta(id="s", taken_at=on(2), trigger="x", complete=True, evidence_sha256="")
    about = verdict(rule="VER001").subject.model_copy(update={"type": "connector", "id": OWN, "name": "A"})
    state = State.new(TenantInfo(id="t", name="T")).model_copy(
        update={"memory": Memory(inventory=remembered(A, NEWER)), "scans": (scan,)}
    )
    later = ScanMeta(id="s2", taken_at=on(3), trigger="x", complete=True, evidence_sha256="")
    told = history(apply(state, later, [verdict(rule="VER001", subject=about), verdict()], RULES))

    assert [(own.name, own.findings) for own in told.connectors] == [("A", (f"VER001/{OWN}",)), ("Z", ())]
    assert [(change.kind, change.subject.name, change.before, change.after) for change in told.changes] == [
        ("updated", "A", "1.5.1.0", "1.5.2.0")
    ]
