"""`fleet` tells how all tenants stand, from summary rows alone, and takes nothing unknown for well."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from rich.console import Console

from common.text import UNSEEN
from connectorwatch.__main__ import main
from connectorwatch.tenants.overview import all_tenants, tenant_line
from connectorwatch.terminal.fleet import fleet_table
from findings.reports.fleet_page import Fleet, TenantLine
from findings.views.tables import Page, Row
from tests.connectorwatch.web.sites import MINE, NEW, OTHER, tenant_row, world
from tests.findings.reports.sample import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RECENT = (datetime.now(UTC) - timedelta(hours=1)).isoformat()


@dataclass(frozen=True)
class FewAtATime:
    """Views that return two rows at a time, whatever they are asked for."""

    rows: Sequence[Row]

    def query(self, *_: object, after: str | None = None, **__: object) -> Page:
        """Return the next two rows."""
        start = int(after or 0)
        return Page(tuple(self.rows[start : start + 2]), str(start + 2) if start + 2 < len(self.rows) else None)


def run(root: Path, *options: str, **settings: str) -> Result:
    """Run the command over a folder."""
    env = {f"CONNECTORWATCH_{name.upper()}": value for name, value in settings.items()}
    return CliRunner().invoke(main, ["fleet", "--out", str(root), *options], env=env)


def test_all_pages_of_the_view_are_read() -> None:
    """No tenant is lost between two answers of the view, and a watched one without a row is added."""
    views: Any = FewAtATime([tenant_row(f"{number:08x}") for number in range(5)])

    assert [line.id for line in all_tenants(views, {"00000001": "", "ffff": "New"})] == [
        *(f"{number:08x}" for number in range(5)),
        "ffff",
    ]


@pytest.mark.parametrize(
    ("text", "numbers"), [("", ()), ("3", (3,)), ("3,,0", (3, None, 0)), ("x,1,-2", (None, 1, None))]
)
def test_a_sparkline_is_read_number_by_number(text: str, numbers: tuple[int | None, ...]) -> None:
    """What is no number is not known."""
    assert tenant_line(tenant_row(MINE, sparkline=text).values).trend == numbers


def test_what_a_row_does_not_say_is_not_taken_for_well() -> None:
    """A row of an older version, without the columns that say all was looked at, is no promise."""
    line = tenant_line({"tenant": MINE, "scan": "s", "scanned_at": RECENT})

    assert (line.complete, line.all_assessed) == (False, False)


def test_a_fleet_without_fault_ends_with_0(tmp_path: Path) -> None:
    """The table says that nothing fails."""
    world(tmp_path, [tenant_row(MINE, "Mine", scanned_at=RECENT)])
    result = run(tmp_path)

    assert (result.exit_code, "nothing failing" in result.output) == (0, True)


def test_a_tenant_that_was_never_scanned_is_told(tmp_path: Path) -> None:
    """It is watched, so it is in the list, and the exit code says that something is not known."""
    world(tmp_path, [tenant_row(MINE, "Mine", scanned_at=RECENT)])
    result = run(tmp_path, "--format", "json", tenant_id=NEW)

    assert result.exit_code == 4
    assert [(entry["id"], entry["state"]) for entry in json.loads(result.stdout)] == [
        (NEW, "never scanned"),
        (MINE, "nothing failing"),
    ]


def test_no_tenant_at_all_is_not_well(tmp_path: Path) -> None:
    """An empty folder says so in words, and ends with 4."""
    result = run(tmp_path)

    assert (result.exit_code, "No tenant is watched and no scan is stored here" in result.stdout) == (4, True)


@pytest.mark.parametrize(
    ("options", "failing", "complete", "code"),
    [
        ((), {"low": 1}, True, 3),
        ((), {"info": 1}, True, 0),
        (("--fail-on", "info"), {"info": 1}, True, 3),
        (("--fail-on", "high"), {"medium": 4}, True, 0),
        (("--fail-on", "high"), {"high": 1}, False, 3),
        (("--fail-on", "high"), {"medium": 1}, False, 4),
    ],
)
def test_failing_tenants_end_with_3(
    tmp_path: Path, options: tuple[str, ...], failing: dict[str, int], code: int, *, complete: bool
) -> None:
    """Failing at or above --fail-on counts more than what is not known, and that more than being well."""
    rows = [
        tenant_row(MINE, "Mine", scanned_at=RECENT),
        tenant_row(OTHER, "Other", scanned_at=RECENT, complete=complete, **failing),
    ]
    world(tmp_path, rows)

    assert run(tmp_path, *options).exit_code == code


def test_the_page_is_written_with_its_table_beside_it(tmp_path: Path) -> None:
    """At the top of the folder its links lead to the newest reports."""
    here = world(tmp_path, [tenant_row(OTHER, "Other", high=2)])
    here.put(OTHER, {"report.html": b"x"})
    run(tmp_path, "--format", "html", "--to-file", str(tmp_path / "index.html"))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    link = f"{OTHER}/latest/report.html"

    assert (f'href="{link}"' in page, (tmp_path / link).exists()) == (True, True)
    assert b"Other" in (tmp_path / "fleet.csv").read_bytes()


def test_a_page_without_a_file_goes_to_stdout(tmp_path: Path) -> None:
    """Nothing is written beside it."""
    result = run(tmp_path, "--format", "html")

    assert (result.stdout.startswith("<!DOCTYPE html>"), list(tmp_path.glob("*.csv"))) == (True, [])


def test_the_table_for_spreadsheets_goes_to_stdout(tmp_path: Path) -> None:
    """Without a file the bytes are printed as they are."""
    world(tmp_path)
    text = run(tmp_path, "--format", "csv").stdout_bytes.decode("utf-8-sig")

    assert [row["tenant_name"] for row in csv.DictReader(io.StringIO(text))] == ["Other", "Mine"]


def test_a_table_goes_to_no_file(tmp_path: Path) -> None:
    """The terminal's table is for terminals."""
    assert run(tmp_path, "--to-file", "x").exit_code == 2


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder that is not there makes a sentence, not a trace."""
    result = run(tmp_path, "--format", "csv", "--to-file", str(tmp_path / "none" / "fleet.csv"))

    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_on_the_terminal_too(name: str) -> None:
    """At 80 columns no line is longer, and no name steers the terminal or is taken for markup."""
    file = io.StringIO()
    Console(file=file, width=80).print(fleet_table(Fleet((TenantLine(MINE, name),), datetime.now(UTC))))
    lines = file.getvalue().splitlines()

    assert max(map(cell_len, lines)) <= 80
    assert UNSEEN.search("".join(lines)) is None


def test_what_the_policy_says_of_one_tenant_holds(tmp_path: Path) -> None:
    """Below `tenants`, one tenant has to be scanned more often than all others."""
    world(tmp_path, [tenant_row(tenant, scanned_at=hours_ago(24)) for tenant in (MINE, OTHER)])
    policy, tenants = tmp_path / "p.yaml", tmp_path / "tenants.yaml"
    text = f"max_scan_age_hours: 200\ntenants:\n  {MINE}:\n    max_scan_age_hours: 10\n"
    policy.write_text(text, encoding="utf-8")
    tenants.write_text(f"tenants:\n  - id: {MINE}\n  - id: {OTHER}\n", encoding="utf-8")

    result = run(tmp_path, "--format", "json", tenants=str(tenants), policy=str(policy))

    unknown = {one["id"]: one["not_known"] for one in json.loads(result.stdout)}
    assert unknown == {MINE: ["Its last scan is 24 hours old."], OTHER: []}


def test_a_scan_of_the_future_is_not_taken_for_recent(tmp_path: Path) -> None:
    """A scan that is dated more than an hour ahead says nothing of today."""
    world(tmp_path, [tenant_row(MINE, scanned_at=hours_ago(-2)), tenant_row(OTHER, scanned_at=hours_ago(-0.9))])

    result = run(tmp_path, "--format", "json")

    unknown = {one["id"]: one["not_known"] for one in json.loads(result.stdout)}
    assert unknown == {MINE: ["Its last scan is dated in the future."], OTHER: []}


def hours_ago(hours: float) -> str:
    """Return a moment before now."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
