"""A period as an auditor reads it: as text, as Markdown, as JSON, and by the command."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from connectorwatch.__main__ import main
from connectorwatch.terminal.period import rendered
from findings.document import TenantInfo
from findings.reports.formats import BY_FILE
from findings.stores.folder import FolderStore
from tests.connectorwatch.usecases.period_data import scanned, told
from tests.making import TENANT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Return an empty store."""
    return FolderStore(tmp_path)


def test_the_text(store: FolderStore) -> None:
    """The text says in its head what matters, and loudly what is wrong."""
    scanned(store, 1)
    own = scanned(store, 2, unread="connectors")

    lines = rendered(told(store, 1, 4), "text").decode().splitlines()

    assert lines[:8] == [
        f"Contoso ({TENANT})",
        "From 2026-01-01 06:00 UTC to 2026-01-04 06:00 UTC.",
        "A scan is expected every 24 hours; up to 12 hours late is not missed.",
        "2 scans done, 1 of them incomplete; 1 missed.",
        "Memory reaches back to the first scan, 2026-01-01 06:00 UTC.",
        "",
        "Missed",
        "  1 missed from 2026-01-02 06:00 UTC on, no scan has followed",
    ]
    assert f"  2026-01-02 06:00 UTC  {own}  manual, INCOMPLETE" in lines
    assert "      not read: connectors: denied, Graph said denied." in lines


def test_json(store: FolderStore) -> None:
    """The JSON form holds all of it under the names of the contract."""
    scanned(store, 1)

    document = json.loads(rendered(told(store, 1, 4), "json"))

    assert document["schema"] == "connectorwatch.period/v1"
    assert document["missed"] == [{"from": "2026-01-01T06:00:00Z", "to": None, "missed": 2}]
    assert document["scans"][0]["artefacts"][0]["name"] == "evidence.json.gz"


def _outside_code(markdown: str) -> set[str]:
    """Return the characters that a reader of Markdown finds outside code and markup."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    children = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in children} <= {
        "text",
        "code_inline",
        "softbreak",
        "hardbreak",
        "strong_open",
        "strong_close",
    }
    return {letter for child in children if child.type == "text" for letter in child.content}


HOSTILE = "@admins #1 ](https://evil.example) <script> `x` | \x1b[31m\n# big"


def test_names_steer_nothing(store: FolderStore, tmp_path: Path) -> None:
    """A tenant's name and a reason of Graph's are text in every form, whatever they hold."""
    own = scanned(store, 1, unread="connectors")
    path = tmp_path / TENANT / "scans" / own / "findings.json"
    document = json.loads(path.read_bytes())
    for section in document["sections"]:
        section["reason"] = HOSTILE
    path.write_text(json.dumps(document), encoding="utf-8")
    report = told(store).model_copy(update={"tenant": TenantInfo(id=TENANT, name=HOSTILE)})

    text, markdown = (rendered(report, form).decode() for form in ("text", "md"))

    assert "\x1b" not in text + markdown
    assert "\n# big" not in text + markdown
    assert markdown.startswith(r"# Scans of ``@admins #1 ](https://evil.example) <script> `x` | \x1b[31m\n#`` big")
    assert _outside_code(markdown).isdisjoint(set("@#<>[]|`\\"))


def test_markdown(store: FolderStore) -> None:
    """The Markdown form has a heading a scan, a list of what was not read and a table of its files."""
    scanned(store, 1)
    scanned(store, 3, unread="connectors")

    lines = rendered(told(store, 1, 3), "md").decode().splitlines()

    assert lines[0] == "# Scans of Contoso"
    assert "- 1 missed from 2026-01-01 06:00 UTC to 2026-01-03 06:00 UTC" in lines
    assert [line for line in lines if line.startswith("### ")] == [
        "### 2026-01-01 06:00 UTC",
        "### 2026-01-03 06:00 UTC",
    ]
    assert "- not read: connectors: denied, Graph said denied." in lines
    assert sum(line.startswith("| `") for line in lines) == 2 * len({"evidence.json.gz", *BY_FILE})


def test_the_command(store: FolderStore, tmp_path: Path) -> None:
    """The command prints or writes the report, and refuses what is no period and no moment."""
    scanned(store, 1)
    where = ["report", "--out", str(tmp_path), "--tenant", TENANT]
    file = tmp_path / "period.md"

    printed = CliRunner().invoke(main, [*where, "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z"])
    written = CliRunner().invoke(
        main, [*where, "--from", "2026-01-01T00:00:00Z", "--format", "md", "--to-file", str(file)]
    )
    backwards = CliRunner().invoke(main, [*where, "--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"])
    no_zone = CliRunner().invoke(main, [*where, "--from", "2026-01-02"])
    never = CliRunner().invoke(main, [*where, "--from", "2026-01-02T00:00:00Z", "--every", "0"])

    assert (printed.exit_code, "1 scan done" in printed.stdout) == (0, True)
    assert (written.exit_code, written.stdout, file.read_text()[:11]) == (0, "", "# Scans of ")
    assert (backwards.exit_code, "ends before it starts" in backwards.stderr) == (1, True)
    assert (no_zone.exit_code, never.exit_code) == (2, 2)


def test_the_future_is_not_missed(store: FolderStore, tmp_path: Path) -> None:
    """A period that reaches into the future ends now."""
    scanned(store, 1)
    where = ["report", "--out", str(tmp_path), "--tenant", TENANT, "--format", "json"]

    ran = CliRunner().invoke(main, [*where, "--from", "2026-01-01T00:00:00Z", "--to", "2999-01-01T00:00:00Z"])

    assert datetime.fromisoformat(json.loads(ran.stdout)["end"]) <= datetime.now(UTC)


def test_scans_after_the_period_are_counted(store: FolderStore) -> None:
    """Scans that are known of and lie after the period are said to be left out."""
    for day in (1, 2, 4):
        scanned(store, day)

    assert b"Left out: 2 stored scans after 2026-01-01 18:00 UTC.\n" in rendered(told(store, 1, 1.5), "text")
    assert b"Left out" not in rendered(told(store, 1, 4), "md")


def test_a_period_in_the_future(tmp_path: Path) -> None:
    """A period that begins in the future is wrong usage, and so is a day that no calendar has."""
    where = ["report", "--out", str(tmp_path), "--from"]

    future = CliRunner().invoke(main, [*where, "2999-01-01T00:00:00Z"])
    never = CliRunner().invoke(main, [*where, "2026-02-30T00:00:00Z"])

    assert (future.exit_code, "lies in the future" in future.stderr) == (2, True)
    assert (never.exit_code, "there is no such moment" in never.stderr) == (2, True)
