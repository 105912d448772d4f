"""One answer to what somebody may have meant, by a key or by a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import UNSEEN
from connectorwatch.usecases.suggestions import listed, nearest

NAMES = {
    "GRP001/a": "Paris",
    "GRP004/a": "Paris",
    "CON001/b": "par-pnc01.contoso.com",
    "CON003/c": "LON-PNC01",
}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("GRP004/PARIS", ("GRP004/a", "GRP001/a")),
        ("con001/par-pnc1", ("CON001/b",)),
        ("x/pnc01", ("CON001/b", "CON003/c")),
        ("GRP004/zzzzzzzzzzzz", ("GRP004/a",)),
        ("", ()),
        ("zzzz", ()),
    ],
)
def test_what_is_near(asked: str, expected: tuple[str, ...]) -> None:
    """Near is almost the key, the rule with almost the name or a machine's first label, and the rule alone."""
    assert nearest(asked, NAMES)[: len(expected) or 1] == expected


@given(st.text(max_size=200), st.dictionaries(st.text(max_size=30), st.text(max_size=30), max_size=12))
def test_at_most_five_and_nothing_hidden(asked: str, names: dict[str, str]) -> None:
    """Whatever is asked of whatever names, at most five keys come back, each once, and shown they steer nothing."""
    found = nearest(asked, names)

    assert len(set(found)) == len(found) <= 5
    assert set(found) <= set(names)
    assert not UNSEEN.search(listed(found, names))
