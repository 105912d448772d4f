"""Nothing that a tenant made comes out in a recording, wherever it stands."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from connectorwatch.demo import HEALTHY_TENANTS
from connectorwatch.recording.files import text_of
from connectorwatch.recording.show import question_lines, summary
from connectorwatch.recording.vocabulary import vocabulary
from tests.connectorwatch.recording.changed import Changed, recorded
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inventory.answer import Answer

MARK = "qzx"
"""Stands in every planted secret, and in no word of Microsoft's or ours."""

secrets = st.text(st.sampled_from("aB7-_.@:/\\'\"{}[]<> éЖ漢\u202e\n\t&=?#%$,\U0001f600"), min_size=0, max_size=30).map(
    lambda text: f"{MARK}{text}{MARK}"
)


class Planter:
    """Plants a secret in a share of all places of every answer: values, property names, links, headers, errors.

    Args:
        secret: What to plant.
        share: Of all places, between 0 and 1.
        seed: Decides which.
    """

    def __init__(self, secret: str, share: float, seed: int) -> None:
        self.secret, self._share, self.planted = secret, share, 0
        self._random = random.Random(seed)  # noqa: S311 - which places, not what secret

    def _hit(self) -> bool:
        hit = self._random.random() < self._share
        self.planted += hit
        return hit

    def __call__(self, address: str, answer: Answer) -> Answer:
        """Return the answer with the secret in it; the members of a batch are planted one by one."""
        del address
        headers = {
            name: f"{value.partition(';')[0]}; x={self.secret}" if self._hit() else value
            for name, value in answer.headers.items()
        }
        headers |= {"location": self.secret, "deprecation": self.secret, f"x-{self.secret}": self.secret}
        try:
            body = self._in(from_json(answer.body), "")
        except ValueError:
            return replace(answer, headers=headers, body=answer.body + self.secret.encode())
        return replace(answer, headers=headers, body=to_json(body))

    def _in(self, node: object, name: str) -> object:
        if isinstance(node, dict):
            planted = {key: self._in(child, key) for key, child in node.items()}
            return planted | {self.secret: {self.secret: self.secret}} if self._hit() else planted
        if isinstance(node, list):
            return [self._in(child, name) for child in node]
        if not isinstance(node, str) or not self._hit():
            return node
        if name == "@odata.nextLink":
            return f"{node}&{quote(self.secret)}={quote(self.secret)}&$filter={quote(self.secret)}"
        return self.secret


def written(change: Callable[[str, Answer], Answer], tenant: str, token: str = "") -> str:
    """Return all that leaves a run: the file, and what is printed."""
    recording = recorded(Changed(change, tenant), token)
    return "\n".join([text_of(recording), *summary(recording), *question_lines(recording)])


@pytest.mark.slow
@settings(max_examples=examples(120))
@given(secrets, st.sampled_from([0.02, 0.2, 0.7, 1.0]), st.integers(0, 2**32), st.sampled_from(HEALTHY_TENANTS))
def test_no_planted_secret_comes_out(secret: str, share: float, seed: int, tenant: str) -> None:
    """Whatever a tenant holds in whichever place, neither the file nor the terminal shows it."""
    planter = Planter(secret, share, seed)
    token = jwt.encode({"roles": [secret], "wids": [secret, 7], "oid": secret, "upn": secret}, "k" * 32)

    text = written(planter, tenant, token)

    assert planter.planted
    assert MARK not in text.casefold()


@pytest.mark.parametrize("tenant", ["contoso", "hostile", "no-p2", "connectors-denied", "roles-denied"])
def test_only_listed_words_come_out(tenant: str) -> None:
    """Each word of a recording is Microsoft's by the closed list, or connectorwatch's own."""
    document = json.loads(text_of(recorded(Changed(lambda _, answer: answer, tenant))))

    assert {word for text in _texts(document) for word in re.findall(r"[^\W\d]{2,}", text)} - _own_words() == set()


@pytest.mark.parametrize("tenant", ["contoso", "clean", "hostile", "no-p2"])
def test_no_id_comes_out(tenant: str) -> None:
    """No recording holds anything in the form of an id, an address or a date."""
    text = written(lambda _, answer: answer, tenant)

    assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-|https?://|\d+\.\d+\.\d+\.\d+|\d{4}-\d\d-\d\d", text) is None


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, child in node.items():
            yield key
            yield from _texts(child)
    elif isinstance(node, list):
        for child in node:
            yield from _texts(child)


@cache
def _own_words() -> set[str]:
    listed = vocabulary().model_dump_json()
    ours = (
        "schema connectorwatch recording version cloud loopback identity kind app only opaque permissions roles "
        "sections exchanges overlaps request batched requests next_pages statuses error_codes faults headers "
        "unreadable properties milliseconds least median most types sizes words total string boolean number null "
        "object array unknown property case GET POST id value other none first second both first_only "
        "second_only names "
        "of audit targets machine members connector groups connectors changed values in events role holders "
        "principals read denied failed throttled not_licensed organization connector_groups private_access "
        "role_definitions role_assignments role_eligibilities assignments eligibilities owners applications delegated "
        "home organizations tenant"
    )
    return set(re.findall(r"[^\W\d]{2,}", f"{listed} {ours}"))
