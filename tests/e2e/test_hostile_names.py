"""Names chosen by somebody who means harm arrive everywhere as harmless text."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from simulator import Simulator
from tests.e2e.commands import Ran, run, scan
from tests.e2e.running import POLICY, environment, stored, tenant_file

if TYPE_CHECKING:
    from pathlib import Path

TENANT = tenant_file("hostile")
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that steer a terminal or reorder what stands around them; a newline of our own is none."""
NAMES = {group.name for group in TENANT.connector_groups.values()} | {
    connector.name for group in TENANT.connector_groups.values() for connector in group.connectors.values()
}
"""The names of connector groups and connectors."""


class Page(HTMLParser):
    """The tags of a page, with the attributes that matter."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.tags: set[str] = set()
        self.scripted: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, attributes that hold scripts, and where its links lead."""
        self.tags.add(tag)
        self.scripted += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action", "style"}]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, dict[str, str]]:
    """Scan the hostile tenant, and return what was printed and the newest reports."""
    out = tmp_path_factory.mktemp("hostile")
    with Simulator(TENANT).in_thread() as simulator:
        ran = run(*scan(out, POLICY), settings=environment(simulator) | {"COLUMNS": "200"})
    latest = {name: content for name, content in stored(out).items() if "/latest/" in name}
    return ran, {name.rpartition("/")[2]: content.decode("utf-8-sig") for name, content in latest.items()}


def page_of(text: str) -> Page:
    """Return what a browser would see in a page."""
    page = Page()
    page.feed(text)
    return page


def test_a_page_holds_no_tag_that_a_name_brought(hostile: tuple[Ran, dict[str, str]], tmp_path: Path) -> None:
    """Its tags are those of the harmless Contoso's page, none carries a script and no link leads to the stranger's."""
    with Simulator(tenant_file("contoso")).in_thread() as simulator:
        run(*scan(tmp_path, POLICY), settings=environment(simulator))
    (harmless,) = tmp_path.rglob("latest/report.html")
    found = page_of(hostile[1]["report.html"])
    assert found.tags == page_of(harmless.read_text("utf-8")).tags
    assert found.scripted == []
    assert [link for link in found.links if "evil" in link or "javascript:" in link] == []


@pytest.mark.parametrize("file", ["report.html", "findings.csv", "registrars.csv", "connectors.csv", "findings.json"])
def test_no_file_holds_a_character_that_steers(file: str, hostile: tuple[Ran, dict[str, str]]) -> None:
    """Neither control characters nor bidirectional marks arrive as such."""
    assert UNSEEN.findall(hostile[1][file].replace("\r\n", "\n")) == []


@pytest.mark.parametrize("file", ["findings.csv", "registrars.csv", "connectors.csv", "groups.csv", "applications.csv"])
def test_no_cell_begins_a_formula_or_a_line(file: str, hostile: tuple[Ran, dict[str, str]]) -> None:
    """A spreadsheet takes every cell for text, and every row is one line."""
    text = hostile[1][file]
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert len(text.splitlines()) == len(rows)
    assert {len(row) for row in rows} == {len(rows[0])}


def test_the_terminal_shows_names_as_they_are_written(hostile: tuple[Ran, dict[str, str]]) -> None:
    """No name steers the terminal, makes a link or starts a line; markup is shown and not obeyed."""
    shown = hostile[0].stdout
    assert UNSEEN.findall(shown) == []
    assert "\x1b" not in shown
    assert "<script>alert('group')</script>" in shown
    assert "**bold** _under_ [link](java" in shown
    assert r"new\nline" in shown
    assert [line for line in shown.splitlines() if line.startswith(("line two", "line three"))] == []


def test_findings_json_holds_the_names_as_they_are(hostile: tuple[Ran, dict[str, str]]) -> None:
    """A program gets every name to the letter."""
    document = json.loads(hostile[1]["findings.json"])
    named = {verdict["subject"]["name"] for verdict in document["verdicts"] if verdict["rule"] in {"GRP001", "CON001"}}
    assert len(named) > 20
    assert named <= NAMES
