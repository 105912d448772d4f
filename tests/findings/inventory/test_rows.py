"""The inventory's rows: the same columns everywhere, and a row for each list that was not read."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import cell
from findings.build import build_document
from findings.document import FindingsDocument
from findings.inventory.entries import ConnectorEntry, Registration, VersionStep
from findings.inventory.rows import KINDS, all_read, inventory_rows, lists_of
from findings.reports.formats import FORMATS
from findings.views.tables import COLUMNS, INVENTORY
from tests.findings.reports.sample import HOSTILE
from tests.findings.reports.sample import document as sample_document
from tests.making import NOW, application, connector, evidence, group, holds, snapshot, without

if TYPE_CHECKING:
    from findings.inventory.rows import Kind
    from inventory.snapshot import Snapshot

FORMULA = ("=", "+", "-", "@", "\t", "\r")
PARIS = group("Paris")
SEEN = snapshot({PARIS: holds(connector(), apps=(application(),))})


def made(seen: Snapshot = SEEN) -> FindingsDocument:
    """Return the result of a scan without verdicts."""
    return build_document(evidence(seen), (), None)


def csv_rows(document: FindingsDocument, kind: Kind) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    text = FORMATS[f"{kind}-csv"].render(document).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_have_the_columns_of_the_table(kind: Kind) -> None:
    """Every column has its value, of the column's kind where one is known, and no row has any other."""
    columns = COLUMNS[INVENTORY[kind]]

    (row,) = inventory_rows(made(), kind)

    assert list(row) == list(columns)
    assert {name for name, value in row.items() if value is not None and type(value) is not columns[name]} == set()
    assert list(csv_rows(made(), kind)[0]) == list(columns)


@pytest.mark.parametrize(
    ("kind", "list_name", "group_id"),
    [
        ("connectors", "connectors", None),
        ("connectors", f"connector_groups/{PARIS.id}/members", PARIS.id),
        ("groups", "connector_groups", None),
        ("groups", f"connector_groups/{PARIS.id}/applications", PARIS.id),
        ("applications", "connector_groups", None),
        ("applications", f"connector_groups/{PARIS.id}/applications", PARIS.id),
    ],
)
def test_a_list_that_was_not_read_has_a_row_of_its_own(kind: Kind, list_name: str, group_id: str | None) -> None:
    """It comes first, names the list, its group and the reason; CSV says the same."""
    document = made(without(SEEN, list_name))

    first = inventory_rows(document, kind)[0]

    assert (first["read"], first["list"], first.get("group_id")) == (False, list_name, group_id)
    assert first["reason"] == "denied: Graph said denied."
    assert csv_rows(document, kind)[0]["read"] == "no"
    assert not all_read(document, kind)
    assert list_name in {section.name for section in lists_of(document, kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_lists_of_other_things_do_not_matter(kind: Kind) -> None:
    """Roles that were not read take nothing from the inventory."""
    assert all_read(made(without(SEEN, "role_definitions")), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_from_before_the_inventory_was_kept_is_not_empty(kind: Kind) -> None:
    """It says that it has none, so that nobody takes it for a tenant without connectors."""
    old = FindingsDocument.model_validate(
        made().model_dump(by_alias=True, exclude={"connectors", "groups", "applications"})
    )

    (row,) = inventory_rows(old, kind)

    assert (row["read"], row["list"]) == (False, kind)
    assert "did not keep its inventory" in str(row["reason"])


def test_a_connector_shows_versions_then_and_now_and_who_registered_it() -> None:
    """The newest version, since when, the one before and the first; registrars by name, each once."""
    before = NOW - timedelta(days=9)
    versions = [VersionStep(at=before + timedelta(days=day), version=f"1.{day}") for day in range(3)]
    names = [{"upn": "ada@contoso.com"}, {"app": "Robot"}, {"by": "id-eve"}, {}, {"upn": "ada@contoso.com"}]
    events = [Registration(at=before, matched="name", **name) for name in names]
    entry = _first(made()).model_copy(update={"versions": tuple(versions), "registrations": tuple(events)})

    (row,) = inventory_rows(made().model_copy(update={"connectors": (entry,)}), "connectors")

    assert [row[f"version_{name}"] for name in ("since", "before", "first")] == ["2026-11-13T06:00:00Z", "1.1", "1.0"]
    assert (row["registered_by"], row["registered_match"]) == ("ada@contoso.com, Robot, id-eve, unknown", "name")


def test_an_agent_without_a_past_has_empty_cells() -> None:
    """Nothing is guessed where nothing is remembered."""
    entry = _first(made()).model_copy(update={"versions": (), "first_seen": None, "from_start": None})

    (row,) = csv_rows(made().model_copy(update={"connectors": (entry,)}), "connectors")

    assert {row[name] for name in ("first_seen", "from_start", "version_since", "version_first", "registered_by")} == {
        ""
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_the_files_is_a_formula(name: str) -> None:
    """Names of connectors, groups and applications, addresses and versions are harmless in a spreadsheet."""
    agent = connector(name, key="c", version=name, ip=name, status=name)
    seen = snapshot({group(name, key="g"): holds(agent, apps=(application(name, key="a"),))})

    for kind in KINDS:
        for row in csv_rows(made(seen), kind):
            assert [value for value in row.values() if value.lstrip().startswith(FORMULA)] == []


@given(st.text(max_size=30))
def test_whatever_the_names_are_csv_says_what_the_rows_say(name: str) -> None:
    """Each cell is the row's value, made harmless."""
    document = made(
        snapshot({group(name, key="g"): holds(connector(name, key="c"), apps=(application(name, key="a"),))})
    )

    for kind in KINDS:
        (row,), (cells,) = inventory_rows(document, kind), csv_rows(document, kind)
        assert cells["name"] == cell(str(row["name"]))


def test_the_sample_of_an_older_version_renders() -> None:
    """Files are made of it, too, and say what is missing."""
    assert [row["read"] for row in csv_rows(sample_document(), "connectors")] == ["no", "no"]


def _first(document: FindingsDocument) -> ConnectorEntry:
    return (document.connectors or ())[0]
