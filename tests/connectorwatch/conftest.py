"""What the tests of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectorwatch.channels.workflow import Workflow
from tests.connectorwatch.usecases.waiving import stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findings.document import FindingsDocument


@pytest.fixture(scope="session")
def newest(tmp_path_factory: pytest.TempPathFactory) -> FindingsDocument:
    """Return the result of a scan in which three groups fail."""
    return stored(tmp_path_factory.mktemp("store"))


@pytest.fixture(name="flow")
def _flow() -> Iterator[Workflow]:
    """Run a Workflow's webhook for the time of one test."""
    with Workflow().running() as running:
        yield running
