"""What all tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _logs_as_they_are_by_default() -> Iterator[None]:
    """The command line sets logs up for its whole process, so a test that runs it inside this one has to tidy up."""
    yield
    structlog.reset_defaults()
