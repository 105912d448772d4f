"""What may be claimed after answers went wrong: nothing that was not delivered, read by a second, simple reader.

The second reader knows Python's `json` and nothing of pydantic. A list that the client calls read has to be, record by
record and field by field, what whole pages said, from a first one to one without a next. Where all lists that were read
are the same as without damage, no verdict may be a pass that is none without damage.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.errors import NotLicensedError, ReadError
from inventory.graph import GraphClient
from inventory.readers.connectors import GROUP_GONE
from inventory.request import ANY_404

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from inventory.answer import Answer
    from inventory.request import GraphRequest
    from inventory.sender import Sender

Outcome = tuple[Any, ...] | Any | ReadError
Key = tuple[str, bytes | None]


class Watched(GraphClient):
    """A Graph client that notes what it told for what it was asked."""

    def __init__(self, exchange: Sender) -> None:
        super().__init__(exchange)
        self.told: list[tuple[GraphRequest, Outcome]] = []

    async def read_list(self, ask: GraphRequest, model: type[Any]) -> tuple[Any, ...]:
        """Read a list and note the outcome."""
        try:
            records = await super().read_list(ask, model)
        except ReadError as error:
            self.told.append((ask, error))
            raise
        self.told.append((ask, records))
        return records

    async def read_many(self, asks: Sequence[GraphRequest], model: type[Any]) -> list[tuple[Any, ...] | ReadError]:
        """Read lists and note the outcomes."""
        outcomes = await super().read_many(asks, model)
        self.told += zip(asks, outcomes, strict=True)
        return outcomes

    async def read_each(self, asks: Sequence[GraphRequest], model: type[Any]) -> list[Any | ReadError]:
        """Read single things and note the outcomes."""
        outcomes = await super().read_each(asks, model)
        self.told += zip(asks, outcomes, strict=True)
        return outcomes


@dataclass
class Delivered:
    """Every answer that reached the client, by what was asked for."""

    root: str
    answers: dict[Key, list[tuple[int, str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def note(self, url: str, body: bytes | None, answer: Answer) -> None:
        """Note an answer, or a batch's answer member by member."""
        said = _json(answer.body)
        if not url.endswith("/$batch"):
            self.answers[url, body].append((answer.status, answer.headers.get("content-type", ""), said))
            return
        version = url.removeprefix(self.root).removesuffix("/$batch")
        asked = {one["id"]: f"{self.root}{version}{one['url']}" for one in json.loads(body or b"{}")["requests"]}
        members = said.get("responses") if isinstance(said, dict) and _is_json(answer) else None
        told = [one for one in members if isinstance(one, dict)] if isinstance(members, list) else []
        ids = [str(one.get("id")) for one in told]
        for one, own in zip(told, ids, strict=True):
            status, content = one.get("status"), one.get("body")
            if own in asked and ids.count(own) == 1 and str(status).removesuffix(".0").isdecimal():
                kind = "text" if isinstance(content, str) else "application/json"
                self.answers[asked[own], None].append((int(float(str(status))), kind, content))

    def explain(self, root: str, ask: GraphRequest, outcome: Outcome) -> bool:
        """Return whether an outcome says no more than was delivered."""
        key = (f"{root}{ask.absolute}", ask.body)
        if isinstance(outcome, NotLicensedError):
            return ask.premium and any("AadPremiumLicenseRequired" in _codes(said) for _, said in self._refusals(key))
        if isinstance(outcome, ReadError):
            # To its reader this one means "empty, if the group is still there", so the list itself must have said it.
            return outcome.code != GROUP_GONE or any(GROUP_GONE in _codes(said) for _, said in self._refusals(key))
        if not isinstance(outcome, tuple):
            return any(200 <= status < 300 and same(outcome, said) for status, _, said in self.answers[key])
        if outcome == () and any(ask.empty & _said_codes(status, said) for status, said in self._refusals(key)):
            return True
        return self._whole(key, outcome, len(self.answers) + 2)

    def _refusals(self, key: Key) -> list[tuple[int, Any]]:
        return [(status, said) for status, _, said in self.answers[key] if 400 <= status < 500]

    def _whole(self, key: Key, records: tuple[Any, ...], depth: int) -> bool:
        """Return whether some chain of whole pages from here on holds exactly these records."""
        for status, kind, said in self.answers[key] if depth else ():
            rows = said.get("value") if isinstance(said, dict) else None
            if not 200 <= status < 300 or not kind.startswith("application/json") or not isinstance(rows, list):
                continue
            if len(rows) > len(records) or not all(map(same, records, rows)):
                continue
            link = said.get("@odata.nextLink")
            if link is None and len(rows) == len(records):
                return True
            if isinstance(link, str) and self._whole((link, None), records[len(rows) :], depth - 1):
                return True
        return False


def same(record: BaseModel, said: object) -> bool:
    """Return whether a record holds what was said of it, in the fields it knows."""
    return _same(record.model_dump(mode="json", by_alias=True), said)


def _same(value: object, said: object) -> bool:
    if isinstance(value, dict):
        return isinstance(said, dict) and all(_same(inner, said.get(key)) for key, inner in value.items())
    if isinstance(value, list):
        if said is None:
            return value == []
        return isinstance(said, list) and len(said) == len(value) and all(map(_same, value, said))
    if isinstance(value, str) and isinstance(said, str) and value != said:
        return _moment(value) is not None and _moment(value) == _moment(said)
    return type(value) is type(said) and value == said


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _is_json(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").lower().startswith("application/json")


def _said_codes(status: int, said: object) -> set[str]:
    """Return the codes of an error and what its status adds to them; none at all of what is no error."""
    if not isinstance(said, dict) or not isinstance(said.get("error"), dict):
        return set()
    codes = (_codes(said) - {""}) or {f"http_{status}"}
    return codes | {ANY_404} if status == 404 else codes


def _codes(said: object) -> set[str]:
    """Return every error code anywhere in what was said."""
    found = {code for code in (said.get("code"),) if isinstance(code, str)} if isinstance(said, dict) else set()
    inner = said.values() if isinstance(said, dict) else ()
    return found.union(*(_codes(one) for one in inner))
