"""Which storage a setting chooses, and that a secret in it is never shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from common.errors import SettingsError
from connectorwatch.platform.storage import folder_of, open_store
from connectorwatch.settings import load_settings
from findings.stores.folder import FolderStore
from tests.paths import ROOT

KEY = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
WHOLE = f"DefaultEndpointsProtocol=https;AccountName=fleet;AccountKey={KEY};EndpointSuffix=core.windows.net"
SIGNED = "BlobEndpoint=https://fleet.blob.core.windows.net;TableEndpoint=https://fleet.table.core.windows.net;"


def chosen(storage: str, cloud: str = "global", credential: str = "default") -> object:
    """Return the store that a setting opens."""
    values = {"STORAGE": storage, "CLOUD": cloud, "CREDENTIAL": credential}
    return open_store(load_settings({f"CONNECTORWATCH_{name}": value for name, value in values.items()}))


@pytest.mark.parametrize("name", ["./out", "out", "/srv/connector watch", "C:\\out", "AccountKey"])
def test_a_folder(name: str) -> None:
    """What is neither an address nor a connection string is a folder."""
    assert isinstance(chosen(name), FolderStore)
    assert folder_of(load_settings({"CONNECTORWATCH_STORAGE": name})) == Path(name)


@pytest.mark.parametrize(
    ("address", "cloud", "credential"),
    [
        ("https://fleet.blob.core.windows.net", "global", "default"),
        ("https://fleet.blob.core.windows.net/", "global", "managed_identity"),
        ("https://fleet01.blob.core.usgovcloudapi.net", "usgov", "default"),
        ("https://fleet01.blob.core.usgovcloudapi.net", "usgov-dod", "cli"),
        ("https://fleet.blob.core.chinacloudapi.cn", "china", "default"),
        (WHOLE, "global", "default"),
        (f"AccountName=fleet;AccountKey={KEY}", "global", "default"),
        ("UseDevelopmentStorage=true", "global", "default"),
        (f"{SIGNED}SharedAccessSignature=sv=1&sig=secret", "global", "default"),
    ],
)
def test_a_storage_account(address: str, cloud: str, credential: str) -> None:
    """An address of the cloud that is set, or a connection string, opens a storage account; nothing is asked of it."""
    assert type(chosen(address, cloud, credential)).__name__ == "AzureStore"


@pytest.mark.parametrize(
    ("address", "cloud"),
    [
        ("https://fleet.blob.core.windows.net", "china"),
        ("https://fleet.blob.core.chinacloudapi.cn", "global"),
        ("http://fleet.blob.core.windows.net", "global"),
        ("https://fleet.blob.core.windows.net.evil.example", "global"),
        ("https://evil.example/fleet.blob.core.windows.net", "global"),
        ("https://user:secret@fleet.blob.core.windows.net", "global"),
        ("https://fleet.blob.core.windows.net/container", "global"),
        ("https://fleet.blob.core.windows.net?sv=1&sig=secret", "global"),
        ("https://fleet.table.core.windows.net", "global"),
        ("https://FLEET.blob.core.windows.net", "global"),
        ("s3://bucket", "global"),
    ],
)
def test_an_address_of_another_kind(address: str, cloud: str) -> None:
    """No token goes to an address that is not this cloud's blob storage; the error shows its form, not the value."""
    with pytest.raises(SettingsError, match=r"^CONNECTORWATCH_STORAGE is neither .*: correct it\.$") as caught:
        chosen(address, cloud)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"AccountKey={KEY}", "is not whole"),
        (f"AccountName=;AccountKey={KEY};EndpointSuffix=", "is not whole"),
        (f"BlobEndpoint=https://fleet.blob.core.windows.net;AccountKey={KEY}", "is not whole"),
        (WHOLE.replace("https", "http"), "plain http"),
    ],
)
def test_a_connection_string_that_is_none(text: str, says: str) -> None:
    """A connection string that lacks something, or would send its signature in the open, is told without its key."""
    with pytest.raises(SettingsError, match=says) as caught:
        chosen(text)
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_the_setting_is_not_shown() -> None:
    """Settings that are printed or logged show no connection string."""
    settings = load_settings({"CONNECTORWATCH_STORAGE": WHOLE})

    assert KEY not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_folder_loads_no_azure() -> None:
    """Opening a folder store loads nothing of Azure's storage libraries."""
    code = (
        "import sys; from connectorwatch.wiring import Choices, settings_of, store_of\n"
        "store_of(settings_of(Choices(out='x'), {}))\n"
        "sys.exit(any(name.startswith(('azure.storage', 'azure.data', 'azure.identity')) for name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)  # noqa: S603 - our own

    assert ran.returncode == 0
