"""The house itself: which way imports point, how long things are, and what must not stand anywhere."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ARROW = ("inventory", "policies", "findings", "connectorwatch")
PRODUCT = (*ARROW, "simulator")
LONGEST_FILE, LONGEST_FUNCTION, PATCHES_A_TEST = 300, 50, 0.05
DEMO = "connectorwatch/demo.py"
LOCKS = (
    "requirements.txt",
    "requirements-demo.txt",
    "requirements-dev.txt",
    "tests/runtime/requirements.txt",
    "tools/requirements-checkov.txt",
    "tools/requirements-lint.txt",
)


@cache
def _files(*folders: str) -> tuple[Path, ...]:
    return tuple(sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", _files(*ARROW), ids=_name)
def test_imports_point_along_the_arrow(path: Path) -> None:
    """A room imports itself and the rooms before it, never one behind it."""
    room = _name(path).partition("/")[0]
    behind = set(ARROW[ARROW.index(room) + 1 :])

    assert behind.isdisjoint(_imports(path))


def test_only_the_demo_imports_the_simulator() -> None:
    """Nothing in the product depends on the simulator except the command that starts it."""
    importers = {_name(path) for path in _files(*ARROW) if "simulator" in _imports(path)}

    assert importers <= {DEMO}


def test_the_simulator_knows_nothing_of_the_product() -> None:
    """The simulator is a Graph, so it cannot share a mistake with the code that reads it."""
    importers = {_name(path) for path in _files("simulator") if not _imports(path).isdisjoint(ARROW)}

    assert importers == set()


def test_rules_have_no_clock_no_network_no_storage() -> None:
    """Judging uses nothing but its evidence."""
    outside = {"time", "os", "socket", "httpx", "aiohttp", "random", "subprocess"}
    users = {_name(path) for path in _files("policies/rules") if not _imports(path).isdisjoint(outside)}

    assert users == set()


@pytest.mark.parametrize("path", _files(*PRODUCT, "tests"), ids=_name)
def test_files_and_functions_are_short(path: Path) -> None:
    """A file fits in one reading, a function on one screen."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    long = [
        node.name
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert (lines <= LONGEST_FILE, long) == (True, [])


def test_nothing_catches_everything() -> None:
    """No product code swallows an exception it does not know by name."""
    broad = {None, "Exception", "BaseException"}
    found = [
        f"{_name(path)}:{node.lineno}"
        for path in _files(*PRODUCT)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler) and _caught(node) & broad
    ]

    assert found == []


def _caught(handler: ast.ExceptHandler) -> set[str | None]:
    if handler.type is None:
        return {None}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {kind.id for kind in kinds if isinstance(kind, ast.Name)}


def test_no_line_hides_from_coverage_and_nothing_is_left_for_later() -> None:
    """No pragma against coverage and no unfinished mark in the product."""
    mark = re.compile(r"pragma: no ?cover|\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    found = [_name(path) for path in _files(*PRODUCT) if mark.search(path.read_text(encoding="utf-8"))]

    assert found == []


def test_tests_use_real_parts() -> None:
    """Hardly a test patches anything."""
    words = {"patch", "setattr", "setenv", "delenv", "MagicMock"}
    nodes = [node for path in _files("tests") for node in ast.walk(_tree(path))]
    patches = sum(isinstance(node, ast.Attribute) and node.attr in words for node in nodes)
    tests = sum(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_") for node in nodes
    )

    assert patches <= PATCHES_A_TEST * tests


@pytest.mark.parametrize("path", _files("tests"), ids=_name)
def test_every_test_says_in_a_sentence_what_it_shows(path: Path) -> None:
    """A test's docstring is one sentence of behaviour."""
    silent = [
        node.name
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not (ast.get_docstring(node) or "").rstrip().endswith((".", "?"))
    ]

    assert silent == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pinned_package_has_hashes(name: str) -> None:
    """A registry that gives out another file under the same version is refused."""
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = re.findall(r"^[a-z0-9][^\n]*==[^\n]*$(?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)*", text, re.MULTILINE)

    assert len(pinned) >= 2
    assert [package.partition(" ")[0] for package in pinned if "--hash=" not in package] == []


def test_what_the_simulator_alone_needs_is_not_deployed() -> None:
    """The demo's packages are neither pinned for the app nor imported by the product, but for what others bring."""
    app, demo = (
        set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-demo.txt")
    )
    imported = {name for path in _files(*ARROW) for name in _imports(path)}

    assert {"odata-query", "sly"} <= demo - app
    assert imported.isdisjoint({name.replace("-", "_") for name in demo - app} | {"aiohttp", "dateutil"})


def test_locks_name_no_registry() -> None:
    """The pinned requirements hold names and versions, no hosts and no paths."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in LOCKS)

    assert re.search(r"https?://|file:|--(extra-)?index|--find-links", text) is None
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
