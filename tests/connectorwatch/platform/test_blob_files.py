"""Whom the token for storage is shown: accounts of Azure Storage alone, whatever a list or a policy names."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


@pytest.mark.parametrize("address", FOREIGN)
def test_no_other_host_is_asked_with_a_signature_either(address: str) -> None:
    """A signed address of another host is asked for nothing, so that nobody looks around from where this runs."""
    with pytest.raises(SettingsError, match="is not asked"):
        read_blob(f"{address}?sv=2026&sig=planted", load_settings({}), 100)


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/x?sig=y", "http://127.0.0.1@evil.example:80/x?y", "http://localhost.evil:1/x?y"]
)
def test_the_emulator_is_loopback(address: str) -> None:
    """What only looks like this machine is another host."""
    with pytest.raises(SettingsError, match="is not asked"):
        read_blob(address, load_settings({}), 100)


def test_redirects_are_not_followed() -> None:
    """An answer that leads elsewhere, as the emulator's might, is an error, and nobody goes there."""
    visits: list[str] = []

    class Leads(BaseHTTPRequestHandler):
        """Leads every request to its own second page."""

        def do_GET(self) -> None:
            """Answer with a redirect."""
            visits.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere?x")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Leads) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(SettingsError, match="cannot be read"):
            read_blob(f"http://127.0.0.1:{server.server_port}/account/config/policy.yaml?sig=x", load_settings({}), 100)
        server.shutdown()
    assert visits, visits
    assert all(path.startswith("/account/config/policy.yaml") for path in visits)
