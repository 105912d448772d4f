"""Waivers by hand, in a few words each: for GRP001 of one group, in force, unless told otherwise."""

from __future__ import annotations

from datetime import date, timedelta

from policies.policy_file.waivers import Waiver
from tests.making import NOW

TODAY = NOW.date()
"""The day of the snapshots that tests make."""


def day(number: int) -> date:
    """Return the day so many days after the snapshots'."""
    return TODAY + timedelta(days=number)


def entry(own_id: str = "w1", rule: str = "CON001", /, **said: object) -> dict[str, object]:
    """Return a waiver as it stands in a policy file: of the subject `f`, ten days old, for a month, by Ada."""
    usual: dict[str, object] = {
        "id": own_id,
        "rule": rule,
        "from": str(day(-10)),
        "until": str(day(30)),
        "reason": "a new server is on its way",
        "owner": "ada@contoso.example",
    }
    if "name" not in said:
        usual["subject"] = "f"
    return {key: value for key, value in (usual | said).items() if value is not None}


def waiver(own_id: str = "w1", rule: str = "CON001", /, **said: object) -> Waiver:
    """Return the same as the policy has it."""
    return Waiver.model_validate(entry(own_id, rule, **said))


def lasting(begins: int, ends: int) -> dict[str, object]:
    """Return from when to when, in days after the snapshots' day."""
    return {"from": str(day(begins)), "until": str(day(ends))}
