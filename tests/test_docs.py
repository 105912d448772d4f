"""The documents that are made from the code are as fresh as the code."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from findings.reports.templating import compiled_set
from policies.policy_file.model import Policy
from policies.policy_file.read import read_policy_file
from policies.rules import RULE_IDS
from simulator import load_tenant
from tests.paths import ROOT
from tools.compile_templates import SETS, compiled, contents
from tools.generate_docs import GENERATED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_documents_are_fresh(name: str) -> None:
    """A generated document says what the code says; `make docs` writes it anew."""
    assert GENERATED[name]() == (ROOT / name).read_text(encoding="utf-8")


def test_the_tenant_file_shown_can_be_served(tmp_path: Path) -> None:
    """The example in docs/simulator.md is a whole tenant."""
    page = (ROOT / "docs/simulator.md").read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(page.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")

    assert load_tenant(file).tenant.name == "Mine"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_parts_of_a_tenant_file_shown_can_be_served(number: int, tmp_path: Path) -> None:
    """Each further example in docs/simulator.md may be added to the first one."""
    shown = (ROOT / "docs/simulator.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    (tmp_path / "mine.yaml").write_text(shown[0].partition("```")[0], encoding="utf-8")
    part = tmp_path / "part.yaml"
    part.write_text(f"base: mine.yaml\n{shown[number].partition('```')[0]}", encoding="utf-8")

    assert len(shown) == 4
    assert load_tenant(part) != load_tenant(tmp_path / "mine.yaml")


def test_the_policy_file_shown_is_the_default_one() -> None:
    """The example policy at the top changes nothing until something in it is uncommented."""
    assert read_policy_file(ROOT / "policy.yaml", RULE_IDS).policy == Policy()


def test_every_python_dependency_is_defended() -> None:
    """Each library that is asked for by name has its line in docs/architecture.md."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for texts in project["optional-dependencies"].values() for text in texts]
    wanted = {re.split(r"[<>=]", text)[0] for text in (*project["dependencies"], *extras)}
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")

    assert {name for name in wanted if f"`{name}`" not in text} == set()


def test_every_path_that_architecture_names_is_there() -> None:
    """The table of where things are names files and folders that exist."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("## Where is what")[2].partition("## Glossary")[0]
    missing = [name for name in re.findall(r"`([\w/.]+)`", table) if "/" in name and not (ROOT / name).exists()]

    assert missing == []


def _threats() -> list[str]:
    """Return the rows of the table of threats."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    return re.findall(r"^\| \*\*[STRIDE]\*\* .*$", text, re.MULTILINE)


def test_every_threat_names_what_proves_its_answer() -> None:
    """Each row names a test that is there and holds tests, and nothing that is not there."""
    places = {row: re.findall(r"`([\w./-]+\.[a-z]+)`", row.split("|")[-2]) for row in _threats()}
    proofs = {row: [ROOT / name for name in names if name.startswith("tests/")] for row, names in places.items()}

    assert len(places) > 30
    assert [row for row, names in places.items() if not all((ROOT / name).is_file() for name in names)] == []
    assert [row for row, files in proofs.items() if not files] == []
    helpers = {ROOT / "tests/fuzz/mutations.py"}
    without = [file for files in proofs.values() for file in files if "def test_" not in file.read_text("utf-8")]
    assert set(without) <= helpers


def test_every_link_between_documents_leads_somewhere() -> None:
    """Relative links in Markdown name files that exist."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md")]
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert missing == []


@pytest.mark.parametrize("name", SETS)
def test_compiled_templates_are_fresh(name: str) -> None:
    """What renders reports was compiled from the templates as they are (`make docs`)."""
    assert compiled(name) == contents(compiled_set(name))
