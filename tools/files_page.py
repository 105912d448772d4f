"""The list of all files in docs/architecture.md, made from the first line of each module's docstring."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("common", "inventory", "policies", "findings", "connectorwatch", "simulator")
_LIST = re.compile(r"(<!-- files, by `make docs` -->\n).*?(<!-- end -->)", re.DOTALL)


def files_page(page: str) -> str:
    """Return the page with the list of files made anew; it stands between two comments."""
    return _LIST.sub(lambda match: f"{match[1]}\n{_packages()}\n{match[2]}", page)


def _packages() -> str:
    folders = sorted(path.parent for room in ROOMS for path in (ROOT / room).rglob("__init__.py"))
    return "\n".join(map(_package, sorted(folders, key=lambda folder: ROOMS.index(folder.relative_to(ROOT).parts[0]))))


def _package(folder: Path) -> str:
    """Return a folder with its purpose, and its files with theirs."""
    modules = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    lines = [f"**`{folder.relative_to(ROOT).as_posix()}/`**: {_purpose(folder / '__init__.py')}", ""]
    lines += [f"- `{path.name}`: {_purpose(path)}" for path in modules]
    data = sorted(path.name for path in folder.iterdir() if path.suffix in (".yaml", ".json"))
    lines += [f"- data: {', '.join(f'`{name}`' for name in data)}"] if data else []
    return "\n".join([*lines, ""])


def _purpose(path: Path) -> str:
    """Return the first line of a module's docstring; a house test makes sure that there is one."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
