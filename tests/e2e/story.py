"""Sixty days of one small tenant: what happens to it day by day, as a script that the simulator plays."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.e2e.running import variant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulator import Tenant

DAYS = 60
START = datetime(2026, 9, 22, 6, 0, tzinfo=UTC)
"""The morning of the first scan; there is one every morning."""
THROTTLED_NIGHT = 33
LAB = "lab"
"""The group whose failure is waived at first."""
OLD, NEW = "1.5.4364.0", "1.5.4522.0"


def morning(day: int) -> datetime:
    """Return the time of a day's scan."""
    return START + timedelta(days=day)


def _before(day: int, hours: int) -> str:
    return (morning(day) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _registration(day: int, who: str, key: str, machine: str) -> dict[str, Any]:
    target = {"name": machine, "id": f"connector:{key}"}
    return {"activity": "Register connector", "at": _before(day, 10), "by": who, "targets": [target]}


def _first_day() -> dict[str, Any]:
    """Return the tenant as it is at the beginning: two outdated connectors, and a laboratory with only one."""
    return {
        "users": {"sven": {"name": "Sven Olsen"}},
        "connector_groups": {
            "default": {"name": "Default", "default": True, "connectors": {}},
            "head-office": {
                "name": "Head office",
                "connectors": {
                    "hq-01": {"name": "hq-pnc01.clean.example", "ip": "203.0.113.5", "version": OLD},
                    "hq-02": {"name": "hq-pnc02.clean.example", "ip": "198.51.100.5", "version": OLD},
                },
            },
            LAB: {
                "name": "Laboratory",
                "connectors": {"lab-01": {"name": "LAB01", "ip": "192.0.2.9", "version": NEW}},
                "applications": {"lab-app": {"name": "Instruments"}},
            },
        },
        "audit": {},
    }


def _play(world: dict[str, Any], day: int) -> None:
    groups = world["connector_groups"]
    office = groups["head-office"]["connectors"]
    match day:
        case 3:
            office["hq-01"]["version"] = NEW
        case 5:
            office["hq-02"]["version"] = NEW
        case 10:  # hq-02 dies
            office["hq-02"]["status"] = "inactive"
        case 20:  # and is purged
            office["hq-02"] = None
        case 22:  # its machine is installed anew, by somebody who is meant to
            office["hq-02b"] = {"name": "HQ-PNC02.clean.example", "ip": "198.51.100.5", "version": NEW}
            world["audit"]["anew"] = _registration(22, "lena", "hq-02b", "HQ-PNC02.clean.example")
        case 30:  # somebody else registers a connector, which lands in the default group
            groups["default"]["connectors"]["rogue"] = {"name": "LAPTOP-9", "ip": "192.0.2.66", "version": NEW}
            world["audit"]["rogue"] = _registration(30, "sven", "rogue", "LAPTOP-9")
        case 33:
            pass  # the night on which Graph refuses everything about connectors
        case 34:  # it is gone as it came; Graph keeps no trace, but for the audit log
            del groups["default"]["connectors"]["rogue"]
            world["audit"]["rogue"]["targets"] = [{"name": "LAPTOP-9"}]
        case 40:
            groups["head-office"]["name"] = "HQ"
        case _:
            pass


def days(folder: Path) -> Iterator[tuple[int, Tenant]]:
    """Yield each day with the tenant as it is that morning."""
    world = _first_day()
    for day in range(DAYS):
        _play(world, day)
        told = deepcopy(world)
        if day == THROTTLED_NIGHT:
            told["faults"] = [{"path": "/onPremisesPublishingProfiles/**", "kind": "throttled"}]
        yield day, variant(folder, "\n".join(f"{key}: {json.dumps(told[key])}" for key in told), "clean")


POLICY = """
version: 1
expected_registrars: [lena@clean.example, max@clean.example]
break_glass: [breakglass@clean.onmicrosoft.com]
"""
WAIVER = """
waivers:
  - id: lab-has-one
    rule: GRP001
    name: Laboratory
    from: 2026-09-01
    until: 2026-11-05
    reason: The second server comes in November.
    owner: lena@clean.example
"""


def policy(day: int) -> str:
    """Return the policy of a day: from day 50 on it asks for three connectors a group, and waives nothing."""
    return f"{POLICY}min_active_connectors: 3\n" if day >= 50 else f"{POLICY}{WAIVER}"
