"""Change a stored document by compare-and-swap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from common.errors import ConflictError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from findings.stores.ports import Documents

ATTEMPTS = 20
"""Attempts before giving up, where other writers win each time."""


class Document(Protocol):
    """A document in memory."""

    def to_bytes(self) -> bytes:
        """Return it as it is stored."""
        ...


D = TypeVar("D", bound=Document)


def _at_once(attempt: int) -> None:
    del attempt


def change_document(
    documents: Documents,
    name: str,
    decode: Callable[[bytes | None], D],
    change: Callable[[D], D],
    *,
    advice: str,
    pause: Callable[[int], None] = _at_once,
) -> D:
    """Change a document, read anew whenever another writer was faster, and return the result.

    Args:
        documents: Where it is stored.
        name: Its name.
        decode: Returns the document from its bytes, or from None where it does not exist yet.
        change: Returns the new document, or the very same object to write nothing. May be called several times, and
            may raise ConflictError to have the document read again.
        advice: What happens next, for the error message.
        pause: Waits after an attempt that failed; its argument is the number of the attempt, from 0.

    Raises:
        StorageError: Storage refused, or other writers won `ATTEMPTS` times in a row.
    """
    for attempt in range(ATTEMPTS):
        stored = documents.read(name)
        before = decode(stored.content if stored else None)
        try:
            after = change(before)
            if after is not before:
                documents.write(name, after.to_bytes(), stored.etag if stored else None)
        except ConflictError:
            pause(attempt)
        else:
            return after
    raise StorageError(f"{name} was changed by others {ATTEMPTS} times in a row; {advice}.")
