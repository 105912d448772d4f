"""What every store and its views promise, held against a storage account."""

from __future__ import annotations

from tests.findings.stores.store_contract import *  # noqa: F403 - the tests are collected from here
from tests.findings.views.views_contract import *  # noqa: F403 - the tests are collected from here
