"""What the parts of a policy share."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class PolicyPart(BaseModel):
    """What all parts of the policy share.

    Frozen. Unknown keys are refused where a policy *file* is read (a typo must not be a default), and ignored where a
    newer minor version's *evidence* is opened.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


def is_object_id(text: str) -> bool:
    """Return whether a text has the form of a directory object's id (8-4-4-4-12 hexadecimal digits, either case)."""
    return _OBJECT_ID.fullmatch(text) is not None
