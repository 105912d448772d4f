"""What all tests of this folder need: an emulator, and a store in an account that nobody used yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findings.stores.azure import AzureStore
from findings.stores.azure_calls import Patience
from tests.azurite import Azurite, running

if TYPE_CHECKING:
    from collections.abc import Iterator

HASTE = Patience(attempts=6, first_wait=0.01, longest_wait=0.05, timeout=5)
"""Enough for an emulator on the same machine."""


@pytest.fixture(scope="session", name="azurite")
def _azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with running(tmp_path_factory.mktemp("azurite")) as emulator:
        yield emulator


@pytest.fixture(name="account")
def _account(azurite: Azurite) -> str:
    """Return the connection string of an empty account."""
    return azurite.fresh()


@pytest.fixture(name="store")
def _store(account: str) -> AzureStore:
    return AzureStore.from_connection_string(account, HASTE)
