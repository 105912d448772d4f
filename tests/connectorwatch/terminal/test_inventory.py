"""`connectors`, `groups` and `applications` list what is stored, and never take unread for none."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from common.errors import SettingsError
from common.text import UNSEEN
from connectorwatch.__main__ import main
from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.terminal.inventory import inventory_table
from connectorwatch.usecases.inventory import InventoryFilter, selected_rows
from findings.build import build_document
from findings.document import FindingsDocument
from findings.inventory.rows import KINDS, inventory_rows
from findings.reports.inventory_csv import render_connectors_csv
from findings.stores.folder import FolderStore
from tests.making import TENANT, application, connector, evidence, group, holds, snapshot, without

if TYPE_CHECKING:
    from pathlib import Path

    from findings.inventory.rows import Kind
    from inventory.snapshot import Snapshot

PARIS, LYON = group("Paris"), group("Lyon, Rhône", key="g-lyon")
SEEN = snapshot({
    PARIS: holds(connector("PAR01"), connector("PAR02", status="inactive"), apps=(application("Mail"),)),
    LYON: holds(connector("LYO01", version=None), apps=()),
})  # fmt: skip


def made(seen: Snapshot = SEEN) -> FindingsDocument:
    """Return the result of a scan without verdicts."""
    return build_document(evidence(seen), (), None)


def stored(root: Path, seen: Snapshot = SEEN) -> FolderStore:
    """Return a store that holds a scan."""
    store = FolderStore(root)
    publish(store, keep_evidence(store, evidence(seen)))
    return store


def run(root: Path, *arguments: str) -> Result:
    """Run a command over a folder."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, [*arguments, "--out", str(root)], catch_exceptions=False)


def printed(document: FindingsDocument, kind: Kind, width: int = 120) -> str:
    """Return what is printed as a table."""
    file = io.StringIO()
    inventory_table(document, kind, inventory_rows(document, kind), Console(file=file, width=width))
    return file.getvalue()


def names(wanted: InventoryFilter, kind: Kind = "connectors", seen: Snapshot = SEEN) -> list[object]:
    """Return the names that a filter leaves."""
    return [row["name"] for row in selected_rows(made(seen), kind, wanted) if row["read"]]


def test_the_table_shows_state_version_group_and_first_scan() -> None:
    """A line a connector, and what is not known is called so."""
    lines = printed(made(), "connectors").splitlines()

    assert re.search(r"PAR01 +active +1\.\S+ +Paris +\S+ or earlier +not known", "\n".join(lines))
    assert re.search(r"PAR02 +inactive since \d{4}-\d\d-\d\d", "\n".join(lines))
    assert re.search(r"LYO01 +active +not known +Lyon, Rhône", "\n".join(lines))
    assert lines[-1] == "3 connectors"


def test_groups_and_applications_have_tables_of_their_own() -> None:
    """Groups count active connectors and applications; applications name their group."""
    assert re.search(r"Paris +1 of 2 +\S+ +1 +eur", printed(made(), "groups"))
    assert re.search(r"Mail +Paris +application proxy", printed(made(), "applications"))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_there_and_nothing_read_are_told_apart(kind: Kind) -> None:
    """An empty tenant has none; a refused list may have some, and an old result says that it does not know."""
    section = "connectors" if kind == "connectors" else "connector_groups"
    old = FindingsDocument.model_validate(
        made().model_dump(by_alias=True, exclude={"connectors", "groups", "applications"})
    )

    assert re.search(r"\nNo \w+( \w+)?\.\n$", printed(made(snapshot()), kind))
    assert "Not read in full, so there may be more:" in printed(made(without(SEEN, section)), kind)
    assert "did not keep its inventory" in printed(old, kind)
    assert all(
        text.endswith(" to show.\n") for text in (printed(made(without(SEEN, section)), kind), printed(old, kind))
    )


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (InventoryFilter(), ["LYO01", "PAR01", "PAR02"]),
        (InventoryFilter(name="par"), ["PAR01", "PAR02"]),
        (InventoryFilter(name="nowhere"), []),
        (InventoryFilter(group="paris"), ["PAR01", "PAR02"]),
        (InventoryFilter(group="G-LYON"), ["LYO01"]),
        (InventoryFilter(group="lyon, rhône"), ["LYO01"]),
        (InventoryFilter(active=False), ["PAR02"]),
        (InventoryFilter(group="Paris", active=True), ["PAR01"]),
        (InventoryFilter(rule="GRP001"), []),
    ],
)
def test_filters_narrow_the_list(wanted: InventoryFilter, left: list[str]) -> None:
    """Name, group and state, each in any case, together."""
    assert names(wanted) == left


def test_a_group_that_is_not_there_is_an_error_with_those_near() -> None:
    """A misspelt name does not look like an empty group; where groups were not read, an id is taken as it is."""
    with pytest.raises(SettingsError, match="There is no connector group Pariss; there is Paris"):
        names(InventoryFilter(group="Pariss"))

    assert names(InventoryFilter(group="Pariss"), seen=without(SEEN, "connector_groups")) == []


def test_a_rule_is_found_by_its_id_in_any_case(tmp_path: Path) -> None:
    """`--rule` leaves those for which it fails."""
    stored(tmp_path)

    shown = run(tmp_path, "connectors", "--rule", "con001", "--format", "json")

    assert [entry["name"] for entry in json.loads(shown.stdout)["connectors"]] == ["PAR02"]


def test_csv_is_the_stored_file_and_json_holds_one_list(tmp_path: Path) -> None:
    """As CSV the command prints the bytes of connectors.csv; the other lists are null in JSON."""
    store = stored(tmp_path)

    printed_csv = run(tmp_path, "connectors", "--format", "csv").stdout_bytes
    document = json.loads(run(tmp_path, "groups", "--format", "json").stdout)

    assert printed_csv == store.latest.read(f"{TENANT}/latest/connectors.csv")
    assert printed_csv.splitlines()[0] == render_connectors_csv(made()).splitlines()[0]
    assert (document["schema"], document["connectors"], document["applications"]) == (
        "connectorwatch.inventory/v1", None, None,
    )  # fmt: skip
    assert [entry["name"] for entry in document["groups"]] == ["Lyon, Rhône", "Paris"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("connectors",), 0),
        (("connectors", "--group", "nowhere"), 1),
        (("connectors", "--state", "asleep"), 2),
        (("groups", "--state", "active"), 2),
        (("applications", "--group", "Paris", "--format", "csv"), 0),
    ],
)
def test_exit_codes(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    """0 for what is known, 1 for a group that does not exist, 2 for wrong usage."""
    stored(tmp_path)

    assert run(tmp_path, *arguments).exit_code == code


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_what_was_not_read_ends_with_4(tmp_path: Path, form: str) -> None:
    """In each format the list says so, and the exit code, too."""
    stored(tmp_path, without(SEEN, f"connector_groups/{PARIS.id}/members"))

    shown = run(tmp_path, "connectors", "--format", form)

    assert shown.exit_code == 4
    assert "denied" in shown.output


@given(st.text(max_size=40))
def test_names_are_printed_as_text_only(name: str) -> None:
    """No markup, no control character and no line of its own comes from a name."""
    held = holds(connector(name, key="c"), apps=(application(name, key="a"),))
    document = made(snapshot({group(name, key="g"): held}))

    for kind in KINDS:
        assert not UNSEEN.search(printed(document, kind).replace("\n", ""))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_the_terminal(kind: Kind) -> None:
    """At 80 columns long words are folded."""
    assert max(map(len, printed(made(), kind, 80).splitlines())) <= 80
