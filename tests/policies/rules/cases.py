"""Tables of cases for rules, one line a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pytest

from inventory.snapshot import Snapshot
from tests.policies.snapshots import said_of, seen_on

Scans: TypeAlias = Sequence[Snapshot]
Outcomes: TypeAlias = Mapping[str, str]


def cases(table: Mapping[str, tuple[object, object]]) -> pytest.MarkDecorator:
    """Run a test with `given` and `expected` once for each entry; the key says what is special about the case."""
    return pytest.mark.parametrize(("given", "expected"), table.values(), ids=table.keys())


def outcomes(rule_id: str, *scans: Snapshot, policy: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return a rule's verdicts on the last of some scans, made a day apart, by subject: `{"id-Paris": "fail low"}`."""
    return said_of(rule_id, seen_on(*scans), policy)
