"""Changes of the inventory in words."""

from __future__ import annotations

import pytest

from findings.document import ChangeEntry
from findings.history.change_words import change_word
from findings.views.log_rows import log_rows
from tests.findings.cards.making import NOW
from tests.findings.reports.sample import about, document_of

PERSON, CONNECTOR = about("principal", 1, "Ada"), about("connector", 2, "hq")


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("updated", "1.5.1.0", "1.5.2.0", "updated"),
        ("updated", "1.5.10.0", "1.5.9.0", "went back"),
        ("updated", "1.5.2.0", None, "updated"),
        ("updated", None, "1.5.2.0", "updated"),
        ("updated", "1.5.2.0", "not a version", "updated"),
        ("moved", "2.0.0.0", "1.0.0.0", "moved"),
        ("gone", None, None, "gone"),
    ],
)
def test_words_about_connectors(kind: str, before: str | None, after: str | None, expected: str) -> None:
    """A version went back only where both can be compared and the new one is older; it is low for a log store."""
    change = ChangeEntry(at=NOW, kind=kind, subject=CONNECTOR, before=before, after=after)  # type: ignore[arg-type]
    document = document_of(()).model_copy(update={"changes": (change,)})
    (row,) = (row for row in log_rows(document) if row.source == "inventory")

    assert change_word(change) == expected
    assert (row.change, row.message, row.severity) == (kind, expected, "low" if expected == "went back" else "")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("new", "can register connectors now"),
        ("gone", "can no longer register connectors"),
        ("back", "can register connectors again"),
        ("renamed", "renamed"),
    ],
)
def test_words_about_people(kind: str, expected: str) -> None:
    """A person is never called gone: only what they can do is known."""
    assert change_word(ChangeEntry(at=NOW, kind=kind, subject=PERSON)) == expected  # type: ignore[arg-type]
