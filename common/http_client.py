"""The HTTP library, and the only module that imports it.

It is httpx, which is hardly maintained any more; msgraph-core and kiota 1.16 require it (kiota: below 1.0). Who moves
to a successor begins here: everything else uses these names.
"""

from __future__ import annotations

from httpx import (
    URL,
    AsyncClient,
    AsyncHTTPTransport,
    BaseTransport,
    Client,
    ConnectError,
    HTTPError,
    InvalidURL,
    Limits,
    Request,
    Response,
    SyncByteStream,
    Timeout,
    TimeoutException,
)

__all__ = [
    "URL",
    "AsyncClient",
    "AsyncHTTPTransport",
    "BaseTransport",
    "Client",
    "ConnectError",
    "HTTPError",
    "InvalidURL",
    "Limits",
    "Request",
    "Response",
    "SyncByteStream",
    "Timeout",
    "TimeoutException",
]
