"""Verdicts where Graph answers as its known issues and others' measurements say, over HTTP, against tables by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.expected_graph import CASES, Case
from tests.e2e.running import scan_tenant, table_of, variant

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_verdicts_are_those_worked_out_by_hand(case: Case, tmp_path: Path) -> None:
    """The rules that a case concerns say of every subject what the table says."""
    tenant = variant(tmp_path, case.changes, case.base)
    table = table_of(await scan_tenant(tenant, tmp_path / "out"), tenant)

    assert {rule: table[rule] for rule in case.table} == case.table


async def test_a_group_on_a_path_is_not_denied(tmp_path: Path) -> None:
    """Where a group is on a path and has no owner, REG010 does not say that no group is on a path."""
    case = CASES["a group that was never under PIM, without owners"]
    document = await scan_tenant(variant(tmp_path, case.changes, case.base), tmp_path / "out")
    (verdict,) = (verdict for verdict in document.verdicts if verdict.rule == "REG010")

    assert "no group that does has an owner" in verdict.message


async def test_software_in_a_group_is_a_change(tmp_path: Path) -> None:
    """A service principal that is added to a group is listed among the holders, with the group on its path."""
    case = CASES["service principals in a group that PIM does not manage"]
    tenant = variant(tmp_path, case.changes, case.base)
    document = await scan_tenant(tenant, tmp_path / "out")
    names = {
        entry.principal.name: [step.name for path in entry.paths for step in path.via] for entry in document.registrars
    }

    assert names["Deployment pipeline"] == ["Automation"]
