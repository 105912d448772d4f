"""What the tests of this folder share: a webhook, and no secrets left over in the list of those to hide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.delivery.workflow import Workflow

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(name="flow")
def _flow() -> Iterator[Workflow]:
    with Workflow().running() as running:
        yield running
