"""A fleet's policy: what a file says for all tenants, and what is different in one. Pure.

The order: the built-in defaults, over them the file, over that the file's `tenants.<id>`. A value or a list takes the
place of the one before; `groups` and `rules` merge key by key, and so does each entry of theirs; waivers and answers
add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from common.ids import is_object_id
from policies.policy_file.policy_part import PolicyPart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.policy_file.model import Policy

P = TypeVar("P", bound=PolicyPart)


def merged(base: Policy, override: Policy) -> Policy:
    """Return a policy with another one's keys over it; keys that the other does not say stay as they are."""
    over = override.model_fields_set
    combined = {
        "groups": _by_key(base.groups, override.groups),
        "rules": _by_key(base.rules, override.rules),
        "waivers": (*base.waivers, *override.waivers),
        "answers": (*base.answers, *override.answers),
    }
    return base.model_copy(update={key: combined.get(key, getattr(override, key)) for key in sorted(over)})


def _by_key(base: Mapping[str, P], override: Mapping[str, P]) -> dict[str, P]:
    """Return entries merged by key. An id that is there in another case is the same key."""
    combined = dict(base)
    known_keys = {same(key): key for key in base}
    for key, entry in override.items():
        known = known_keys.get(same(key), key)
        before = combined.get(known)
        changed = {name: getattr(entry, name) for name in sorted(entry.model_fields_set)}
        combined[known] = entry if before is None else before.model_copy(update=changed)
    return combined


def same(key: str) -> str:
    """Return what tells a key from others: ids are compared without case, names exactly."""
    return key.lower() if is_object_id(key) else key
