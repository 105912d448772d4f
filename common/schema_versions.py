"""The schema line that every stored document carries, such as `connectorwatch.state/v1` or `connectorwatch.state/v1.3`.

A minor version only adds fields, and readers keep what they do not know. A new major may mean anything, so it is
refused. A new word in a closed list (a state, an outcome, a subject's type) is a new major too: old readers fail on it.
"""

from __future__ import annotations

import re

from common.errors import EvidenceError, NewerVersionError

_SCHEMA = re.compile(r"(?P<document>connectorwatch\.[a-z]+)/v(?P<version>(?P<major>[1-9][0-9]{0,3})(?:\.[0-9]{1,4})?)")


def check_schema(text: object, expected: str = "connectorwatch.state", major: int = 1) -> int:
    """Return the major version that a document's schema line names: `major`, or an older one for the caller to migrate.

    Args:
        text: What the document says under `schema`.
        expected: Which document it should be.
        major: The newest major version that the caller can read.

    Raises:
        EvidenceError: The line is not one of ours, or names another document.
        NewerVersionError: It names a newer major version.
    """
    match = _SCHEMA.fullmatch(text) if isinstance(text, str) else None
    if match is None or match["document"] != expected:
        shown = repr(text)[:60]
        raise EvidenceError(
            f"A stored {expected} document is damaged: its schema is {shown}. Restore an earlier copy of the document."
        )
    major_version = int(match["major"])
    if major_version > major:
        raise NewerVersionError(
            f"A stored {expected} document has version {match['version']}, and this connectorwatch reads no newer one "
            f"than {major}: update connectorwatch."
        )
    return major_version
