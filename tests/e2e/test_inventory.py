"""The inventory is the same in CSV, in the tables, over HTTP and as JSON, and a spreadsheet opens it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from common.text import cell
from connectorwatch.web.context import RequestContext
from connectorwatch.web.dispatch import WebService
from connectorwatch.web.messages import HttpRequest
from findings.inventory.rows import KINDS
from findings.stores.folder import FolderStore
from findings.views.tables import COLUMNS, INVENTORY
from tests.e2e.commands import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from findings.inventory.rows import Kind

TENANT = "3f9d0c1e-7a44-4b7e-9c55-0d1c2b3a4e5f"
NUMBERS: Mapping[Kind, int] = {"connectors": 18, "groups": 10, "applications": 15}
ID: Mapping[Kind, str] = {"connectors": "connector", "groups": "group_id", "applications": "application"}
Cells = dict[str, str]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two scans of the demo tenant, a day apart."""
    folder = tmp_path_factory.mktemp("out")
    for at in ("2026-11-20T06:00:00Z", "2026-11-21T06:00:00Z"):
        assert run("scan", "--demo", "--out", str(folder), "--at", at).code == 3
    return folder


def _cells(row: Mapping[str, object], kind: Kind) -> Cells:
    """Return a row's values as the CSV file writes them."""
    columns = COLUMNS[INVENTORY[kind]]
    return {name: _cell(row.get(name), columns[name]) for name in columns}


def _cell(value: object, kind: type) -> str:
    if value is None:
        return ""
    return ("yes" if value else "no") if kind is bool else cell(str(value))


def _by_id(rows: list[Cells], kind: Kind) -> dict[str, Cells]:
    return {row[ID[kind]]: row for row in rows}


def _csv(text: str) -> list[Cells]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def _database(out: Path, kind: Kind) -> list[Cells]:
    with closing(sqlite3.connect(out / "connectorwatch.db")) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute(f"SELECT * FROM {INVENTORY[kind]}").fetchall()  # noqa: S608 - our own name
    return [_cells(dict(row), kind) for row in rows]


def _api(out: Path, kind: Kind) -> list[Cells]:
    """Return what the API answers, over as many pages as it takes."""
    context = RequestContext(FolderStore(out), lambda _: "", lambda: {TENANT: "Contoso"})
    rows, query = [], {"limit": "4"}
    while True:
        request = HttpRequest("/api/", {"tenant": TENANT}, query, {})
        answer: Any = json.loads(WebService(lambda: context, trusted=True).answer(kind, request, keyed=True).content)
        rows += [_cells(row, kind) for row in answer[kind]]
        assert answer["not_read"] == []
        if answer["next_link"] is None:
            return rows
        query = dict(pair.split("=", 1) for pair in answer["next_link"].removeprefix("?").split("&"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_to_the_inventory_tells_the_same(out: Path, kind: Kind) -> None:
    """The stored CSV, the command's CSV, the table and the API have the same rows, and JSON the same entries."""
    stored = (out / TENANT / "latest" / f"{kind}.csv").read_bytes().decode("utf-8")
    settings = {"CONNECTORWATCH_STORAGE": str(out)}
    command = run(kind, "--format", "csv", settings=settings)
    document = json.loads((out / TENANT / "latest" / "findings.json").read_text(encoding="utf-8"))
    as_json = json.loads(run(kind, "--format", "json", settings=settings).stdout)

    expected = _by_id(_csv(stored), kind)
    assert len(expected) == NUMBERS[kind]
    assert command.code == 0
    assert _by_id(_csv(command.stdout), kind) == expected
    assert _by_id(_database(out, kind), kind) == expected
    assert _by_id(_api(out, kind), kind) == expected
    assert as_json[kind] == document[kind]
    assert {entry["id"]: cell(entry["name"]) for entry in document[kind]} == {
        key: row["name"] for key, row in expected.items()
    }


def test_json_and_csv_count_the_same(out: Path) -> None:
    """What a group is said to hold is what lists of connectors and applications say."""
    document = json.loads((out / TENANT / "latest" / "findings.json").read_text(encoding="utf-8"))

    for group in document["groups"]:
        members = [entry for entry in document["connectors"] if group["id"] in entry["group_ids"]]
        carried = [entry for entry in document["applications"] if entry["group_id"] == group["id"]]
        assert (group["connectors"], group["applications"]) == (len(members), len(carried)), group["name"]
        assert group["active"] == sum(entry["active"] for entry in members)


def test_first_seen_stays_and_states_move(out: Path) -> None:
    """The second scan knows when the first one saw each connector, and since when one is inactive."""
    rows = _csv((out / TENANT / "latest" / "connectors.csv").read_bytes().decode("utf-8"))

    assert {row["first_seen"] for row in rows} == {"2026-11-20T06:00:00Z"}
    assert {row["last_active"] for row in rows if row["active"] == "yes"} == {"2026-11-21T06:00:00Z"}
    assert {row["inactive_since"] for row in rows if row["active"] == "no"} == {"2026-11-20T06:00:00Z"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_libreoffice_opens_the_files(out: Path, kind: Kind, tmp_path: Path) -> None:
    """A spreadsheet reads as many rows and columns as there are, and finds no formula."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("*** LibreOffice is not here: NOBODY HAS OPENED THE INVENTORY'S FILES IN A SPREADSHEET. ***")
    source = tmp_path / f"{kind}.csv"
    shutil.copy(out / TENANT / "latest" / source.name, source)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "fods", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)  # noqa: S603 - the program found above

    sheet = source.with_suffix(".fods").read_text(encoding="utf-8")

    assert "table:formula" not in sheet
    assert sheet.count("<table:table-row") >= NUMBERS[kind] + 1
    for text in ("first_seen", *(row["name"] for row in _csv(source.read_bytes().decode("utf-8")))):
        assert f"<text:p>{text}</text:p>" in sheet
