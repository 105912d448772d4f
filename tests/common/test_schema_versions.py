"""Schema lines of stored documents: which are read, and which are refused and how."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import EvidenceError, NewerVersionError
from common.schema_versions import check_schema

STATE = "connectorwatch.state"

anything = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())


@pytest.mark.parametrize("text", [f"{STATE}/v1", f"{STATE}/v1.0", f"{STATE}/v1.3", f"{STATE}/v1.9999"])
def test_minor_versions_are_read(text: str) -> None:
    """Any minor version of the major one asked for is read."""
    assert check_schema(text, expected=STATE, major=1) == 1


def test_an_older_major_is_told() -> None:
    """An older major version is named to the caller, who migrates it."""
    assert check_schema("connectorwatch.evidence/v1.2", expected="connectorwatch.evidence", major=2) == 1


@pytest.mark.parametrize(("text", "version"), [(f"{STATE}/v2", "2"), (f"{STATE}/v10.4", "10.4")])
def test_a_newer_major_is_refused(text: str, version: str) -> None:
    """A newer major version is refused, with the document, the version and what to do."""
    with pytest.raises(NewerVersionError) as caught:
        check_schema(text, expected=STATE, major=1)

    assert str(caught.value) == (
        f"A stored connectorwatch.state document has version {version}, and this connectorwatch reads no newer one "
        "than 1: update connectorwatch."
    )


@pytest.mark.parametrize(
    "text",
    [
        None,
        1,
        "",
        "v1",
        STATE,
        f"{STATE}/1",
        f"{STATE}/v",
        f"{STATE}/v0",
        f"{STATE}/v01",
        f"{STATE}/v-1",
        f"{STATE}/v1.",
        f"{STATE}/v1.2.3",
        f"{STATE}/v1 ",
        f"{STATE}/v1\n",
        f"{STATE}/v\u0661",
        f"{STATE}/v99999",
        "connectorwatch.findings/v1",
        "connectorwatch.findings/v2",
        "other.state/v1",
    ],
)
def test_nonsense_is_damage(text: object) -> None:
    """A line that is not a version of the document expected means that the document is damaged."""
    with pytest.raises(
        EvidenceError, match=r"^A stored connectorwatch\.state document is damaged: its schema is "
    ) as told:
        check_schema(text, expected=STATE, major=1)

    assert not isinstance(told.value, NewerVersionError)


@given(anything.filter(lambda text: not str(text).startswith(f"{STATE}/v1")))
def test_any_other_line_is_refused(text: object) -> None:
    """Whatever else stands under `schema` is refused with our own error, of bounded length."""
    with pytest.raises(EvidenceError) as caught:
        check_schema(text)

    assert len(str(caught.value)) < 200
