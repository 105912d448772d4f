"""Mistakes in the routes of a policy file: secrets in it, keys of another kind, unknown rules, bad addresses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from common.ids import is_object_id
from common.yaml_lines import Document, Problem, shown, suggestion
from policies.policy_file.routes import BY_KIND, DEFAULT_WEBHOOK, OWN_PREFIX, RouteEntry, RouteOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

SECRETS = ("webhook", "secret", "password")
"""Keys of a route whose values are secrets, so that the file names an environment variable instead."""
_ENVIRONMENT = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]{0,127})", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}", re.ASCII)
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_SERVER = re.compile(
    rf"(?=[^:]{{1,253}}(?::|$))[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}})*\.?(?::{_PORT})?", re.ASCII
)
_FORMS = {
    "to": (_ADDRESS, "a mail address"),
    "sender": (_ADDRESS, "a mail address"),
    "smtp": (_SERVER, "a host, or a host and a port"),
}
_NO_VARIABLE = (
    "must be env:NAME, the name of an environment variable that holds the value: what stands in a file is no secret "
    "any more, so make a new one if it stood here"
)


def without_secrets(document: Document) -> tuple[Document, list[Problem]]:
    """Return a policy file in which no route holds a secret, and a complaint for each that did; no value is shown."""
    data, problems = document.data, []
    if not isinstance(data, dict) or not isinstance(routes := data.get("routes"), list):
        return document, []
    cleared: list[JsonValue] = []
    for place, route in enumerate(routes):
        entry = dict(route) if isinstance(route, dict) else route
        for key in SECRETS if isinstance(entry, dict) else ():
            if isinstance(entry, dict) and entry.get(key) is not None and (complaint := _no_reference(entry[key])):
                problems.append(document.problem(("routes", place, key), complaint))
                entry[key] = "env:HIDDEN"
        cleared.append(entry)
    return replace(document, data={**data, "routes": cleared}), problems


def _no_reference(value: JsonValue) -> str | None:
    """Return what is wrong with a reference to an environment variable, or None."""
    reference = _ENVIRONMENT.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return _NO_VARIABLE
    if reference[1].upper().startswith(OWN_PREFIX) and reference[1] != DEFAULT_WEBHOOK:
        return f"names that begin with {OWN_PREFIX} are settings; give the variable another name"
    return None


def route_problems(document: Document, rule_ids: frozenset[str]) -> Iterator[Problem]:
    """Yield what is wrong with a file's routes beyond their keys and types."""
    routes = document.data.get("routes") if isinstance(document.data, dict) else None
    lines: dict[str, int] = {}
    for place, route in enumerate(routes if isinstance(routes, list) else []):
        if isinstance(route, dict):
            for key, complaint in _complaints(route, rule_ids):
                yield document.problem(("routes", place, key) if key else ("routes", place), complaint)
            route_id = route.get("id")
            if isinstance(route_id, str) and (first := lines.get(route_id.casefold())):
                yield document.problem(("routes", place, "id"), f"the same id as on line {first}; give it another")
            elif isinstance(route_id, str):
                lines[route_id.casefold()] = document.lines["routes", place, "id"]


def _complaints(route: Mapping[str, JsonValue], rule_ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one route, with the key that it stands at."""
    kind = route.get("kind", "teams")
    needed, foreign = _keys_of(str(kind))
    for key in needed:
        if not route.get(key):
            yield "", f"a route of the kind {kind} needs {key}; add it"
    for key in foreign:
        if route.get(key) is not None:
            yield key, f"a route of the kind {kind} has none; remove it"
    yield from _filters(route, rule_ids)
    for key, (form, what) in _FORMS.items():
        value = route.get(key)
        for text in _texts(value if isinstance(value, list) else [value]):
            if not form.fullmatch(text):
                yield key, f"must be {what}; it says {shown(text)}"


def _filters(route: Mapping[str, JsonValue], rule_ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the rules and tenants that a route names."""
    families = sorted({*rule_ids, *(rule.rstrip("0123456789") for rule in rule_ids), "SVC"})
    for rule in _texts(route.get("rules")):
        if rule not in families and not rule.startswith("SVC"):
            yield "rules", f"unknown rule {shown(rule)}, {suggestion(rule, families)}"
    for tenant in _texts(route.get("tenants")):
        if not is_object_id(tenant):
            yield "tenants", f"must be ids of tenants; it says {shown(tenant)}"


def _keys_of(kind: str) -> tuple[list[str], list[str]]:
    """Return the keys that a kind needs, and those that it refuses; none of a kind that is unknown."""
    shapes = [shape.model_fields for shape in BY_KIND.get(kind, ())]
    by_kind = [key for key in RouteEntry.model_fields if key not in RouteOptions.model_fields and key != "kind"]
    needed = [key for key in by_kind if shapes and all(key in shape and shape[key].is_required() for shape in shapes)]
    foreign = [key for key in by_kind if shapes and not any(key in shape for shape in shapes)]
    return needed, foreign


def _texts(value: JsonValue) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
