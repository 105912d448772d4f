"""What all tests of this folder need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

from connectorwatch.platform.logs import set_up_logs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Log as the command line does by itself: errors only."""
    set_up_logs("error")
    yield
    structlog.reset_defaults()
