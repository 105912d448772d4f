"""Shared by machine-readable formats: writing JSON, and ids that stay the same from scan to scan."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from common.text import visible

if TYPE_CHECKING:
    from pydantic import JsonValue

    from findings.document import FindingsDocument, GoneEntry, VerdictEntry

    Entry = VerdictEntry | GoneEntry

PRODUCT = "connectorwatch"
_NAMESPACE = uuid.UUID("6f1c2c52-6a3e-5d0b-9c55-3b7a0c1f4d21")


def shown(value: JsonValue) -> JsonValue:
    """Return evidence with all text in it, keys too, made visible; see `text.visible`."""
    match value:
        case str():
            return visible(value)
        case list():
            return [shown(item) for item in value]
        case dict():
            return {visible(key): shown(item) for key, item in value.items()}
        case _:
            return value


def given(**fields: JsonValue) -> dict[str, JsonValue]:
    """Return the fields without None, empty text and empty lists."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def entries(document: FindingsDocument) -> tuple[Entry, ...]:
    """Return the verdicts, then the findings that have no verdict in this scan."""
    return (*document.verdicts, *document.gone)


def finding_uid(document: FindingsDocument, key: str) -> str:
    """Return an id for a finding that is unique over all tenants and the same in every scan."""
    return visible(f"{document.tenant.id}/{key}")


def fingerprint(document: FindingsDocument, key: str) -> str:
    """Return the first 32 hex digits of the SHA-256 of a finding's name."""
    return hashlib.sha256(finding_uid(document, key).encode()).hexdigest()[:32]


def guid(*names: str) -> str:
    """Return a version 5 UUID for a name made of parts."""
    return str(uuid.uuid5(_NAMESPACE, visible("/".join(names))))


def ways_out(document: FindingsDocument) -> dict[str, str]:
    """Return the remedy for each list that was not read, by the list's name."""
    return {section.name: section.advice or "" for section in document.sections if not section.known}
