"""A scan remembered whole: which of its changes the policy made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from findings.document import TenantInfo
from findings.state.apply_scan import remembered
from findings.state.document import ScanMeta, State
from inventory.snapshot import Snapshot
from policies.evaluate import evaluate
from policies.policy_file.model import Policy
from policies.rules import RULES
from tests.making import (
    NOW,
    TENANT,
    UNSUPPORTED,
    application,
    blind,
    connector,
    evidence,
    group,
    holds,
    snapshot,
    without,
)

PARIS = group("Paris")
APPS = [application()]
ONE = holds(connector("A"), apps=APPS)
TWO = holds(connector("A"), connector("B"), apps=APPS)
OLD = holds(connector("A", version=UNSUPPORTED), connector("B"), apps=APPS)
GRP, VER = "GRP001/id-Paris", "VER001/id-A"
Policies = dict[str, Any]
PLAIN: Policies = {}
THREE: Policies = {"min_active_connectors": 3}
SINGLE: Policies = {"min_active_connectors": 1}
PARKED: Policies = {"groups": {"Paris": {"purpose": "parking"}}}
LOUD: Policies = {"rules": {"GRP001": {"severity": "critical"}}}
WAIVER = {
    "id": "paris",
    "rule": "GRP001",
    "subject": "id-Paris",
    "from": "2026-11-20",
    "until": "2026-11-21",
    "reason": "The second machine is ordered.",
    "owner": "lena@contoso.example",
}
"""A waiver of the first and the second day."""
WAIVED: Policies = {"waivers": [WAIVER]}
LONGER: Policies = {"waivers": [WAIVER | {"until": "2026-12-20"}]}
VOID: Policies = {"waivers": [{name: said for name, said in WAIVER.items() if name != "owner"}]}
NO_GRP: Policies = {"rules": {"GRP001": {"enabled": False}}}


def scanned(state: State, seen: Snapshot, policy: Policies, day: int) -> State:
    """Return the state after one more scan, judged by the real rules."""
    at = NOW + timedelta(days=day)
    judged = evidence(seen.model_copy(update={"taken_at": at}), policy=policy, scan_id=f"scan-{day}")
    meta = ScanMeta(id=f"scan-{day}", taken_at=at, trigger="schedule", complete=True, evidence_sha256="")
    return remembered(state, meta, judged, evaluate(judged, RULES))


def after(*days: tuple[Any, Policies]) -> State:
    """Return the state after days on which Paris held this under that policy; a snapshot is taken as it is."""
    state = State.new(TenantInfo(id=TENANT, name="Contoso"))
    for day, (held, policy) in enumerate(days):
        seen = held if isinstance(held, Snapshot) else snapshot({PARIS: held})
        state = scanned(state, seen, policy, day)
    return state


def told(state: State, key: str) -> tuple[str | None, str | None, str | None]:
    """Return what the newest scan tells of a finding: the change, by what it was resolved, and its cause."""
    life = state.lifecycle_of(key, state.scans[-1].id)
    return (life.change, life.resolved_by, life.cause) if life else (None, None, None)


CASES: dict[str, tuple[list[tuple[Any, Policies]], tuple[str | None, str | None, str | None]]] = {
    "a first scan knows no policy before": ([(ONE, PLAIN)], ("new", None, None)),
    "the tenant opens it": ([(TWO, PLAIN), (ONE, PLAIN)], ("new", None, None)),
    "the policy opens it": ([(TWO, PLAIN), (TWO, THREE)], ("new", None, "policy")),
    "the tenant opens it on the day of another policy": ([(TWO, PLAIN), (ONE, LOUD)], ("new", None, None)),
    "the policy closes it": ([(ONE, PLAIN), (ONE, SINGLE)], ("resolved", "fixed", "policy")),
    "the policy calls it a parking place": ([(ONE, PLAIN), (ONE, PARKED)], ("resolved", "not_applicable", "policy")),
    "the tenant closes it": ([(ONE, PLAIN), (TWO, PLAIN)], ("resolved", "fixed", None)),
    "the tenant closes it on the day of another policy": (
        [(ONE, PLAIN), (TWO, SINGLE)],
        ("resolved", "fixed", None),
    ),
    "the policy makes it louder": ([(ONE, PLAIN), (ONE, LOUD)], ("changed", None, "policy")),
    "the rule is switched off": ([(ONE, PLAIN), (ONE, NO_GRP)], ("resolved", "rule_disabled", "policy")),
    "the rule is switched off on the day of a repair": (
        [(ONE, PLAIN), (TWO, NO_GRP)],
        ("resolved", "rule_disabled", "policy"),
    ),
    "the rule is switched on again": ([(ONE, PLAIN), (ONE, NO_GRP), (ONE, PLAIN)], ("reopened", None, "policy")),
    "the policy before is the last one, not the first": (
        [(TWO, PLAIN), (TWO, THREE), (TWO, PLAIN), (ONE, PLAIN)],
        ("reopened", None, None),
    ),
    "a day later nothing is told": ([(TWO, PLAIN), (TWO, THREE), (TWO, THREE)], (None, None, None)),
}


@pytest.mark.parametrize(("days", "expected"), CASES.values(), ids=CASES)
def test_cause(days: list[tuple[Any, Policies]], expected: tuple[str | None, str | None, str | None]) -> None:
    """After these days the newest scan tells this change of the group's redundancy, and this cause."""
    assert told(after(*days), GRP) == expected


