"""Extras: what a missing library is reported as."""

from __future__ import annotations

from importlib import import_module

import pytest

from common.errors import MissingExtraError
from common.extras import LIBRARIES, Extra, extra, missing_extras


def test_a_missing_library_is_reported_with_its_extra() -> None:
    """The sentence names what needs it, the extra and how to install it, and not how Python says it."""
    with pytest.raises(MissingExtraError) as raised, extra("azure", "A storage account"):
        import_module("azure.no_such_library")

    assert str(raised.value) == (
        "A storage account needs the extra azure, which is not installed (azure.no_such_library is missing): install "
        '"connectorwatch[azure]" in place of "connectorwatch", by the tool that installed it (uv tool, pipx or pip).'
    )


@pytest.mark.parametrize("name", ["findings.no_such_module", "common.no_such_module"])
def test_a_missing_module_of_ours_is_a_defect(name: str) -> None:
    """No extra would bring it, so none is named."""
    with pytest.raises(ModuleNotFoundError, match=name), extra("azure", "A storage account"):
        import_module(name)


def test_an_error_without_a_name_passes() -> None:
    """What is raised by hand names no library, and is not taken for a missing one."""
    with pytest.raises(ModuleNotFoundError, match="by hand"), extra("otel", "Telemetry"):
        raise ModuleNotFoundError("by hand")


def test_what_is_installed_is_not_missing() -> None:
    """A development environment has every extra."""
    assert missing_extras() == ()


def test_a_library_below_a_missing_package_is_missing() -> None:
    """Neither a missing library nor a missing package above it is an error of the check."""
    absent: dict[Extra, tuple[str, ...]] = {
        "otel": ("opentelemetry.no_such",),
        "demo": ("no_such_package.part",),
        "azure": ("json",),
    }

    assert missing_extras(absent) == ("otel", "demo")
    assert set(absent) == set(LIBRARIES)
