"""What a value in JSON can turn into."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

PATH = "/v1.0/organization"
DATES = (
    "2026-11-20T06:00:00",
    "2026-11-20",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-01:00",
    "2026-02-30T00:00:00Z",
    "2026-11-20T06:00:00.9999999Z",
    "2030-01-01T00:00:00+14:00",
)
"""Moments that are odd, or none."""
TEXTS = (
    "",
    " ",
    "null",
    "active",
    "ACTIVE ",
    "applicationProxy",
    "#microsoft.graph.group",
    "guest#EXT#@contoso.com",
    "1.5.4522.0",
    "1.5",
    "9" * 50,
    "/",
    "../../me",
    "..",
    "x?$expand=manager",
    "x#fragment",
    "%2e%2e%2fme",
    "a/b\\c",
    "' or 1 eq 1",
    "2026-11-20T06:00:00",
    "2026-11-20T06:00:00Z",
    "9999-12-31T23:59:59.9999999Z",
    "0001-01-01T00:00:00+14:00",
    "yesterday",
    "\x00\x1b[31m\r\n",
    "\u202e\u2028\u2029",
    "<script>alert(1)</script>",
    "😀é",
    "x" * 20_000,
)
NUMBERS = (0, -1, 1, 200, 2**31, 2**63, 10**30, 0.5, -0.0, 1e308, float("inf"), float("nan"))
CODES = (
    "",
    "AadPremiumLicenseRequired",
    "ConnectorGroup_NotFound",
    "ApplicationsForGroup_NotFound",
    "ResourceNotFound",
    "Request_ResourceNotFound",
    "NotAdminRoleNoEnoughCustomPermission_UnauthorizedAccess",
    "Authorization_RequestDenied",
    "UnknownError",
    "TooManyRequests",
    "x" * 5000,
)
STATUSES = (
    204,
    206,
    301,
    302,
    304,
    400,
    401,
    402,
    403,
    404,
    405,
    408,
    409,
    410,
    413,
    429,
    500,
    501,
    502,
    503,
    504,
    599,
)
WAITS = (
    "0",
    "1",
    "2, 3",
    "1.5",
    "-1",
    "",
    "nan",
    "1e9",
    "999999999",
    "9" * 400,
    "soon",
    "Fri, 31 Dec 1999 23:59:59 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 00 Foo 2026",
    "٣",
)
TYPES = ("text/html", "text/plain", "", "application/xml", "application/jsonx", "application/octet-stream", "é", "JSON")


def other_value(chance: random.Random, value: object) -> object:
    """Return something else in place of a value, often of another type; of a date mostly another date."""
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == "T" and chance.random() < 0.8:
        return chance.choice(DATES)
    match chance.randrange(9):
        case 0 | 1:
            return None
        case 2 | 3:
            return chance.choice(TEXTS)
        case 4:
            return chance.choice(NUMBERS)
        case 5:
            return chance.choice((True, False))
        case 6:
            return [value] if chance.random() < 0.5 else {"value": value}
        case 7:
            return chance.choice(([], {}, [None], {"": None}))
        case _:
            return str(value) if not isinstance(value, str) else value.swapcase()


def places(node: object) -> list[tuple[Any, Any]]:
    """Return every container of a document with every key or index in it."""
    found: list[tuple[Any, Any]] = []
    stack = [node]
    while stack:
        one = stack.pop()
        inner = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        for key, value in inner:
            found.append((one, key))
            stack.append(value)
    return found


def nested(chance: random.Random) -> bytes:
    """Return JSON that is nested more or less deeply."""
    depth = chance.choice((5, 150, 199, 201, 5000))
    return b"[" * depth + b"]" * depth if chance.random() < 0.5 else b'{"a":' * depth + b"1" + b"}" * depth


def dumped(document: object) -> bytes:
    """Return a document as JSON."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


def links(root: str, evil: str) -> tuple[object, ...]:
    """Return next pages that are elsewhere or nowhere, some of them dressed up as Graph's own.

    Args:
        root: Graph's root, such as `https://graph.microsoft.com`.
        evil: The host, perhaps with a port, that must never be asked.
    """
    return (*_elsewhere(root, evil), *_dressed_up(root, evil), *NOWHERE)


NOWHERE: tuple[object, ...] = (
    "/v1.0/organization",
    "v1.0/organization",
    "?$skiptoken=x",
    "",
    " ",
    "#",
    "https://[bad/",
    "https://evil.example:99999999/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "data:application/json,{}",
    7,
    True,
    [],
    {},
)


def _elsewhere(root: str, evil: str) -> tuple[str, ...]:
    """Return addresses on other hosts, schemes and ports."""
    scheme, _, host = root.partition("://")
    return (
        f"{scheme}://{evil}{PATH}",
        f"http://{evil}/",
        f"https://{evil}/",
        f"{'http' if scheme == 'https' else 'https'}://{host}{PATH}",
        f"{scheme}://{host.partition(':')[0]}:8443{PATH}",
        f"{root}:443{PATH}",
        f"//{evil}{PATH}",
        f"{scheme}:{evil}",
        f"{scheme}:/{evil}/",
        f"{scheme}:\\\\{evil}\\",
        f"https://[::1]/{evil}",
    )


def _dressed_up(root: str, evil: str) -> tuple[str, ...]:
    """Return addresses that begin like Graph's own, or hold it somewhere."""
    scheme, _, host = root.partition("://")
    return (
        f"{root}.{evil}{PATH}",
        f"{root}@{evil}{PATH}",
        f"{scheme}://user:secret@{host}{PATH}",
        f"{scheme}://{host}:secret@{evil}{PATH}",
        f"{root}\\@{evil}/",
        f"{root}%2f@{evil}/",
        f"{root}#@{evil}/",
        f"{root}?@{evil}/",
        f" {root}{PATH}",
        f"{root}/v1.0/organi\tzation",
        f"{root}\n{PATH}",
        f"{root}\r\nHost: {evil}{PATH}",
        f"{root.upper()}{PATH}",
        f"{root}/../../{evil}",
        f"{root}//{evil}/",
        f"{root}/\\{evil}/",
        f"{root}{PATH}?é=ü ß",
        f"{root}/[::1]/%zz",
        f"{root}/" + "a" * 70_000,
    )
