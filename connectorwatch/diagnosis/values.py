"""What varies in an error: addresses, hosts, codes, names, and ids by what they are ids of."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectorwatch.diagnosis.names import host_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Values = tuple[tuple[str, tuple[str, ...]], ...]

MOST = 5
"""How many values of a kind are kept."""
REGISTRATION_CLIENT = "55747057-9b5d-4bd4-b387-abf52a8bd489"
"""The client by which connectors register, the same in every tenant (page on silent installation, 2026-05-26)."""

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "url": re.compile(r"https?://[^\s\"'<>\])}|‘’“”]{1,500}", re.IGNORECASE),  # noqa: RUF001 - bent quotes end one
    "aadsts": re.compile(r"AADSTS[0-9]{4,8}"),
    "hresult": re.compile(r"\b0x[0-9A-Fa-f]{8}\b|\b(?:8007|8009)[0-9A-Fa-f]{4}\b(?!-)"),
    "spn": re.compile(
        r"\b(?:http|host|cifs|mssqlsvc)/(?=[a-z])[\w.-]{1,250}(?::\d{1,5})?(?:@[\w.-]{1,250})?", re.IGNORECASE
    ),
    "account": re.compile(r"(?<![\w./@+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
}
_ID = re.compile(r"(?<![0-9A-Za-z-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z-])")
_BEFORE_ID = 60
_ID_WORDS = (
    ("transaction", re.compile(r"trans[ak]+[ck]", re.IGNORECASE)),
    ("correlation", re.compile(r"[ck]orr[eé]la|相関", re.IGNORECASE)),
    ("trace", re.compile(r"trace|ablaufverfolgung|トレース", re.IGNORECASE)),
    ("request", re.compile(r"request|anforderung|demande|solicitud|要求", re.IGNORECASE)),
    ("session", re.compile(r"session|sitzung|sesi[oó]n|セッション", re.IGNORECASE)),
    ("object", re.compile(r"object", re.IGNORECASE)),
    ("application", re.compile(r"appli[ck]|anwendung|aplicaci|app[ _-]?id|アプリ|client", re.IGNORECASE)),
    ("tenant", re.compile(r"tenant|directory|mandant|verzeichnis|テナント", re.IGNORECASE)),
)
"""What an id is an id of, by the nearest word before it."""
KINDS = (
    "host",
    *_PATTERNS,
    "reason",
    *(kind for kind, _ in _ID_WORDS),
    "client",
    "identifier",
)
"""The kinds in the order in which they are shown."""
_FRAMES = (
    "schemas.microsoft.com",
    "www.w3.org",
    "go.microsoft.com",
    "aka.ms",
    "support.microsoft.com",
    "learn.microsoft.com",
    "docs.microsoft.com",
    "schemas.xmlsoap.org",
    "graph.microsoft.com",
)
"""Hosts of namespaces and of help pages: they belong to the frame of a message."""
_PROVIDER = re.compile(r"<provider [^>]{0,300}>", re.IGNORECASE)


def values_of(window: str, groups: Sequence[tuple[str, str]] = ()) -> dict[str, tuple[str, ...]]:
    """Return what varies in an error.

    Args:
        window: The text around it.
        groups: What its pattern picked out.
    """
    window = _PROVIDER.sub(" ", window)
    by_kind: dict[str, dict[str, None]] = {}
    for name, value in groups:
        if name in KINDS:
            by_kind.setdefault(name, {})[value.strip()] = None
    for match in _hosts().finditer(window):
        by_kind.setdefault("host", {})[match[0].lower()] = None
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(window):
            value = match[0].rstrip(".,;:!")
            if kind != "url" or not _is_frame(value):
                by_kind.setdefault(kind, {})[value] = None
    for match in _ID.finditer(window):
        kind = _kind_of_id(window, match)
        by_kind.setdefault(kind, {})[match[0]] = None
    return {kind: tuple(values) for kind, values in by_kind.items()}


def merged(many: Sequence[Mapping[str, tuple[str, ...]]]) -> Values:
    """Return what was found at all places of one error, each value once, at most five of a kind."""
    kinds = [kind for kind in KINDS if any(kind in values for values in many)]
    return tuple(
        (kind, tuple(dict.fromkeys(value for values in many for value in values.get(kind, ())))[:MOST])
        for kind in kinds
    )


@cache
def _hosts() -> re.Pattern[str]:
    return re.compile(host_pattern())


def _is_frame(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # brackets that are no address
        return False
    return host.lower() in _FRAMES


def _kind_of_id(window: str, match: re.Match[str]) -> str:
    if match[0].lower() == REGISTRATION_CLIENT:
        return "client"
    before = window[max(0, match.start() - _BEFORE_ID) : match.start()].rpartition("\n")[2]
    before = _ID.split(before)[-1]
    nearest, kind = -1, "identifier"
    for name, pattern in _ID_WORDS:
        for word in pattern.finditer(before):
            if word.start() > nearest:
                nearest, kind = word.start(), name
    return kind
