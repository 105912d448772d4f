"""A setting that is not known is refused, with the one that was meant where one is near."""

from __future__ import annotations

import pytest

from common.errors import SettingsError
from connectorwatch.settings import load_settings


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CONNECTORWATCH_STORGE", "Did you mean CONNECTORWATCH_STORAGE? docs"),
        ("connectorwatch_tennant_id", "Did you mean CONNECTORWATCH_TENANT_ID? docs"),
        ("CONNECTORWATCH_FOO", "is unknown. docs"),
        ("CONNECTORWATCH_FACT", "is unknown. docs"),
        ("CONNECTORWATCH_", "is unknown. docs"),
    ],
)
def test_an_unknown_setting(name: str, hint: str) -> None:
    """Only a real setting that is near is suggested: none for its prefix alone, and none that is for tests."""
    with pytest.raises(SettingsError) as caught:
        load_settings({name: "1"})

    assert hint in str(caught.value)
