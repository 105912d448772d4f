"""Sixty days of one small tenant in which people do what they should not, and what is answered, as a script."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from connectorwatch.scanning.answers import stored_answers
from connectorwatch.usecases.answer import AnswerRequest, answer_in_policy, answer_in_store
from connectorwatch.usecases.history import stored_state
from tests.e2e.running import variant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectorwatch.usecases.answer import GivenAnswer
    from findings.state.record import FindingState
    from findings.stores.folder import FolderStore
    from policies.policy_file.answers import AnswerVerdict
    from simulator import Tenant

START = datetime(2026, 9, 22, 6, 0, tzinfo=UTC)
"""The morning of the first scan."""
DAYS = [day for day in range(60) if not 20 <= day < 28]
"""The days with a scan: one every morning, but for a week in the holidays."""
VERSION = "1.5.4522.0"
POLICY = "version: 1\nforget_after_days: 1\n"
PLAN = "expected_connectors:\n  - machine: HQ-PNC03.clean.example\n    group: Head office\n    reason: CHG-7\n"
ANSWERS: dict[int, tuple[tuple[str, AnswerVerdict, Literal["store", "policy"]], ...]] = {
    46: (
        ("CON003 rogue", "wrong", "store"),
        ("CON005 GHOST-1", "handled", "policy"),
        ("REG011 nora", "expected", "store"),
    ),
    53: (("CON003 branch", "handled", "policy"),),
    55: (("REG011 nora", "expected", "policy"),),
    58: (("CON003 branch", "expected", "store"),),
}
"""What somebody answers an hour before a day's scan, and where that is kept; nobody answers in the holidays."""


def morning(day: int) -> datetime:
    """Return the time of a day's scan."""
    return START + timedelta(days=day)


def _registration(day: int, machine: str, key: str | None) -> dict[str, Any]:
    """Return the audit log's line about a connector that Sven registered the evening before; he holds no role."""
    at = (morning(day) - timedelta(hours=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    target = {"name": machine} if key is None else {"name": machine, "id": f"connector:{key}"}
    return {"activity": "Register connector", "at": at, "by": "sven", "targets": [target]}


def _eligible(who: str, role: str) -> dict[str, str]:
    return {"principal": who, "role": role, "kind": "eligible", "start": "2026-02-02T08:00:00Z"}


def _connector(key: str, change: dict[str, str] | None) -> dict[str, Any]:
    """Return a change of one connector in the group that carries the applications; None where it goes."""
    return {"connector_groups": {"head-office": {"connectors": {key: change}}}}


CHANGES: dict[int, tuple[dict[str, Any], ...]] = {
    # Sven, who holds no role that allows it, registers a connector among the applications.
    5: (
        _connector("rogue", {"name": "LAPTOP-9", "ip": "192.0.2.66", "version": VERSION}),
        {"audit": {"rogue": _registration(5, "LAPTOP-9", "rogue")}},
    ),
    # And another one, which is gone before any scan.
    8: ({"audit": {"ghost": _registration(8, "GHOST-1", None)}},),
    10: ({"assignments": {"nora": _eligible("nora", "global-administrator")}},),
    12: ({"assignments": {"gast": _eligible("gast", "application-administrator")}},),
    15: ({"assignments": {"gast": None}},),
    # After thirty days the audit log has dropped both registrations.
    38: ({"audit": {"rogue": None, "ghost": None}},),
    47: (_connector("rogue", {"status": "inactive"}),),
    49: (_connector("rogue", None),),
    52: (
        _connector("branch", {"name": "BRANCH-1", "ip": "192.0.2.77", "version": VERSION}),
        {"audit": {"branch": _registration(52, "BRANCH-1", "branch")}},
    ),
    54: ({"assignments": {"nora-too": _eligible("nora", "application-administrator")}},),
    55: (_connector("branch", {"status": "inactive"}),),
    # Planned since day 54.
    56: (
        _connector("hq-03", {"name": "hq-pnc03.clean.example", "ip": "192.0.2.88", "version": VERSION}),
        {"audit": {"planned": _registration(56, "hq-pnc03.clean.example", "hq-03")}},
    ),
    57: (_connector("branch", {"status": "active"}),),
}
"""How the tenant changes on which day."""


def _lay(change: dict[str, Any], world: dict[str, Any]) -> None:
    """Lay a change over the tenant."""
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(world.get(key), dict):
            _lay(value, world[key])
        else:
            world[key] = deepcopy(value)


def days(folder: Path) -> Iterator[tuple[int, Tenant]]:
    """Yield each day with a scan, and the tenant as it is that morning."""
    world: dict[str, Any] = {
        "users": {
            "sven": {"name": "Sven Olsen"},
            "nora": {"name": "Nora Lind"},
            "gast": {"name": "Gast", "type": "Guest"},
        },
        "connector_groups": {"head-office": {"connectors": {}}},
        "assignments": {},
        "audit": {},
    }
    for day in range(60):
        for change in CHANGES.get(day, ()):
            _lay(change, world)
        if day in DAYS:
            told = deepcopy(world)
            yield day, variant(folder, "\n".join(f"{key}: {json.dumps(told[key])}" for key in told), "clean")


def plan(path: Path, day: int) -> None:
    """Write the policy file as it is on the first day, and the plan for a connector as it is added on day 54."""
    if day == 0:
        path.write_text(POLICY, encoding="utf-8")
    if day == 54:
        path.write_text(path.read_text(encoding="utf-8") + PLAN, encoding="utf-8")


def answer(store: FolderStore, path: Path, day: int, ids: dict[str, str]) -> None:
    """Give the answers of a day, each twice, as people do who are not sure whether it worked."""
    for finding, verdict, place in ANSWERS.get(day, ()):
        rule, _, subject = finding.partition(" ")
        state, now = stored_state(store, None), morning(day) - timedelta(hours=1)
        of_rule = [record for record in state.findings.values() if record.rule == rule]
        (key,) = (record.key for record in of_rule if _is_about(record, subject, ids))
        request = AnswerRequest(key, verdict, f"{verdict}, as the story has it", "ada@clean.example")
        given = [_give(store, path, request, place, now) for _ in range(2)]
        assert [answer.repeated for answer in given] == [False, True]


def _give(store: FolderStore, path: Path, request: AnswerRequest, place: str, now: datetime) -> GivenAnswer:
    state = stored_state(store, None)
    if place == "store":
        return answer_in_store(store, state, request, (), now)
    return answer_in_policy(path, state, request, stored_answers(store, state.tenant.id).answers, now)


def _is_about(record: FindingState, subject: str, ids: dict[str, str]) -> bool:
    return subject in (ids.get(record.subject.id), record.subject.name)
