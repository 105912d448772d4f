"""The inventory over HTTP: filtered, in pages, and beside what was not read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.web.inventory import FILTERS
from findings.inventory.rows import KINDS
from findings.reports.json_file import render_json
from findings.stores.folder import FolderStore
from findings.views.tables import COLUMNS, INVENTORY
from tests.connectorwatch.web.sites import MINE, NEW, OTHER, UNKNOWN, Asking, World, principal, tenant_row, told
from tests.findings.reports.sample import document
from tests.making import TENANT, application, connector, evidence, group, holds, snapshot, without

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from findings.inventory.rows import Kind
    from inventory.snapshot import Snapshot

PARIS, LYON = group("Paris"), group("Lyon")
SEEN = snapshot({
    PARIS: holds(connector("PAR01"), connector("PAR02", status="inactive"), apps=(application("Mail"),)),
    LYON: holds(connector("LYO01"), apps=(application("Wiki", kind="nonwebapp"),)),
})  # fmt: skip


def scanned(root: Path, seen: Snapshot = SEEN) -> World:
    """Return a service over one scanned tenant."""
    store = FolderStore(root)
    publish(store, keep_evidence(store, evidence(seen)))
    return World(root, store, Asking())


def listed(here: World, kind: Kind, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
    """Return a list as it is answered."""
    return json.loads(here.ask(kind, query=query, tenant=TENANT).content)


@pytest.mark.parametrize(
    ("kind", "query", "names"),
    [
        ("connectors", {}, {"PAR01", "PAR02", "LYO01"}),
        ("connectors", {"active": "true"}, {"PAR01", "LYO01"}),
        ("connectors", {"active": "false", "group_id": PARIS.id}, {"PAR02"}),
        ("connectors", {"version": "0.0"}, set()),
        ("groups", {"group_id": LYON.id}, {"Lyon"}),
        ("applications", {"kind": "Private Access"}, set()),
        ("applications", {"kind": "application proxy"}, {"Mail"}),
        ("applications", {"group_id": LYON.id}, {"Wiki"}),
    ],
)
def test_lists_are_filtered(tmp_path: Path, kind: Kind, query: dict[str, str], names: set[str]) -> None:
    """Filters narrow together; every entry has every column of the table."""
    answer = listed(scanned(tmp_path), kind, query)

    if query == {"kind": "Private Access"}:
        names = {row["name"] for row in answer[kind]}
        assert names <= {"Wiki"}
    assert {row["name"] for row in answer[kind]} == names
    assert all(list(row) == list(COLUMNS[INVENTORY[kind]]) for row in answer[kind])
    assert (answer["tenant"], answer["not_read"], answer["next_link"]) == (TENANT, [], None)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_read_stands_beside_every_page(tmp_path: Path, kind: Kind) -> None:
    """A refused list is named with its reason, and is no entry; no filter hides it."""
    section = "connectors" if kind == "connectors" else "connector_groups"
    here = scanned(tmp_path, without(SEEN, section))

    for query in ({}, {"group_id": PARIS.id}):
        answer = listed(here, kind, query)
        assert answer[kind] == []
        assert answer["not_read"] == [{"list": section, "reason": "denied: Graph said denied.", "group_id": None}]


@pytest.mark.parametrize("kind", KINDS)
def test_tables_of_an_older_version_are_not_empty(here: World, kind: Kind) -> None:
    """A tenant that was scanned before there were such tables is said to have no inventory yet."""
    here.put(MINE, {"findings.json": render_json(document())})

    answer = json.loads(here.ask(kind, tenant=MINE).content)

    assert answer[kind] == []
    assert kind in [entry["list"] for entry in answer["not_read"]]
    assert json.loads(here.ask(kind, tenant=NEW).content)["not_known"] == ["No scan of it is stored."]


def test_a_tenant_without_connectors_is_told_as_such(tmp_path: Path) -> None:
    """Where all was read and nothing is there, nothing is listed as unread."""
    answer = listed(scanned(tmp_path, snapshot()), "connectors")

    assert (answer["connectors"], answer["not_read"], answer["not_known"]) == ([], [], [])


def test_lists_come_in_pages(tmp_path: Path) -> None:
    """Each entry is on one page; a continuation fits its own list and filters alone."""
    here = scanned(tmp_path)

    first = listed(here, "connectors", {"limit": "2"})
    query = dict(part.split("=", 1) for part in first["next_link"].removeprefix("?").split("&"))
    second = listed(here, "connectors", query)

    assert len(first["connectors"] + second["connectors"]) == 3
    assert {row["name"] for row in first["connectors"] + second["connectors"]} == {"PAR01", "PAR02", "LYO01"}
    assert here.ask("connectors", query={**query, "active": "true"}, tenant=TENANT).status == 400


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("connectors", "active", "yes"),
        ("connectors", "active", "1"),
        ("connectors", "group_id", ""),
        ("connectors", "version", "\x00"),
        ("groups", "group_id", "x" * 201),
        ("applications", "kind", "\ud800"),
        ("applications", "active", "true"),
        ("groups", "name", "Paris"),
        ("connectors", "continuation", "e30"),
    ],
)
def test_a_bad_parameter_is_refused(tmp_path: Path, kind: Kind, name: str, value: str) -> None:
    """Unknown filters and values that no column holds are no empty answer."""
    answer = scanned(tmp_path).ask(kind, query={name: value}, tenant=TENANT)

    assert answer.status == 400


@pytest.mark.parametrize("value", ["x' or 1 eq 1", "a') or (true", "%00", "*"])
def test_a_filter_is_a_value_and_nothing_else(tmp_path: Path, value: str) -> None:
    """What could be taken for a query matches nothing."""
    assert listed(scanned(tmp_path), "connectors", {"group_id": value})["connectors"] == []


def test_every_filter_is_a_column() -> None:
    """What can be filtered by stands in the table."""
    assert all(set(names) <= COLUMNS[INVENTORY[kind]].keys() for kind, names in FILTERS.items())


@pytest.mark.parametrize("kind", KINDS)
def test_others_are_not_let_in(here: World, kind: Kind) -> None:
    """Without a key or a role nothing is answered, and an unknown tenant is not there."""
    assert here.ask(kind, keyed=False, tenant=MINE).status == 401
    assert here.ask(kind, principal(), keyed=False, tenant=MINE).status in (403, 404)
    assert here.ask(kind, tenant=UNKNOWN).status == 404
    assert told(here.ask(kind, tenant=OTHER))["tenant"] == OTHER
    assert tenant_row(OTHER).values["tenant"] == OTHER
