"""How many examples a property test tries: all of them in CI, a few while somebody waits."""

from __future__ import annotations

import os

IN_CI = bool(os.environ.get("CI"))
SHARE = 6


def examples(most: int) -> int:
    """Return `most` in CI, and a sixth of it elsewhere."""
    return most if IN_CI else max(3, most // SHARE)
