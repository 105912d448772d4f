"""From bytes to records, by pydantic; the SDK's typed models take 3,000 times as long (docs/benchmarks.md)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError
from pydantic_core import from_json

from common.errors import FailedError
from inventory.models import Record

if TYPE_CHECKING:
    from inventory.answer import Answer

R = TypeVar("R", bound=Record)
M = TypeVar("M", bound=BaseModel)

MOST_TO_NAME = 8 * 1024 * 1024
"""The largest answer, in bytes, that is read once more for the id of its malformed record."""
_PLAIN_ID = re.compile(r"[0-9A-Za-z_-]{1,80}")


class Page(BaseModel, Generic[R]):
    """One page of a list. Reading it ends at the first malformed record: a million of them would cost gigabytes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    value: Annotated[tuple[R, ...], FailFast()]
    next_link: str | None = Field(default=None, alias="@odata.nextLink")


@lru_cache(maxsize=32)
def _page_of(model: type[R]) -> type[Page[R]]:
    return Page[model]  # type: ignore[valid-type]  # pydantic makes the class at run time


def decode_page(answer: Answer, model: type[R]) -> Page[R]:
    """Return one page of records.

    Raises:
        FailedError: The answer is not JSON, not a page, or holds a malformed record, which is named by id and field.
    """
    return decode_record(answer, _page_of(model))


def decode_record(answer: Answer, model: type[M]) -> M:
    """Return a single thing. Raises FailedError as `decode_page` does."""
    if not answer.is_json:
        kind = answer.headers.get("content-type", "nothing named")[:60]
        raise FailedError(
            f"the answer is not JSON ({kind!r})",
            code="not_json",
            advice="Something between here and Graph answered in its place: check the proxy.",
            request_id=answer.request_id,
        )
    try:
        return model.model_validate_json(answer.body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise FailedError(
            f"the answer is malformed at {_place(answer.body, problem['loc'])}: {problem['msg'][:120]}",
            code="malformed",
            advice="Scan again; if it stays, report it with the request id.",
            request_id=answer.request_id,
        ) from None


def _place(body: bytes, loc: tuple[int | str, ...]) -> str:
    """Return where in the answer the problem stands: the record's id and the field's name, where there is a record."""
    path = ".".join(str(part) for part in loc) or "the start"
    if len(loc) < 2 or loc[0] != "value":  # noqa: PLR2004 - a list and a place in it
        return path
    record: Any = from_json(body)["value"][loc[1]] if len(body) <= MOST_TO_NAME else None
    identity = record.get("id") if isinstance(record, dict) else None
    named = identity if isinstance(identity, str) and _PLAIN_ID.fullmatch(identity) else f"number {loc[1]}"
    return f"record {named}, field {'.'.join(str(part) for part in loc[2:]) or 'itself'}"
