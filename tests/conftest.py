"""What all tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import settings

from tests.children import interruptible
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("here", max_examples=examples(100), deadline=None)
settings.load_profile("here")


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_works() -> Iterator[None]:
    """Ctrl-C means what it means to people, also for tests that a script started in the background."""
    with interruptible():
        yield


@pytest.fixture(autouse=True)
def _logs_as_they_are_by_default() -> Iterator[None]:
    """The command line sets logs up for its whole process, so a test that runs it inside this one has to tidy up."""
    yield
    structlog.reset_defaults()
