"""A property that an answer lacks is not known: it is never taken for null where null would pass."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_core import from_json, to_json

from policies.vocabulary import Outcome
from tests.connectorwatch.recording.changed import unchanged
from tests.connectorwatch.recording.judging import snapshot, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inventory.answer import Answer

_IDS = re.compile(r"\('[^']*'\)|\(.*\)$")
DEFAULTS = frozenset({"id", "@odata.type", "@odata.id"})
"""What tells a record apart; no answer of Graph's lacks it."""


def lists(body: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:  # noqa: ANN401 - any JSON
    """Yield the lists in an answer, those inside a batch as well, each with what it is a list of."""
    for content in (member.get("body") for member in body.get("responses", [{"body": body}])):
        if isinstance(content, dict) and isinstance(content.get("value"), list):
            context = content.get("@odata.context", "").rpartition("#")[2]
            yield _IDS.sub("", context), content["value"]


def places(value: Any, before: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the places of all properties in records, such as `identities.issuer`."""
    for one in value if isinstance(value, list) else [value]:
        for name, inside in one.items() if isinstance(one, dict) else ():
            yield f"{before}{name}"
            yield from places(inside, f"{before}{name}.")


def drop(value: Any, place: str) -> None:  # noqa: ANN401 - any JSON
    """Take one property out of records."""
    name, _, rest = place.partition(".")
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and rest:
            drop(one.get(name), rest)
        elif isinstance(one, dict):
            one.pop(name, None)


@cache
def properties() -> tuple[tuple[str, str], ...]:
    """Return every property of every list that a scan of the demo tenant reads."""
    found: dict[tuple[str, str], None] = {}

    def watched(_: str, answer: Answer) -> Answer:
        for kind, records in lists(from_json(answer.body)) if answer.ok else ():
            found.update(dict.fromkeys((kind, place) for place in places(records)))
        return answer

    snapshot(watched)
    return tuple(pair for pair in found if pair[1] not in DEFAULTS)


def without(kind: str, place: str) -> Callable[[str, Answer], Answer]:
    """Return a change that leaves one property out of all lists of a kind."""

    def changed(_: str, answer: Answer) -> Answer:
        if place.rpartition(".")[2].encode() not in answer.body:
            return answer
        body = from_json(answer.body)
        for own, records in lists(body):
            if own == kind:
                drop(records, place)
        return replace(answer, body=to_json(body))

    return changed


@pytest.mark.parametrize(("kind", "place"), properties(), ids=lambda text: text)
def test_nothing_passes_for_want_of_a_property(kind: str, place: str) -> None:
    """Where a list comes without one of its properties, no rule passes a subject that it judges otherwise with it."""
    for less, whole in zip(verdicts(without(kind, place)), verdicts(unchanged), strict=True):
        otherwise = {verdict.key for verdict in whole if verdict.outcome is not Outcome.PASS}
        passed = {verdict.key for verdict in less if verdict.outcome is Outcome.PASS}

        assert sorted(passed & otherwise) == []


def test_the_lists_of_a_scan_are_all_tried() -> None:
    """Properties of connectors, groups, people, roles, PIM and the audit log are among those left out."""
    kinds = {kind for kind, _ in properties()}

    assert len(properties()) > 60
    assert {"directoryObjects", "servicePrincipals", "organization"} <= kinds
    assert {"connectors", "roleDefinitions", "directoryAudits"} <= {kind.rpartition("/")[2] for kind in kinds}
