"""Verdicts where Graph answers as its known issues and others' measurements say, over HTTP, against tables by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findings.reports.registrars import counts
from tests.e2e.expected_graph import CASES, Case
from tests.e2e.running import scan_tenant, table_of, variant

if TYPE_CHECKING:
    from pathlib import Path


_OUTSIDE = "1 of them from other tenants: not with the installer, with a token not known"


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


@pytest.mark.parametrize(
    ("registered", "can", "sentence"),
    [
        (True, True, "4 people can register connectors"),
        (
            False,
            None,
            f"3 people can register connectors, 1 unknown ({_OUTSIDE})",
        ),
    ],
)
async def test_guests_are_not_left_out_of_the_headline(
    *, registered: bool, can: bool | None, sentence: str, tmp_path: Path
) -> None:
    """A guest who registered a connector by the audit log counts, and one of whom that is not known is named apart."""
    case = CASES["a guest who registered a connector"]
    changes = case.changes if registered else case.changes.partition("audit:")[0]
    document = await scan_tenant(variant(tmp_path, changes, case.base), tmp_path / "out")
    (gita,) = (entry for entry in document.registrars if entry.principal.name == "Gita")

    assert (gita.can_register, counts(document).sentence) == (can, sentence)


async def test_a_partner_is_not_called_deleted(tmp_path: Path) -> None:
    """The list of registrars calls a partner's account that, with its organization."""
    case = CASES["a partner's administrator"]
    document = await scan_tenant(variant(tmp_path, case.changes, case.base), tmp_path / "out")
    (acme,) = (entry for entry in document.registrars if entry.principal.external)

    assert (acme.why_not or "").startswith("a partner's account, of organization 99999999-")
    assert "deleted" not in str(acme)


@pytest.mark.parametrize(("how", "said"), [("deferring", True), ("odd", False), ("refused", False)])
async def test_deferred_updates_are_told(how: str, *, said: bool, tmp_path: Path) -> None:
    """VER003 says until when updates are deferred; a profile that cannot be read leaves the scan complete."""
    case = CASES[f"an outdated connector where the publishing profile is {how}"]
    document = await scan_tenant(variant(tmp_path, case.changes, case.base), tmp_path / "out")
    (failure,) = (one for one in document.verdicts if one.rule == "VER003" and one.outcome.value == "fail")

    assert ("updates are deferred until 31 January 2027" in failure.message) == said
    assert all(section.known for section in document.sections)


async def test_a_list_with_an_odd_record_was_read(tmp_path: Path) -> None:
    """In findings.json such a list is read and says how many records could not be; it is not whole, and none failed."""
    case = CASES["a connector whose status is null"]
    document = await scan_tenant(variant(tmp_path, case.changes, case.base), tmp_path / "out")
    odd = {section.name.partition("/")[0]: section for section in document.sections if not section.known}

    assert {(one.status, one.unreadable, one.count) for one in odd.values()} == {("read", 1, None)}
    assert set(odd) == {"connectors", "connector_groups"}
    assert all((one.reason or "").startswith("1 record of the list could not be read") for one in odd.values())
