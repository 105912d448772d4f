"""Changes of the inventory in words: the same in every report, card and timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.releases.catalogue import parse_version

if TYPE_CHECKING:
    from findings.document import ChangeEntry

WENT_BACK = "went back"
_PEOPLE = {
    "new": "can register connectors now",
    "gone": "can no longer register connectors",
    "back": "can register connectors again",
}


def change_word(change: ChangeEntry) -> str:
    """Return what happened to something in the inventory, such as `updated`, or `went back` to an older version."""
    if change.subject.type == "principal":
        return _PEOPLE.get(change.kind, change.kind)
    return kind_word(change.kind, change.before, change.after)


def kind_word(kind: str, before: str | None, after: str | None) -> str:
    """Return a kind of change in words; a version that is older than the one before `went back`."""
    if kind != "updated":
        return kind
    old, new = parse_version(before), parse_version(after)
    return WENT_BACK if old is not None and new is not None and new < old else kind
