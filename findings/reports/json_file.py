"""findings.json: the result document; the same scan always gives the same bytes."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from common.errors import EvidenceError
from common.json_bytes import indented
from common.schema_versions import check_schema
from common.text import timestamp
from findings.document import FindingsDocument, RegistrarsDocument
from findings.reports import registrars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findings.result_parts import Part

_SCHEMA = "connectorwatch.findings"
_AT_ONCE = 256
"""Items of a list that are written at once."""
_ADVICE = "Restore findings.json from a backup, or make it again from the scan's evidence."


def render_json(document: FindingsDocument) -> bytes:
    """Return findings.json: UTF-8, indented by 2, times in UTC with Z, a newline at the end.

    Characters that cannot be seen are written as JSON escapes. They mean the same to a program, and cannot steer a
    terminal that the file is printed on.
    """
    return render_part(document)


def render_registrars_json(document: FindingsDocument) -> bytes:
    """Return the registrars of a scan as JSON, with the same keys and form as findings.json."""
    return render_part(
        RegistrarsDocument(
            tenant=document.tenant,
            scan=document.scan,
            policy=document.policy,
            sections=tuple(section for section in document.sections if registrars.is_role_data(section.name)),
            verdicts=tuple(verdict for verdict in document.verdicts if verdict.subject.type == "principal"),
            registrars=registrars.in_order(document),
            registrars_unresolved=document.registrars_unresolved,
        )
    )


def parse_json(data: bytes) -> FindingsDocument:
    """Return the document that findings.json holds; keys of a newer minor version are ignored.

    Raises:
        EvidenceError: The file is damaged or is something else.
        NewerVersionError: It has a newer major version.
    """
    try:
        content = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise EvidenceError(f"findings.json is not valid JSON ({error}). {_ADVICE}") from error
    if not isinstance(content, dict):
        raise EvidenceError(f"findings.json does not hold an object. {_ADVICE}")
    check_schema(content.get("schema"), expected=_SCHEMA, major=1)
    try:
        return FindingsDocument.model_validate(content | {"schema": f"{_SCHEMA}/v1"})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise EvidenceError(f"findings.json is damaged: {first['msg']} at {where}. {_ADVICE}") from error


def render_part(part: Part) -> bytes:
    """Return any document of ours as JSON, written like findings.json."""
    rendered = BytesIO()
    rendered.writelines(part_pieces(part))
    return rendered.getvalue()


def part_pieces(part: Part) -> Iterator[bytes]:
    """Yield what `render_part` returns, piece by piece: the whole of a large tenant's result takes many megabytes."""
    yield b"{"
    for number, (name, field) in enumerate(type(part).model_fields.items()):
        yield (b",\n  " if number else b"\n  ") + indented(field.alias or name, _plain) + b": "
        value = getattr(part, name)
        if isinstance(value, tuple) and len(value) > _AT_ONCE:
            yield from _list_pieces(value)
        else:
            yield _shifted(indented(_tree(value), _plain))
    yield b"\n}\n"


def _list_pieces(items: tuple[object, ...]) -> Iterator[bytes]:
    """Yield a long list, a few hundred items at a time; as one tree it would take ten times its size."""
    yield b"["
    for start in range(0, len(items), _AT_ONCE):
        piece = indented([_tree(item) for item in items[start : start + _AT_ONCE]], _plain)
        yield (b"," if start else b"") + _shifted(piece[1:-2])
    yield b"\n  ]"


def _shifted(content: bytes) -> bytes:
    """Return JSON indented by two more; a line break in it is never one of a text, where it is an escape."""
    return content.replace(b"\n", b"\n  ")


def _tree(value: object) -> object:
    """Return a part, or a list of parts, as plain lists and dictionaries."""
    match value:
        case BaseModel():
            return value.model_dump()
        case tuple():
            return [_tree(item) for item in value]
        case _:
            return value


def _plain(value: date) -> str:
    """Return what stands in JSON for the values that it has no form for: moments and days."""
    return timestamp(value) if isinstance(value, datetime) else value.isoformat()
