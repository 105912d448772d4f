"""findings.json: the document itself, written so that the same scan always gives the same bytes."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from common.errors import EvidenceError
from common.schema_versions import check_schema
from common.text import UNSEEN, timestamp
from findings.document import FindingsDocument, RegistrarsDocument
from findings.reports import registrars

if TYPE_CHECKING:
    from findings.result_parts import Part

_SCHEMA = "connectorwatch.findings"
_ESCAPED = re.compile(rf"(?!\n){UNSEEN.pattern}")
_WORDS_AT_ONCE = 4096
_ADVICE = "Restore findings.json from a backup, or make it again from the scan's evidence."


def render_json(document: FindingsDocument) -> bytes:
    """Return findings.json: UTF-8, indented by 2, times in UTC with Z, a newline at the end.

    Characters that cannot be seen are written as JSON escapes. They mean the same to a program, and cannot steer a
    terminal that the file is printed on.
    """
    return render_part(document)


def render_registrars_json(document: FindingsDocument) -> bytes:
    """Return what the scan says of registrars, written like findings.json and in the same words."""
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
    # Piece by piece: as one tree, or one list of words, a large tenant's result would take ten times its size.
    whole = {field.alias or name: getattr(part, name) for name, field in type(part).model_fields.items()}
    words = json.JSONEncoder(indent=2, ensure_ascii=False, allow_nan=False, default=_plain).iterencode(whole)
    rendered = bytearray()
    while piece := "".join(islice(words, _WORDS_AT_ONCE)):
        rendered += _ESCAPED.sub(lambda match: json.dumps(match[0])[1:-1], piece).encode()
    return bytes(rendered + b"\n")


def _plain(value: BaseModel | date) -> object:
    """Return a part as a dictionary, a day or a moment as text; `json` asks for what it cannot write itself."""
    return value.model_dump() if isinstance(value, BaseModel) else _day_or_time(value)


def _day_or_time(value: date) -> str:
    """Return a day or a moment as text."""
    return timestamp(value) if isinstance(value, datetime) else value.isoformat()
