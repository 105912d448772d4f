"""Read and write stored evidence: compressed JSON, the same bytes for the same evidence."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, ValidationError

from common.errors import EvidenceError
from common.json_bounds import has_more_tokens
from common.schema_versions import check_schema
from policies.evidence import Evidence

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 512 * 1024 * 1024
"""The most bytes that stored evidence may have, and unfold to; 5,000 connectors take about 3 MB."""
MOST_TOKENS = 1_500_000
"""The most values and names in it, before any object is made of them."""
_MOST_NAMED = 100
"""Mistakes up to which the place of the first is named: pydantic lists all or none, a kilobyte each."""


def pack(evidence: Evidence) -> bytes:
    """Return evidence as the bytes to store."""
    # Without a time in the header, so that equal evidence gives equal bytes.
    return gzip.compress(evidence.model_dump_json(by_alias=True).encode(), compresslevel=6, mtime=0)


def unpack(content: bytes, name: str, largest: int = LARGEST) -> Evidence:
    """Return evidence from stored bytes, compressed or not.

    Args:
        content: The stored bytes.
        name: The name for error messages.
        largest: The largest size after decompression, in bytes.

    Raises:
        EvidenceError: It is damaged, too large, no evidence, or was written by a newer major version.
    """
    text = _unfold(content, name, largest) if content.startswith(b"\x1f\x8b") else content
    if len(text) > largest or has_more_tokens(text, MOST_TOKENS):
        raise EvidenceError(
            f"{name} is larger than {largest >> 20} MiB or holds more than {MOST_TOKENS:,} values; take another copy."
        )
    try:
        head = _Head.model_validate_json(text)
        check_schema(head.schema_, expected="connectorwatch.evidence", major=1)
        return Evidence.model_validate_json(text)
    except ValidationError as error:
        place = _first_place(error) if error.error_count() <= _MOST_NAMED else "many places"
        raise EvidenceError(
            f"{name} is no evidence of connectorwatch, or it is damaged, at {place or 'its start'}; "
            "take another copy of it."
        ) from None


def read_limited(path: Path, largest: int = LARGEST) -> bytes:
    """Return a file's bytes, one more than `largest` at most, so that a larger one is refused by `unpack`.

    Raises:
        OSError: The system refused.
    """
    with path.open("rb") as file:
        return file.read(largest + 1)


def _first_place(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])


class _Head(BaseModel):
    """The part of a document that names its version; all else may differ in a newer major version."""

    schema_: str = Field(alias="schema")


def _unfold(content: bytes, name: str, largest: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        text = inflater.decompress(content, largest)
    except zlib.error as error:
        raise EvidenceError(f"{name} is damaged and cannot be decompressed; take another copy of it.") from error
    if not inflater.eof:
        raise EvidenceError(f"{name} is cut off or larger than {largest >> 20} MiB; take another copy of it.")
    return text