OVER, COVERED = ("outcome", "waived", "fail"), ("outcome", "fail", "waived")
Moved = tuple[str, object, object]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([(ONE, WAIVED)], ("new", None, [])),
        ([(ONE, PLAIN), (ONE, WAIVED)], ("changed", "policy", [COVERED])),
        ([(ONE, WAIVED), (ONE, WAIVED)], (None, None, [])),
        ([(ONE, WAIVED), (ONE, WAIVED), (ONE, WAIVED)], ("changed", None, [OVER])),
        ([(ONE, WAIVED), (ONE, PLAIN)], ("changed", "policy", [OVER])),
        ([(ONE, WAIVED), (ONE, VOID)], ("changed", "policy", [OVER])),
        ([(ONE, WAIVED), (ONE, WAIVED), (ONE, LONGER)], (None, None, [])),
        ([(ONE, WAIVED), (ONE, WAIVED), (ONE, WAIVED), (ONE, LONGER)], ("changed", "policy", [COVERED])),
        ([(ONE, WAIVED), (ONE, WAIVED), (ONE, PLAIN)], ("changed", None, [OVER])),
        ([(ONE, WAIVED), (TWO, WAIVED)], ("resolved", None, [])),
        ([(ONE, WAIVED), (TWO, WAIVED), (ONE, WAIVED)], ("reopened", None, [OVER])),
    ],
    ids=[
        "waived from the start",
        "a waiver is written",
        "a waiver goes on",
        "a waiver is over",
        "a waiver is taken away",
        "a waiver becomes void",
        "a waiver is made longer in time",
        "a waiver is made longer too late",
        "a waiver that was over is taken away",
        "what was waived is mended",
        "what was waived and mended fails after the waiver",
    ],
)
def test_a_waivers_story(
    days: list[tuple[Any, Policies]], expected: tuple[str | None, str | None, list[Moved]]
) -> None:
    """What the calendar ends has no cause; what somebody wrote into the policy has that; what moved is the outcome."""
    state = after(*days)
    life = state.lifecycle_of(GRP, state.scans[-1].id)

    assert life is not None
    assert (life.change, life.cause, [(fact.what, fact.before, fact.after) for fact in life.moved]) == expected


def test_one_scan_tells_the_tenants_change_beside_the_policys() -> None:
    """What the policy did carries its name, and what the tenant did on the same day does not."""
    state = after((TWO, PLAIN), (OLD, THREE))

    assert (told(state, GRP), told(state, VER)) == (("new", None, "policy"), ("new", None, None))


def test_the_story_carries_the_cause() -> None:
    """The step that the policy made says so in the finding's story, and the others do not."""
    events = after((ONE, PLAIN), (ONE, NO_GRP), (ONE, NO_GRP)).findings[GRP].events

    assert [(event.change, event.cause) for event in events] == [("new", None), ("resolved", "policy")]


def test_a_later_change_of_the_tenant_is_not_the_policys() -> None:
    """The cause of one change is not left standing beside the next."""
    assert told(after((TWO, PLAIN), (TWO, THREE), (ONE, THREE)), GRP) == ("changed", None, None)


@pytest.mark.parametrize("kept", [None, {"version": 99}, {"min_active_connectors": "many"}])
def test_an_unknown_policy_causes_nothing(kept: dict[str, Any] | None) -> None:
    """Where the policy before is not kept or not understood, no change is laid at its door."""
    before = after((TWO, PLAIN)).model_copy(update={"policy": kept})

    assert before.judged_by() is None
    assert told(scanned(before, snapshot({PARIS: TWO}), THREE, 1), GRP) == ("new", None, None)


def test_the_policy_that_judged_last_is_kept() -> None:
    """The state names the newest scan's effective policy, also where that scan could read nothing."""
    state = after((TWO, PLAIN), (blind(), THREE))

    assert state.judged_by() == Policy(min_active_connectors=3)


def test_keys_of_a_newer_policy_survive() -> None:
    """A key that this version does not know is no change of policy, and is still there when the document is written."""
    state = after((TWO, PLAIN))
    newer = State.from_bytes(state.model_copy(update={"policy": {**(state.policy or {}), "later": [1]}}).to_bytes())

    assert newer.policy is not None
    assert newer.policy["later"] == [1]
    assert newer.judged_by() == Policy()


def test_a_scan_counts_once() -> None:
    """A scan that was applied already, or that a newer one superseded, adds no number and changes no policy."""
    state = after((TWO, PLAIN), (ONE, PLAIN))

    assert scanned(state, snapshot({PARIS: ONE}), THREE, 1) is state
    assert scanned(state, snapshot({PARIS: ONE}), THREE, 0) is state
    assert scanned(state, snapshot({PARIS: ONE}), THREE, -1) is state
    assert [point.scan for point in state.trend] == ["scan-0", "scan-1"]


def test_an_unread_day_under_another_policy_tells_nothing() -> None:
    """Where nobody could look, another policy moves nothing either."""
    state = after((ONE, PLAIN), (without(snapshot({PARIS: ONE}), "connector_groups"), THREE))

    assert told(state, GRP) == (None, None, None)
    assert state.findings[GRP].stale


def test_another_name_is_no_change() -> None:
    """A group and machines that were renamed keep their findings, and nothing is told as moved."""
    old, idle = connector("A", version=UNSUPPORTED), connector("B", status="inactive")
    renamed = group("London", key="id-Paris")
    now = [connector("C", key="id-A", version=UNSUPPORTED), connector("D", key="id-B", status="inactive")]

    state = after((holds(old, idle, apps=APPS), PLAIN), (snapshot({renamed: holds(*now, apps=APPS)}), PLAIN))

    assert {key for key, found in state.findings.items() if found.change_scan != "scan-0"} == set()
    assert {state.findings[key].subject.name for key in (GRP, VER, "CON001/id-B")} == {"London", "C", "D"}
