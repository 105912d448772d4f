"""What the tests of the handlers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectorwatch.web.sites import World, world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path) -> World:
    """Return a service over two scanned tenants."""
    return world(tmp_path)
