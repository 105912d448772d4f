"""What the simulator's tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.helpers import Asker, asking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def contoso() -> AsyncIterator[Asker]:
    """A client of Contoso's Graph, everything allowed and nothing broken."""
    async with asking() as ask:
        yield ask
