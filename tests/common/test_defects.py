"""Defects: what a report of one says."""

from __future__ import annotations

import json

import pytest

from common.defects import place_of
from common.ids import scan_id


def test_the_line_of_ours_is_named_and_the_text_is_not() -> None:
    """The kind and the innermost line of the product, relative to where it is installed."""
    with pytest.raises(AttributeError) as raised:
        scan_id("a tenant's text", "", "")  # type: ignore[arg-type]  # the defect
    place = place_of(raised.value)

    assert place.startswith("AttributeError at common/ids.py:")
    assert "tenant" not in place


def test_an_error_of_others_has_no_line() -> None:
    """Code outside our packages, such as a test or a library beside an installed copy, is not named."""
    with pytest.raises(ValueError, match="Expecting") as raised:
        json.loads("{")

    assert place_of(raised.value) == "JSONDecodeError"
