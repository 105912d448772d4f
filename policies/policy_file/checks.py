"""What a policy file may not say although each key of it is well formed; every complaint has its line.

All of it looks at the file as it was read, so that it is told together with what the models refuse.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from common.ids import is_object_id
from common.yaml_lines import Document, Path, Problem, shown, suggestion
from policies.policy_file.tenant_overrides import same
from policies.policy_file.waivers import is_waivable, may_match_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    Keys = Mapping[str, JsonValue]

_NEITHER = "needs a subject or a name; add one of them"
_BOTH = "a waiver has either a subject or a name; keep one of them"
_NO_TENANT = "must be the id of a tenant; it says "


def problems_of(document: Document, rule_ids: frozenset[str]) -> Iterator[Problem]:
    """Yield what is wrong with a policy file beyond its keys and types.

    Args:
        document: The file.
        rule_ids: The rules that exist.
    """
    whole = _keys(document.data)
    yield from _part(document, (), whole, rule_ids)
    yield from _ids_used_again(document, (), whole, {})
    yield from _same_keys(document, ("tenants",), _keys(whole.get("tenants")), "tenant")
    for tenant_id, override in _keys(whole.get("tenants")).items():
        place = ("tenants", tenant_id)
        if not is_object_id(tenant_id):
            yield document.problem(place, _NO_TENANT + shown(tenant_id))
        yield from _part(document, place, _keys(override), rule_ids)
        yield from _ids_used_again(document, place, _keys(override), _ids(document, (), whole))
        yield from _entries_of_others(document, place, _keys(override), tenant_id)


def _part(document: Document, place: Path, part: Keys, rule_ids: frozenset[str]) -> Iterator[Problem]:
    """Yield what is wrong with the policy for all tenants, or with one tenant's override."""
    for rule_id in _keys(part.get("rules")):
        if rule_id not in rule_ids:
            yield document.problem((*place, "rules", rule_id), _unknown_rule(rule_id, rule_ids))
    groups = {key: value for key, value in _keys(part.get("groups")).items() if is_object_id(key)}
    yield from _same_keys(document, (*place, "groups"), groups, "group")
    for path, waiver in _listed(place, part, "waivers"):
        for key, complaint in _complaints(waiver, rule_ids):
            yield document.problem((*path, key) if key else path, complaint)
    for path, answer in _listed(place, part, "answers"):
        for key, complaint in _answer_complaints(answer, rule_ids):
            yield document.problem((*path, key), complaint)
    yield from _answers_at_once(document, place, part)


