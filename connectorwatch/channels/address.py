"""Which addresses may be posted to. An address is a secret: no message shows more of it than its host."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from common import http_client
from common.errors import UndeliverableError
from inventory.transport_port import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Collection

WORKFLOWS = (
    ".environment.api.powerplatform.com",
    ".logic.azure.com",
    ".environment.api.gov.powerplatform.microsoft.us",
    ".environment.api.high.powerplatform.microsoft.us",
    ".environment.api.appsplatform.us",
    ".logic.azure.us",
)
"""How the hosts of Teams Workflows end: Microsoft's cloud, then US government GCC, GCC High and DoD (Power Platform
"API endpoints" and "URLs and IP address ranges", 2026-11)."""
RETIRED = (".webhook.office.com", ".webhook.office365.us")
"""How the hosts of the connectors of Office 365 ended, which Microsoft switched off in May 2026."""
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*", re.ASCII)
_HTTPS_PORT = 443
_SECRET_LENGTH = 16
"""Characters of a part that could be a secret; shorter ones are versions, dates and the like."""


def checked(address: str, variable: str, hosts: Collection[str]) -> http_client.URL:
    """Return an address that may be posted to.

    Args:
        address: The address, a secret.
        variable: The environment variable that holds it, for messages.
        hosts: Hosts that the operator lists; `*.example.com` is every host below that one.

    Raises:
        UndeliverableError: It is malformed or not allowed; the message says what to do.
    """
    try:
        url = http_client.URL(address.strip())
        host, port = url.host.lower().rstrip("."), url.port
    except (http_client.InvalidURL, UnicodeError, ValueError):
        raise UndeliverableError(f"{variable} holds no address: copy it again.") from None
    if url.scheme == "http" and host in LOOPBACK and host in hosts:
        return url
    if url.scheme != "https" or not host or url.userinfo:
        raise UndeliverableError(f"{variable} holds no address of the form https://HOST/…: copy it again.")
    if not is_host(url.raw_host.decode("ascii", "replace").rstrip(".")):
        raise UndeliverableError(f"{variable} holds no address with the name of a host: copy it again.")
    if host.endswith(RETIRED):
        raise UndeliverableError(
            f"{variable} holds the address of an Office 365 connector, which Microsoft has switched off: make a "
            "Workflow in the Teams channel and use its address."
        )
    if host.endswith(WORKFLOWS) and port in (None, _HTTPS_PORT):
        return url
    if not any(_covers(allowed.strip().lower(), host) for allowed in hosts):
        raise UndeliverableError(
            f"{variable} leads to {host}, which is no host of Teams Workflows: correct it, or list the host in "
            "CONNECTORWATCH_WEBHOOK_HOSTS."
        )
    return url


def is_host(name: str) -> bool:
    """Return whether a text can be a host's name or an IP address: no label of a name is empty or too long."""
    try:
        ip_address(name)
    except ValueError:
        return _HOST.fullmatch(name) is not None
    return True


def _covers(listed: str, host: str) -> bool:
    return host.endswith(listed[1:]) and host != listed[2:] if listed.startswith("*.") else host == listed


def parts_of(url: http_client.URL) -> tuple[str, ...]:
    """Return the texts by which an address could be known: the whole, and those parts of it that are long enough."""
    raw = url.raw_path.decode("ascii")
    parts = (raw, url.path, url.query.decode("ascii"), *url.params.values())
    return (str(url), *(part for part in parts if len(part) >= _SECRET_LENGTH))
