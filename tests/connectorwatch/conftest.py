"""What the tests of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectorwatch.wishes import stored

if TYPE_CHECKING:
    from findings.document import FindingsDocument


@pytest.fixture(scope="session")
def newest(tmp_path_factory: pytest.TempPathFactory) -> FindingsDocument:
    """Return the result of a scan in which three groups fail."""
    return stored(tmp_path_factory.mktemp("store"))
