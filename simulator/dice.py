"""Seeded random numbers: the same seed gives the same run."""

from __future__ import annotations

import random
import uuid
from typing import TypeVar

_T = TypeVar("_T")


class Dice:
    """The seeded source of all random values in the simulator."""

    def __init__(self, seed: int) -> None:
        """Start the sequence that belongs to the seed."""
        self._random = random.Random(seed)  # noqa: S311 - has to be repeatable, keeps no secret

    def hits(self, ratio: float) -> bool:
        """Return true for the given share of calls."""
        return self._random.random() < ratio

    def guid(self) -> str:
        """Return a fresh GUID for a request id."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def shuffled(self, items: list[_T]) -> list[_T]:
        """Return the items in another order."""
        return self._random.sample(items, len(items))
