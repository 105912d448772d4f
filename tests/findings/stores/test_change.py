"""Documents change by compare-and-swap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from common.errors import ConflictError, StorageError
from findings.stores.change import ATTEMPTS, change_document
from findings.stores.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "tenant/state.json"


@dataclass(frozen=True)
class Number:
    """A document that holds a number."""

    value: int

    def to_bytes(self) -> bytes:
        """Return it in digits."""
        return str(self.value).encode()


def decode(content: bytes | None) -> Number:
    """Return the number, 0 where nothing is stored."""
    return Number(int(content or b"0"))


def add(store: FolderStore, change: Callable[[Number], Number], pauses: list[int] | None = None) -> Number:
    """Change the stored number."""
    waited = [] if pauses is None else pauses
    return change_document(store.documents, NAME, decode, change, advice="try later", pause=waited.append)


def test_a_document_is_created_and_changed(tmp_path: Path) -> None:
    """The first change makes the document, and the next one starts from it."""
    store = FolderStore(tmp_path)
    results = [add(store, lambda before: Number(before.value + 1)) for _ in range(2)]

    stored = store.documents.read(NAME)
    assert results == [Number(1), Number(2)]
    assert stored is not None
    assert stored.content == b"2"


def test_the_same_object_is_not_written(tmp_path: Path) -> None:
    """A change that returns what it was given writes nothing."""
    store = FolderStore(tmp_path)
    assert add(store, lambda before: before) == Number(0)
    assert store.documents.read(NAME) is None


def test_a_faster_writer_is_not_overwritten(tmp_path: Path) -> None:
    """What another writer stored meanwhile is read, and the change is applied to that."""
    store, pauses = FolderStore(tmp_path), list[int]()

    def change(before: Number) -> Number:
        if before.value == 0:
            store.documents.write(NAME, b"40", None)
        return Number(before.value + 2)

    assert add(store, change, pauses) == Number(42)
    assert pauses == [0]


def test_a_change_may_have_the_document_read_again(tmp_path: Path) -> None:
    """A change that wrote the document itself raises ConflictError, and is called with the new one."""
    store = FolderStore(tmp_path)

    def change(before: Number) -> Number:
        if before.value == 0:
            store.documents.write(NAME, b"7", None)
            raise ConflictError("changed on the way")
        return before

    assert add(store, change) == Number(7)


def test_it_gives_up_where_others_always_win(tmp_path: Path) -> None:
    """After as many attempts as allowed the error names the document and what happens next."""
    store = FolderStore(tmp_path)

    def contested(_: Number) -> Number:
        raise ConflictError("always")

    with pytest.raises(StorageError, match=f"{NAME} was changed by others {ATTEMPTS} times in a row; try later"):
        change_document(store.documents, NAME, decode, contested, advice="try later")
