"""A tenant's stored answers: read for a scan, and changed by compare-and-swap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findings.state.answers import StoredAnswers
from findings.stores.change import change_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from findings.stores.ports import Store


def answers_name(tenant_id: str) -> str:
    """Return where a tenant's answers are stored."""
    return f"{tenant_id}/answers.json"


def stored_answers(store: Store, tenant_id: str) -> StoredAnswers:
    """Return a tenant's stored answers; none where nobody has answered.

    Raises:
        EvidenceError: The document is damaged or of a newer version.
        StorageError: Storage refused.
    """
    name = answers_name(tenant_id)
    stored = store.documents.read(name)
    return _decoded(stored.content if stored else None, name)


def change_answers(store: Store, tenant_id: str, change: Callable[[StoredAnswers], StoredAnswers]) -> StoredAnswers:
    """Change a tenant's answers by compare-and-swap, and return them; `change` may be called several times.

    Raises:
        EvidenceError: The document is damaged or of a newer version.
        StorageError: Storage refused, or other writers won each time.
    """
    name = answers_name(tenant_id)
    return change_document(
        store.documents, name, lambda content: _decoded(content, name), change, advice="answer again in a while"
    )


def _decoded(content: bytes | None, name: str) -> StoredAnswers:
    return StoredAnswers() if content is None else StoredAnswers.from_bytes(content, name)
