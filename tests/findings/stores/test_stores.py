"""What every store promises, held against a folder; tests/azure holds a storage account against the same."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import StorageError
from findings.stores.folder import FolderStore
from findings.stores.ports import Store, check_name
from tests.findings.stores.store_contract import *  # noqa: F403 - the tests are collected from here
from tests.findings.views.views_contract import *  # noqa: F403 - the tests are collected from here


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Store:
    return FolderStore(tmp_path / "out")


nasty = st.sampled_from(["..", ".", "", "a", "b.c", "C:", "\\", "\0", "~", "CON", " ", "%2f", "\u2215", "-"])
names = st.lists(nasty | st.text(max_size=3), max_size=5).map("/".join) | st.text(max_size=12)


@given(names)
def test_no_name_leads_out(name: str) -> None:
    """A name that is accepted stays below the root, on every system, and is the only name of its place."""
    try:
        accepted = check_name(name)
    except StorageError:
        return

    posix, windows = PurePosixPath(accepted), PureWindowsPath(accepted)
    assert accepted == name == str(posix) == windows.as_posix()
    assert not windows.drive
    assert not windows.root
    assert not any(part.startswith(".") or "\\" in part for part in posix.parts)
    assert Path("/root", accepted).resolve().is_relative_to("/root")
