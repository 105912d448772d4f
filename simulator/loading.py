"""Reading tenant files.

A file may say `base: other.yaml` (a file beside it): its own keys are then laid over that file's.
Mappings are merged key by key, `null` removes a key, and everything else replaces what was there.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode

from simulator.references import dangling
from simulator.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ruamel.yaml.nodes import Node

TENANTS = Path(__file__).parent / "tenants"
"""The bundled tenant files."""
DEMO_POLICY = Path(__file__).parent / "data" / "contoso-policy.yaml"
"""What Contoso says of itself to whoever judges it."""


class TenantFileError(Exception):
    """A tenant file that cannot be used, with the file and the place in it."""


def load_tenant(path: str | Path) -> Tenant:
    """Read a tenant file and what it is based on.

    Raises:
        TenantFileError: the file cannot be read, is no YAML, has an unknown key or refers to nothing.
    """
    files, merged = _layers(Path(path), ())
    try:
        tenant = Tenant.model_validate(merged)
    except ValidationError as error:
        # A mistyped key is reported before the key that is therefore missing.
        first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        unknown = first["type"] == "extra_forbidden"
        _refuse(files, first["loc"], _unknown_key(first["loc"]) if unknown else _in_yaml_words(first["msg"]))
    for place, message in dangling(tenant):
        _refuse(files, place, message)
    return tenant


def _in_yaml_words(message: str) -> str:
    """Return what is wrong with a value in the words of YAML."""
    return message.replace("valid tuple", "list").replace("valid dictionary", "mapping")


def _unknown_key(place: Sequence[str | int]) -> str:
    """Return that a key is unknown, and which there are at its place."""
    schema = Tenant.model_json_schema()
    part: dict[str, Any] = schema
    for step in place[:-1]:
        part = part.get("properties", {}).get(step) or part.get("additionalProperties") or part.get("items") or {}
        part = schema["$defs"].get(part.get("$ref", "").rpartition("/")[2], part)
    known = ", ".join(sorted(part.get("properties", ())))
    return f"unknown key, known are: {known}" if known else "unknown key"


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


@lru_cache(maxsize=16)
def _parsed(text: str) -> object:
    """Return the content of a YAML text; callers copy it before they change anything."""
    return _yaml().load(text)


def _layers(path: Path, above: tuple[Path, ...]) -> tuple[list[Path], dict[str, object]]:
    content = _read(path)
    base = content.pop("base", None)
    if base is None:
        return [path], content
    under = path.parent / str(base)
    if under in (*above, path):
        raise TenantFileError(f"{path}: base: {base} is based on this file")
    files, merged = _layers(under, (*above, path))
    return [path, *files], _overlay(merged, content)


def _read(path: Path) -> dict[str, object]:
    try:
        content = deepcopy(_parsed(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise TenantFileError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TenantFileError(f"{path}: is not UTF-8: {error.reason} at byte {error.start}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TenantFileError(f"{path}:{line}: is not YAML: {error.problem}") from error
    except YAMLError as error:
        raise TenantFileError(f"{path}: is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise TenantFileError(f"{path}:1: a tenant file is a mapping")
    return content


def _overlay(under: dict[str, object], over: dict[str, object]) -> dict[str, object]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _overlay(below, value)
        else:
            merged[key] = value
    return merged


def _refuse(files: Sequence[Path], place: Sequence[str | int], message: str) -> NoReturn:
    """Raise with the line of the place, in the topmost file that has it, or of the nearest thing around it."""
    for depth in range(len(place), 0, -1):
        for path in files:
            line = _line(path, place[:depth])
            if line is not None:
                raise TenantFileError(f"{path}:{line}: {'.'.join(map(str, place))}: {message}")
    raise TenantFileError(f"{files[0]}: {'.'.join(map(str, place))}: {message}")


def _line(path: Path, place: Sequence[str | int]) -> int | None:
    node = _yaml().compose(path)
    line = None
    for step in place:
        nested = next((child for child in _children(node) if child[0] == step), None)
        if nested is None:
            return None
        _, line, node = nested
    return line


def _children(node: Node | None) -> list[tuple[str | int, int, Node]]:
    pairs = node.value if isinstance(node, MappingNode) else []
    items = node.value if isinstance(node, SequenceNode) else []
    named = [(key.value, key.start_mark.line + 1, value) for key, value in pairs]
    return named + [(index, value.start_mark.line + 1, value) for index, value in enumerate(items)]
