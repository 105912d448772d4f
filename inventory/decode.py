"""From bytes to records, by pydantic; the SDK's typed models take 3,000 times as long (docs/benchmarks.md).

A page with an odd record is read once more, record by record, by a slower reader: bounded in size and in the number of
such records, since a million of them would cost gigabytes. It also reads text that pydantic's parser refuses as a
whole, such as half a surrogate pair in one name.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError
from pydantic_core import from_json, to_json

from common.errors import FailedError
from inventory.models import Record
from inventory.records import Records, UnreadableRecord

if TYPE_CHECKING:
    from inventory.answer import Answer

R = TypeVar("R", bound=Record)
M = TypeVar("M", bound=BaseModel)

MOST_TO_NAME = 8 * 1024 * 1024
"""The largest answer, in bytes, that is read once more for its malformed records."""
MOST_ODD = 100
"""The most records of one list that may be unreadable before the list itself counts as malformed."""
_NAMES = ("machineName", "displayName", "name", "activityDisplayName")
_LONGEST_NAME = 200
_PLAIN_ID = re.compile(r"[0-9A-Za-z_-]{1,80}")


class Page(BaseModel, Generic[R]):
    """One page of a list. Reading it ends at the first malformed record: a million of them would cost gigabytes."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

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


def decode_records(answer: Answer, model: type[R], before: int = 0) -> tuple[Records[R], str | None]:
    """Return the records of one page, those that cannot be read beside the others, and the address of the next page.

    Args:
        answer: Graph's.
        model: What the records are.
        before: The number of records on earlier pages, for the places of those that cannot be read.

    Raises:
        FailedError: The answer is not JSON or not a page, or it is too large or too odd to be read record by record.
    """
    try:
        page = decode_page(answer, model)
    except FailedError as error:
        content = _parsed(answer.body) if error.code == "malformed" and len(answer.body) <= MOST_TO_NAME else None
        if not isinstance(content, dict):
            raise
        rows, link = content.get("value"), content.get("@odata.nextLink")
        if not isinstance(rows, list) or not (link is None or (isinstance(link, str) and link.isascii())):
            raise  # an address that is no text leads nowhere: Graph's are ASCII
        records = _record_by_record(rows, model, before)
        if records is None:
            raise
        return records, link
    return Records(page.value), page.next_link


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return what an answer says, read by a parser that lets odd text through; None where even that cannot read it."""
    try:
        return json.loads(body.decode("utf-8", errors="surrogateescape"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _record_by_record(rows: list[Any], model: type[R], before: int) -> Records[R] | None:
    """Return the records of a page one by one; None where too many of them cannot be read."""
    records: list[R] = []
    unreadable: list[UnreadableRecord] = []
    for number, row in enumerate(rows, before + 1):
        read = _read_row(row, model, number)
        if isinstance(read, UnreadableRecord):
            unreadable.append(read)
        else:
            records.append(read)
        if len(unreadable) > MOST_ODD:
            return None
    return Records(records, unreadable)


def _read_row(row: object, model: type[R], number: int) -> R | UnreadableRecord:
    try:
        return model.model_validate_json(to_json(row))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in problem["loc"]) or "itself"
        reason = f"field {field}: {problem['msg'][:120]}"
    except ValueError:
        reason = "its text is no Unicode"
    if isinstance(row, dict) and model.essential and not row.keys() <= set(model.essential):
        essential = _read_row({name: row[name] for name in model.essential if name in row}, model, number)
        if not isinstance(essential, UnreadableRecord):
            return essential
    return UnreadableRecord(number=number, id=_plain_id(row), name=_name(row), reason=reason)


def _plain_id(row: object) -> str | None:
    identity = row.get("id") if isinstance(row, dict) else None
    return identity if isinstance(identity, str) and _PLAIN_ID.fullmatch(identity) else None


def _name(row: object) -> str | None:
    """Return what a record calls itself, with what is no character replaced."""
    names = (row.get(key) for key in _NAMES) if isinstance(row, dict) else ()
    name = next((name for name in names if isinstance(name, str) and name), None)
    return name[:_LONGEST_NAME].encode("utf-16", "surrogatepass").decode("utf-16", "replace") if name else None


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
    named = _plain_id(record) or f"number {loc[1]}"
    return f"record {named}, field {'.'.join(str(part) for part in loc[2:]) or 'itself'}"
