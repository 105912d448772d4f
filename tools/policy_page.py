"""The tables of docs/policy.md, made from the policy's models; the words around them are written by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from policies.policy_file.model import PolicyFile
from policies.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE = re.compile(r"(<!-- keys of (\w+), by `make docs` -->\n).*?(<!-- end -->)", re.DOTALL)
_WORDS = {"boolean": "`true` or `false`", "string": "text", "object": "keys"}


def policy_page(page: str) -> str:
    """Return the page with its tables made anew; each stands between two comments, the first of which names a model."""
    schema = PolicyFile.model_json_schema()
    return _TABLE.sub(lambda match: f"{match[1]}\n{_table(schema, match[2])}\n{match[3]}", page)


def _table(schema: dict[str, Any], model: str) -> str:
    """Return a table of a model's keys; of the file's own keys it says which rules each steers."""
    whole = model == schema["title"]
    part = schema if whole else schema["$defs"][model]
    rows = [["key", "value", "default", *(["rules"] if whole else []), "meaning"]]
    rows.append(["---"] * len(rows[0]))
    for key, field in part["properties"].items():
        steers = [_steered(key)] if whole else []
        default = "**required**" if key in part.get("required", ()) else _default(field)
        rows.append([f"`{key}`", _form(schema, field), default, *steers, field["description"]])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _form(schema: dict[str, Any], field: dict[str, Any]) -> str:
    """Return in words what a key may hold."""
    field = next((option for option in field.get("anyOf", ()) if option.get("type") != "null"), field)
    field = schema["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else field
    if "const" in field or "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field.get("enum", [field.get("const")]))
    if field["type"] == "integer":
        return f"number, {field['minimum']} to {field['maximum']}"
    if field["type"] == "array":
        return "list of texts" if field["items"].get("type") == "string" else "list"
    return {"date": "date", "date-time": "time"}.get(field.get("format", ""), _WORDS[field["type"]])


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "none" if value in (None, []) else f"`{value}`"


def _steered(key: str) -> str:
    """Return the ids of the rules that a key steers."""
    return ", ".join(_rules(key)) or ("all" if key in ("rules", "waivers", "tenants") else "")


def _rules(key: str) -> Iterator[str]:
    for rule in RULES:
        if any(setting.partition(".")[0] == key for setting in rule.settings):
            yield rule.id
