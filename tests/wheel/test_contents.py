"""The wheel: what lies in it, and what it asks for."""

from __future__ import annotations

import re
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

from common.extras import OWN
from common.version import VERSION
from tests.paths import ROOT

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_LEFT_OUT = {".pyc"}


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return Parser().parsestr(archive.read(f"connectorwatch-{VERSION}.dist-info/METADATA").decode("utf-8"))


def test_it_holds_the_packages_whole_and_nothing_else(wheel: Path) -> None:
    """Every module, template, tenant and data file of the six packages and the example policy; no test, no tool."""
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in OWN
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in _LEFT_OUT
    }
    packed = {name for name in _names(wheel) if not PurePosixPath(name).parts[0].endswith(".dist-info")}

    assert packed == ours | {"policies/policy_file/policy.yaml"}


def test_it_has_the_version_of_the_code(wheel: Path) -> None:
    """The version is written in one place, and the file's name and its metadata follow it."""
    assert wheel.name == f"connectorwatch-{VERSION}-py3-none-any.whl"
    assert _metadata(wheel)["Version"] == VERSION
    assert "version" not in PROJECT


def test_it_installs_the_command(wheel: Path) -> None:
    """The command `connectorwatch` calls what `python -m connectorwatch` calls."""
    with zipfile.ZipFile(wheel) as archive:
        points = archive.read(f"connectorwatch-{VERSION}.dist-info/entry_points.txt").decode("utf-8")

    assert points.split() == ["[console_scripts]", "connectorwatch", "=", "connectorwatch.__main__:run"]


def test_the_core_needs_no_sdk_and_no_storage(wheel: Path) -> None:
    """Without an extra only msgraph-core and azure-identity come from Microsoft; the SDK's models are an extra."""
    required = _metadata(wheel).get_all("Requires-Dist") or []
    core = {re.split(r"[<>=]", text)[0] for text in required if "extra ==" not in text}

    assert {name for name in core if name.startswith(("azure", "msgraph"))} == {"msgraph-core", "azure-identity"}
    assert _metadata(wheel).get_all("Provides-Extra") == ["azure", "demo", "otel", "sdk"]


def test_every_requirement_begins_at_a_release_that_was_tested() -> None:
    """No lower bound is above the locked release, and none is left out."""
    locked = dict(re.findall(r"^([a-z0-9-]+)(?:\[[^\]]+\])?==([0-9.]+)", _lock("requirements-dev.txt"), re.MULTILINE))
    extras = [text for texts in PROJECT["optional-dependencies"].values() for text in texts]
    bounds = [
        re.fullmatch(r"([a-z0-9.-]+)>=([0-9.]+)(?:,<[0-9]+)?", text) for text in (*PROJECT["dependencies"], *extras)
    ]

    assert all(bounds)
    for bound in filter(None, bounds):
        name, lowest = bound.groups()
        assert _number(lowest) <= _number(locked[name.replace(".", "-")]), name


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.txt", ("azure", "otel", "sdk")),
        ("requirements-demo.txt", ("demo",)),
        ("requirements-wheel.txt", ("azure", "otel")),
    ],
)
def test_each_lock_has_what_its_extras_name(lock: str, extras: tuple[str, ...]) -> None:
    """What pyproject.toml names is pinned, and the wheel's lock has none of the SDK's models."""
    asked = [*PROJECT["dependencies"], *(text for extra in extras for text in PROJECT["optional-dependencies"][extra])]
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[^\]]+\])?==", _lock(lock), re.MULTILINE))

    assert {re.split(r"[<>=]", text)[0].replace(".", "-") for text in asked} <= pinned
    assert ("msgraph-sdk" in pinned) is ("sdk" in extras)


def test_no_dependency_brings_a_package_with_one_of_our_names() -> None:
    """In one environment a second `inventory` or `policies` would hide ours, or be hidden by it."""
    others = {
        name: set(packages) - {"connectorwatch"} for name, packages in packages_distributions().items() if name in OWN
    }

    assert {name: packages for name, packages in others.items() if packages} == {}


def _lock(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
