"""Which failures the doctor tells as one, what of them is only the first one's, and the order of what is to be done."""

from __future__ import annotations

import pytest
from rich.console import Console

from common.errors import FailedError, ReadError, ThrottledError
from connectorwatch.doctor.costs import costs_table
from connectorwatch.doctor.diagnose import graph_checks, untried
from connectorwatch.doctor.document import Check, DoctorDocument
from connectorwatch.doctor.show import show
from inventory.gate import Patience
from inventory.permissions import NEEDS
from tests.connectorwatch.doctor.test_telling import OPAQUE, denied, signer


def failed(**errors: ReadError) -> list[Check]:
    """Return what is told of these failures, all else being read."""
    outcomes = {**denied(), **errors}
    checks = graph_checks(tuple(outcomes.items()), signer(OPAQUE), costs_table())
    return [check for check in checks if check.state == "missing"]


@pytest.mark.parametrize("code", ["", "http_500"])
def test_what_failed_for_another_reason_is_another_thing(code: str) -> None:
    """One code, or none, with two reasons is two things, each with its own words and advice."""
    found = failed(
        audit=FailedError("the list does not end", code=code, advice="Raise the limit."),
        organization=FailedError("Graph answered 500", code=code, advice="Scan again."),
    )

    assert [(check.lists, check.mend) for check in found] == [
        (("organization",), ("Scan again.",)),
        (("audit",), ("Raise the limit.",)),
    ]
    assert "does not end" in found[1].message


def test_the_request_id_of_one_is_not_told_of_all() -> None:
    """Each answer has an id of its own: the one that is told is said to be the first's."""
    (both,) = failed(
        organization=FailedError("no", code="x", request_id="id-1"),
        audit=FailedError("no", code="x", request_id="id-2"),
    )
    (one,) = failed(audit=FailedError("no", code="x", request_id="id-2"))

    assert (both.lists, "request id of the first id-1" in both.message) == (("organization", "audit"), True)
    assert "request id id-2" in one.message


def test_how_long_each_list_waited_makes_no_two_things() -> None:
    """Lists that were throttled are one thing, whose seconds are said to be the first's; an outage is another."""
    busy = [Patience(tries=3, waited=seconds).gave_up(429) for seconds in (7.0, 9.0)]
    found = failed(organization=busy[0], connectors=busy[1], audit=Patience(tries=3).gave_up(503))

    assert [(check.code, check.lists) for check in found] == [
        ("throttled", ("organization", "connectors")),
        ("unavailable", ("audit",)),
    ]
    assert "could not be read, the first: Graph refused 3 times, with 7 s" in found[0].message
    assert "throttled" not in found[1].message
    assert "limit" not in found[1].mend[0]


def test_an_outage_keeps_the_status_of_its_section() -> None:
    """What stands in stored documents is the word that stood there before."""
    assert isinstance(Patience().gave_up(503), ThrottledError)
    assert Patience().gave_up(503).status == "throttled"


def test_why_lists_were_not_tried() -> None:
    """A list of what could not be listed is told apart from one of what is not there."""
    outcomes: dict[str, ReadError | None] = {
        kind: error for kind, error in denied().items() if "/" not in kind and kind != "principals"
    }
    outcomes["connector_groups"] = FailedError("no")
    said = {check.lists: check.message for check in untried(outcomes)}

    assert said[("connector_groups/members", "connector_groups/applications")].endswith(
        "connector groups could not be listed"
    )
    (groups,) = (text for lists, text in said.items() if "groups/members" in lists)
    assert groups.endswith("there is no group to try them on")
    assert {kind for lists in said for kind in lists} == set(NEEDS) - set(outcomes)


def steps(*mends: tuple[str, ...]) -> list[str]:
    """Return what is printed of checks that are mended so."""
    checks = (
        Check(area="graph", name=str(place), state="missing", message="no", mend=m) for place, m in enumerate(mends)
    )
    console = Console(width=80)
    with console.capture() as kept:
        show(DoctorDocument(tenant=None, graph="g", identity=None, requests=0, checks=tuple(checks)), console)
    lines = kept.get().splitlines()
    return lines[lines.index("What to do") + 1 :]


@pytest.mark.parametrize(
    ("mends", "expected"),
    [
        ((("grant", "again"), ("clock",)), ["grant", "again", "clock"]),
        ((("clock",), ("grant", "again"), ("network",)), ["clock", "grant", "again", "network"]),
        ((("grant", "again"), ("clock",), ("grant", "again", "else")), ["grant", "again", "else", "clock"]),
        ((("add A", "consent"), ("clock",), ("add B", "consent")), ["add A", "add B", "consent", "clock"]),
        ((("a", "a", "b"),), ["a", "b"]),
        ((("a", "b"), ("b", "a")), ["a", "b"]),
        ((("a", "b"), ("b", "x", "a")), ["x", "a", "b"]),
    ],
)
def test_the_steps_of_a_check_stay_together(mends: tuple[tuple[str, ...], ...], expected: list[str]) -> None:
    """What follows a step follows it at once, each step stands once, and no order that checks give ends the doctor."""
    assert steps(*mends) == expected


def test_what_stops_is_counted_apart() -> None:
    """One thing that stops among four is one."""
    lacking = Check(area="graph", name="x", state="missing", message="no", costs=("CON005",))
    stopping = Check(area="storage", name="storage", state="missing", message="no", stops=True, costs=("GRP001",))
    document = DoctorDocument(
        tenant=None, graph="g", identity=None, requests=0, checks=(stopping, lacking, lacking, lacking)
    )
    console = Console(width=200)
    with console.capture() as kept:
        show(document, console)

    assert (
        "Nothing can be scanned until this is mended: storage. "
        "3 further things are missing; without them 1 rule cannot judge everything."
    ) in kept.get()
