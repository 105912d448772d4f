"""Whom the token for storage is shown: accounts of Azure Storage alone, whatever a list or a policy names."""

from __future__ import annotations

import pytest

from common.errors import SettingsError
from connectorwatch.platform.blob_files import read_blob, write_blob
from connectorwatch.platform.storage import is_account
from connectorwatch.settings import load_settings

FOREIGN = (
    "https://collector.example/config/releases.yaml",
    "https://fleet.blob.core.windows.net.collector.example/config/releases.yaml",
    "https://fleet.blob.core.windows.net@collector.example/config/releases.yaml",
    "https://collector.example/fleet.blob.core.windows.net/releases.yaml",
    "https://fleet.blob.core.chinacloudapi.cn/config/releases.yaml",
    "http://fleet.blob.core.windows.net/config/releases.yaml",
    "https://127.0.0.1/config/releases.yaml",
)


@pytest.mark.parametrize("address", FOREIGN)
def test_no_other_host_is_asked_with_our_identity(address: str) -> None:
    """Reading and writing end before there is a token, and the sentence tells what an address looks like."""
    settings = load_settings({})
    expected = (
        f"{address} is not asked, since it would be shown a token for storage: name a blob as "
        "https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME, or a file."
    )

    with pytest.raises(SettingsError) as read:
        read_blob(address, settings, 100)
    with pytest.raises(SettingsError) as written:
        write_blob(address, settings, b"x", "etag")

    assert (str(read.value), str(written.value)) == (expected, expected)


@pytest.mark.parametrize(
    ("address", "cloud"),
    [
        ("https://fleet.blob.core.windows.net/config/tenants.yaml", "global"),
        ("https://fleet01.blob.core.usgovcloudapi.net/config/tenants.yaml", "usgov"),
        ("https://fleet01.blob.core.usgovcloudapi.net/config/tenants.yaml", "usgov-dod"),
        ("https://fleet.blob.core.chinacloudapi.cn/config/tenants.yaml", "china"),
    ],
)
def test_an_account_of_the_own_cloud_is_asked(address: str, cloud: str) -> None:
    """Each cloud has a suffix of its own."""
    assert is_account(address, load_settings({"CONNECTORWATCH_CLOUD": cloud}).cloud)
