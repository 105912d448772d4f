"""Up to twenty reads in one request, each answered and refused for itself.

At most 20 members of one version, answered in any order (Graph "json-batching", 2025-02-21).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, FailFast, Field, JsonValue
from pydantic_core import to_json

from common.errors import FailedError
from inventory.answer import Answer
from inventory.decode import decode_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.request import GraphRequest

BATCH_SIZE = 20


class BatchMember(BaseModel):
    """One member of a batch's answer."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    id: str = Field(strict=True)
    status: int = Field(ge=100, le=599)
    headers: dict[str, str] | None = None
    body: JsonValue = None


class BatchAnswer(BaseModel):
    """The answer of `$batch`: members in any order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    responses: Annotated[tuple[BatchMember, ...], FailFast()]


def batch_body(asks: Mapping[int, GraphRequest]) -> bytes:
    """Return the body that asks for these, by their numbers."""
    return to_json({"requests": [_member(str(i), ask) for i, ask in asks.items()]})


def _member(number: str, ask: GraphRequest) -> dict[str, object]:
    headers = {"headers": ask.headers} if ask.headers else {}
    return {"id": number, "method": "GET", "url": ask.relative, **headers}


def with_members(answer: Answer) -> Answer:
    """Return a batch's answer with its members, by their ids.

    One that is there twice cannot be trusted and counts as missing. So do all of an answer that is no batch's, such as
    a proxy's page: whoever asked can ask for each alone.
    """
    if not answer.ok:
        return answer
    try:
        responses = decode_record(answer, BatchAnswer).responses
    except FailedError:
        return answer
    seen = Counter(member.id for member in responses)
    members = {member.id: _answer(member, answer) for member in responses if seen[member.id] == 1}
    return replace(answer, members=members)


def _answer(member: BatchMember, batch: Answer) -> Answer:
    """A member's body comes as JSON within JSON; anything else comes as base64 text, and keeps its own type.

    It has no date of its own, from which a `Retry-After` that is a date counts: its batch's holds.
    """
    date = {"date": batch.headers["date"]} if "date" in batch.headers else {}
    headers = date | {name.lower(): value for name, value in (member.headers or {}).items()}
    if not isinstance(member.body, str):
        headers["content-type"] = "application/json"
    return Answer(member.status, headers, to_json(member.body), caller=batch.caller)
