"""Numbers of a policy file that cannot both be met: a minimum above its maximum, here or in one tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.policy_file.model import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from common.yaml_lines import Document, Path, Problem

_PAIRS = (("min_registrars", "max_registrars"), ("min_active_connectors", "preferred_active_connectors"))
"""Keys of which the first must not be greater than the second."""
_BY_DEFAULT = ("min_registrars", "max_registrars")
"""The pair that is compared with its defaults too; the other one's second key matters only where it is written."""


def contradictions(document: Document) -> Iterator[Problem]:
    """Yield the pairs of numbers that contradict each other, each at the key that is written, the minimum first.

    Args:
        document: The file. A key that is not written has its default; one of a tenant's override stands over the
            file's own.
    """
    whole = _keys(document.data)
    yield from _part(document, (), whole, {})
    for tenant_id, override in _keys(whole.get("tenants")).items():
        yield from _part(document, ("tenants", tenant_id), _keys(override), whole)


def _part(
    document: Document, place: Path, part: Mapping[str, JsonValue], below: Mapping[str, JsonValue]
) -> Iterator[Problem]:
    for pair in _PAIRS:
        written = [key for key in pair if key in part]
        if not written or (pair != _BY_DEFAULT and pair[1] not in {*part, *below}):
            continue
        least, most = (_number({**below, **part}, key) for key in pair)
        if least is not None and most is not None and least > most:
            key, other = written[0], pair[1] if written[0] == pair[0] else pair[0]
            relation = "above" if key == pair[0] else "below"
            value, origin = (most if other == pair[1] else least), _origin(other, part, below)
            complaint = f"is {relation} {other}, {value}{origin}; nobody can meet both, so change one of them"
            yield document.problem((*place, key), complaint)


def _origin(key: str, part: Mapping[str, JsonValue], below: Mapping[str, JsonValue]) -> str:
    """Return where a value comes from that does not stand beside the one it contradicts."""
    return "" if key in part else " for all tenants" if key in below else " by default"


def _number(keys: Mapping[str, JsonValue], key: str) -> int | None:
    """Return a number, or its default; None for what is no whole number, which the model refuses itself."""
    value = keys.get(key, Policy.model_fields[key].default)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _keys(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}
