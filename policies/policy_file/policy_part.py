"""What the parts of a policy share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class PolicyPart(BaseModel):
    """What all parts of the policy share.

    Frozen. Unknown keys are refused where a policy *file* is read (a typo must not be a default), and ignored where a
    newer minor version's *evidence* is opened.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")
