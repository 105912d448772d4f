"""The list of tenants: what it may say, and how mistakes in it are told."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import SettingsError
from connectorwatch.commands.tenant import CREDENTIALS
from connectorwatch.platform.blob_files import beside
from connectorwatch.settings import PERSONAL, CredentialKind, Settings
from connectorwatch.tenants.tenant_list import find_tenant, parse_list, tenants_of
from tests.connectorwatch.service.making import A, B

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = f"""\
version: 1
tenants:
  - id: {A.upper()}
    name: Contoso
    credential: federated
    client_id: app
    policy: strict.yaml
    routes: [night, day]
  - id: {B}
"""


def listed(tmp_path: Path, text: str, name: str = "tenants.yaml") -> Settings:
    """Return settings whose list of tenants is this text."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    return Settings(tenants=str(tmp_path / name), credential="managed_identity", client_id="own", policy="p.yaml")


def test_a_tenant_of_the_list_has_its_own_settings(tmp_path: Path) -> None:
    """What an entry says holds for its tenant, and the installation's settings hold for what it leaves out."""
    first, second = tenants_of(listed(tmp_path, WHOLE))

    assert (first.id, first.name, first.routes) == (A, "Contoso", ("night", "day"))
    assert (first.settings.tenant_id, first.settings.credential, first.settings.client_id) == (A, "federated", "app")
    assert first.settings.policy == str(tmp_path / "strict.yaml")
    assert (second.settings.tenant_id, second.settings.credential) == (B, "managed_identity")
    assert (second.settings.client_id, second.settings.policy, second.name) == ("own", "p.yaml", None)


def test_without_a_list_the_one_tenant_of_the_settings_is_watched() -> None:
    """CONNECTORWATCH_TENANT_ID alone is a fleet of one, in lower case."""
    (only,) = tenants_of(Settings(tenant_id=A.upper()))

    assert (only.id, only.settings.tenant_id) == (A, A)


def test_without_any_tenant_the_settings_are_named() -> None:
    """A service that is told no tenant says which settings name one."""
    with pytest.raises(SettingsError, match="CONNECTORWATCH_TENANT_ID for one, or CONNECTORWATCH_TENANTS for many"):
        tenants_of(Settings())


def test_a_tenant_is_found_in_either_case(tmp_path: Path) -> None:
    """Ids are the same in upper and lower case, and an id that is not listed is nobody's."""
    settings = listed(tmp_path, WHOLE)

    assert find_tenant(settings, A.upper()) is not None
    assert find_tenant(settings, "cccccccc-0000-4000-8000-000000000003") is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tenants:\n  - name: x\n", "line 2, tenants.0.id: is missing; add it"),
        ("tenants:\n  - id: x.com\n", "line 2, tenants.0.id: must be a tenant's id (8-4-4-4-12 hexadecimal digits)"),
        (f"tenants:\n  - id: {A}\n  - id: {A.upper()}\n", "line 3, tenants.1.id: the same tenant as on line 2"),
        (f"tenants:\n  - id: {A}\n    credentail: cli\n", 'unknown key, did you mean "credential"?'),
        (f"tenants:\n  - id: {A}\n    credential: magic\n", "line 3, tenants.0.credential: must be 'default'"),
        (f"tenants:\n  - id: {A}\n    routes: night\n", "line 3, tenants.0.routes: must be a list"),
        ("tenants: 7\n", "line 1, tenants: must be a list"),
        ("version: 2\n", "line 1, version: must be 1"),
        ("- x\n", "must hold lines of the form"),
        ("tenants:\n  - 5\n", "line 2, tenants.0: must"),
        ("tenants: [\n", "not YAML"),
        ("\xff\n", "unknown"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(text: str, complaint: str) -> None:
    """Each mistake names its line, its key and what is allowed."""
    with pytest.raises(SettingsError) as told:
        parse_list(text.encode(), "tenants.yaml")

    assert "tenants.yaml" in str(told.value)
    assert complaint in str(told.value) or complaint == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"tenants": [{{"id": "{A}"}}, {{"id": "{A.upper()}"}}]}}',
        '{"tenants": [{"id": "x"}]}',
        '{"tenants": [], "tenants": []}',
        '{"tenants": [{"id": "' + A + '", "nmae": "x"}]}',
        "{",
    ],
)
def test_json_is_read_as_strictly_as_yaml(text: str) -> None:
    """A list in JSON with a mistake is refused with its line, too."""
    with pytest.raises(SettingsError, match=r"line 1"):
        parse_list(text.encode(), "tenants.json")


def test_a_long_list_is_read_as_json() -> None:
    """Ten thousand tenants in JSON, over the megabyte that YAML may have, are a list like any other."""
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(10_000)]
    text = json.dumps({"tenants": [{"id": own.upper(), "name": "x" * 60} for own in ids]})

    assert [entry.id for entry in parse_list(text.encode(), "t.json")] == ids


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_a_list_holds_it_is_read_or_refused(content: bytes) -> None:
    """No file breaks the reading: it is a list, or it is refused in our own words."""
    with suppress(SettingsError):
        parse_list(content, "tenants.yaml")


@pytest.mark.parametrize(
    ("place", "name", "expected"),
    [
        ("/etc/cw/tenants.yaml", "strict.yaml", "/etc/cw/strict.yaml"),
        ("/etc/cw/tenants.yaml", "/p/strict.yaml", "/p/strict.yaml"),
        ("/etc/cw/tenants.yaml", "https://h/c/strict.yaml", "https://h/c/strict.yaml"),
        ("https://h/c/a/tenants.yaml?sig=x", "strict.yaml", "https://h/c/a/strict.yaml"),
    ],
)
def test_a_policy_lies_beside_the_list(place: str, name: str, expected: str) -> None:
    """A policy is named relative to the list, on disk and in Blob Storage."""
    assert beside(place, name) == expected


@pytest.mark.parametrize("name", ["missing.yaml", "\x00"])
def test_a_missing_list_is_an_error_that_names_the_setting(name: str) -> None:
    """A list that cannot be read says so, and which setting names it."""
    with pytest.raises(SettingsError, match="CONNECTORWATCH_TENANTS"):
        tenants_of(Settings(tenants=name))


def test_the_command_offers_the_credentials_of_the_settings() -> None:
    """What `tenant add --credential` takes is what the settings take, but nobody signs in by hand for many tenants."""
    assert tuple(kind for kind in get_args(CredentialKind) if kind not in PERSONAL) == CREDENTIALS
