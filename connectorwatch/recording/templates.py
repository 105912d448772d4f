"""What a request asked for, without ids, names and dates: `GET beta/…/connectorGroups/{id}/members`.

A next page's address is written by Graph and may hold anything, so each part is taken from the closed list or replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from connectorwatch.recording.vocabulary import OTHER, vocabulary

_MOST_PARTS = 40
_PAGING = frozenset({"$skiptoken", "$skip"})
_TOKEN = re.compile(r"'(?:[^']|'')*'|[A-Za-z@$.]+|[^\sA-Za-z@$.']+")


@dataclass(frozen=True)
class Template:
    """One kind of request.

    Attributes:
        text: Method, path and options, with `{id}` and `{value}` for what is not Microsoft's.
        next_page: Whether it asks for a page after the first.
    """

    text: str
    next_page: bool


def template_of(method: str, address: str) -> Template:
    """Return the kind of a request.

    Args:
        method: `GET`, `POST` or `DELETE`.
        address: Below the Graph root, version first, encoded, such as `/v1.0/organization?$select=id`.
    """
    path, _, query = address.partition("?")
    known = vocabulary()
    segments = [unquote(part) for part in path.strip("/").split("/")[:_MOST_PARTS]]
    shown = "/".join(part if part in known.segments else "{id}" for part in segments)
    options, next_page = _options(query)
    return Template(f"{method} {shown}{'?' if options else ''}{'&'.join(options)}", next_page)


def _options(query: str) -> tuple[list[str], bool]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARTS)
    except ValueError:
        return [OTHER], True
    known = vocabulary().options
    options = {_option(name, value) if name in known else OTHER for name, value in pairs if name not in _PAGING}
    return sorted(options), any(name in _PAGING for name, _ in pairs)


def _option(name: str, value: str) -> str:
    if name == "$top":
        return f"{name}={value}" if re.fullmatch(r"[0-9]{1,3}", value, re.ASCII) else f"{name}={{value}}"
    if name in {"$select", "$expand"}:
        known = vocabulary().properties
        return f"{name}={','.join(part if part in known else OTHER for part in value.split(',')[:_MOST_PARTS])}"
    if name == "$filter":
        return f"{name}={_filter(value)}"
    return f"{name}={{value}}"


def _filter(text: str) -> str:
    """Return the property names and operators of a filter; every value is left out."""
    known = vocabulary()
    names = known.properties | known.operators
    tokens = [token for token in _TOKEN.findall(text[:4000]) if token in names]
    return " ".join(dict.fromkeys(tokens))
