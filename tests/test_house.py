"""The house itself: which way imports point, how long things are, and what must not stand anywhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

ARROW = ("common", "inventory", "policies", "findings", "connectorwatch")
PRODUCT = (*ARROW, "simulator")
LONGEST_FILE, LONGEST_FUNCTION, PATCHES_A_TEST = 300, 50, 0.05
VAGUE = frozenset({"told", "said", "found", "own", "one", "look", "aside", "stuff", "somebody", "nobody", "tell"})
"""Names that say nothing about what they hold."""
PUBLISHED = ("connectorwatch/diagnosis/answers.py found",)
"""Keys of published documents."""
LOCKS = (
    "requirements.txt",
    "requirements-demo.txt",
    "requirements-dev.txt",
    "requirements-wheel.txt",
    "tests/runtime/requirements.txt",
    "tools/requirements-checkov.txt",
    "tools/requirements-lint.txt",
    "tools/requirements-mutants.txt",
    "tools/requirements-sbom.txt",
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


def _modules() -> dict[str, Path]:
    return {
        _name(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in _files(*PRODUCT)
    }


@cache
def _imported(path: Path) -> frozenset[str]:
    """Return the product's modules that a file imports, those for type checking alone included."""
    modules, found = _modules(), set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} & modules.keys() or {node.module}
    return frozenset(found & modules.keys())


def test_no_import_leads_back_to_where_it_started() -> None:
    """There is no circle of imports in the product, not even of those for type checking."""
    modules = _modules()
    order = TopologicalSorter({name: _imported(path) - {name} for name, path in modules.items()})

    order.prepare()

    assert order.is_active()


def test_contracts_between_rooms_hold() -> None:
    """The contracts in pyproject.toml on which room imports which are kept (`lint-imports`)."""
    ended = subprocess.run(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(
    ("room", "most"), [("connectorwatch", 4), ("findings", 3), ("policies", 11), ("inventory", 20)]
)
def test_rooms_stay_rooms(room: str, most: int) -> None:
    """A new module goes into a room, not beside all rooms."""
    flat = sorted(path.name for path in (ROOT / room).glob("*.py") if path.name != "__init__.py")

    assert len(flat) <= most, flat


def test_rules_have_no_clock_no_network_no_storage() -> None:
    """Judging uses nothing but its evidence."""
    outside = {"time", "os", "socket", "httpx", "aiohttp", "random", "subprocess"}
    users = {
        _name(path)
        for path in _files("policies/rules")
        if not _imports(path).isdisjoint(outside) or "common.http_client" in _imported(path)
    }

    assert users == set()


def test_the_http_library_is_imported_in_one_place() -> None:
    """Product and tests name the HTTP library in one module, so that a successor can be put there."""
    users = [_name(path) for path in _files(*PRODUCT, "tests", "tools", "bench") if "httpx" in _imports(path)]

    assert users == ["common/http_client.py"]


def test_files_and_functions_are_short() -> None:
    """A file fits in one reading, a function on one screen."""
    files = [
        _name(path)
        for path in _files(*PRODUCT, "tests")
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE
    ]
    functions = [
        f"{_name(path)}:{node.name}"
        for path, node in _functions(*PRODUCT, "tests")
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert (files, functions) == ([], [])


def _functions(*folders: str) -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in _files(*folders):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


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


def test_names_say_what_they_hold() -> None:
    """No variable, parameter, function or class of the product and its tools has a name that fits anything."""
    names = [
        f"{_name(path)}:{getattr(node, 'lineno', 0)} {name}"
        for path in _files(*PRODUCT, "tools", "bench")
        for node in ast.walk(_tree(path))
        for name in _bound(node)
        if name.strip("_") in VAGUE or name.strip("_") in map(str.title, VAGUE)
    ]

    assert [name for name in names if re.sub(r":\d+", "", name) not in PUBLISHED] == []


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the name that a node gives to something."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name


def test_tests_use_real_parts() -> None:
    """Hardly a test patches anything."""
    words = {"patch", "setattr", "setenv", "delenv", "MagicMock"}
    nodes = [node for path in _files("tests") for node in ast.walk(_tree(path))]
    patches = sum(isinstance(node, ast.Attribute) and node.attr in words for node in nodes)
    tests = sum(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_") for node in nodes
    )

    assert patches <= PATCHES_A_TEST * tests


def test_every_test_says_in_a_sentence_what_it_shows() -> None:
    """A test's docstring is one sentence of behaviour."""
    silent = [
        f"{_name(path)}:{node.name}"
        for path, node in _functions("tests")
        if node.name.startswith("test_") and not (ast.get_docstring(node) or "").rstrip().endswith((".", "?"))
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
        set(re.findall(r"^([a-z0-9-]+)(?:\[[^\]\n]+\])?==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
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