def _answer_complaints(answer: Keys, rule_ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one answer, with the key that it stands at."""
    key, tenant_id = answer.get("key"), answer.get("tenant")
    rule_id = key.partition("/")[0] if isinstance(key, str) else None
    if rule_id is not None and rule_id not in rule_ids:
        yield "key", _unknown_rule(rule_id, rule_ids)
    if isinstance(tenant_id, str) and not is_object_id(tenant_id):
        yield "tenant", _NO_TENANT + shown(tenant_id)


def _answers_at_once(document: Document, place: Path, part: Keys) -> Iterator[Problem]:
    """Yield a problem for every answer of the same moment as another one to the same finding that says otherwise."""
    first: dict[tuple[JsonValue, ...], tuple[JsonValue, int]] = {}
    for path, answer in _listed(place, part, "answers"):
        if not all(isinstance(answer.get(key), str) for key in ("key", "at", "verdict")):
            continue
        which = (str(answer["key"]).casefold(), answer["at"], answer.get("tenant"))
        verdict, line = first.setdefault(which, (answer["verdict"], document.lines[*path, "verdict"]))
        if verdict != answer["verdict"]:
            complaint = (
                f"the answer on line {line} is of the same moment and says {shown(verdict)}; give a later moment"
            )
            yield document.problem((*path, "verdict"), complaint)


def _same_keys(document: Document, place: Path, keys: Keys, what: str) -> Iterator[Problem]:
    """Yield a problem for every id that is there again in another case: only one of them could count."""
    seen: dict[str, str] = {}
    for key in keys:
        first = seen.setdefault(same(key), key)
        if first != key:
            yield document.problem((*place, key), f"the same {what} as {shown(first)}; keep one of them")


def _complaints(waiver: Keys, rule_ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one waiver, with the key that it stands at."""
    rule_id, name = waiver.get("rule"), waiver.get("name")
    if isinstance(rule_id, str):
        yield from (("rule", complaint) for complaint in _rule_complaints(rule_id, rule_ids))
    if waiver.get("subject") is None and name is None:
        yield "", _NEITHER
    elif waiver.get("subject") is not None and name is not None:
        yield "name", _BOTH
    elif isinstance(name, str) and isinstance(rule_id, str) and not may_match_names(rule_id):
        yield "name", f"strangers choose the names that {rule_id} speaks about; give the subject's id"
    elif isinstance(name, str) and is_object_id(name):
        yield "name", "is an id; write it as the subject"
    begin, end = _date(waiver.get("from")), _date(waiver.get("until"))
    if begin and end and end < begin:
        yield "until", f"is before from, {begin}; correct one of them"
    tenant_id = waiver.get("tenant")
    if isinstance(tenant_id, str) and not is_object_id(tenant_id):
        yield "tenant", _NO_TENANT + shown(tenant_id)


def _rule_complaints(rule_id: str, rule_ids: frozenset[str]) -> Iterator[str]:
    if not is_waivable(rule_id):
        about = "the service, not about a tenant," if rule_id.startswith("SVC") else "waivers"
        yield f"it says {shown(rule_id)}; rules about {about} cannot be waived"
    elif rule_id not in rule_ids:
        yield _unknown_rule(rule_id, rule_ids)


def _unknown_rule(rule_id: str, rule_ids: frozenset[str]) -> str:
    return f"unknown rule, {suggestion(rule_id, sorted(rule_ids))}"


def _ids_used_again(document: Document, place: Path, part: Keys, seen: Mapping[str, int]) -> Iterator[Problem]:
    """Yield a problem for every waiver whose id stands on an earlier line, or among those that it is added to."""
    lines = dict(seen)
    for path, waiver in _listed(place, part, "waivers"):
        waiver_id = waiver.get("id")
        if not isinstance(waiver_id, str):
            continue
        if (first := lines.get(waiver_id.casefold())) is not None:
            yield document.problem((*path, "id"), f"the same id as the waiver on line {first}; give it another")
        else:
            lines[waiver_id.casefold()] = document.lines[*path, "id"]


def _ids(document: Document, place: Path, part: Keys) -> dict[str, int]:
    """Return the lines of waivers' ids."""
    ids = ((path, waiver.get("id")) for path, waiver in _listed(place, part, "waivers"))
    return {waiver_id.casefold(): document.lines[*path, "id"] for path, waiver_id in ids if isinstance(waiver_id, str)}


def _entries_of_others(document: Document, place: Path, part: Keys, tenant_id: str) -> Iterator[Problem]:
    """Yield a problem for every waiver or answer below a tenant that names another one, and would count nowhere."""
    for path, entry in (*_listed(place, part, "waivers"), *_listed(place, part, "answers")):
        other = entry.get("tenant")
        if isinstance(other, str) and is_object_id(other) and other.lower() != tenant_id.lower():
            complaint = "is another tenant than the one it stands below; leave it out"
            yield document.problem((*path, "tenant"), complaint)


def _listed(place: Path, part: Keys, heading: str) -> Iterator[tuple[Path, Keys]]:
    """Yield each entry of a list that is at least a mapping, with where it stands."""
    listed = part.get(heading)
    for number, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield (*place, heading, number), entry


def _date(value: JsonValue) -> date | None:
    """Return a date, or None where there is none; what is no date is told by the model."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _keys(value: JsonValue) -> Keys:
    """Return what stands below a heading; nothing where the file is so wrong that there is nothing."""
    return value if isinstance(value, dict) else {}
