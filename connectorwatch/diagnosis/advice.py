"""What to run: commands with the names of a connector's version, and with what is known filled in."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from connectorwatch.knowledge.loading import cited, command, sources
from policies.releases.catalogue import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectorwatch.knowledge.model import Cloud, Command, Entry

RENAMED = (1, 5, 3829, 0)
"""The release in which folders, modules, cmdlets and channels got today's names (version history, 2026-06-08)."""

_SAFE = {
    "url": re.compile(r"https?://[A-Za-z0-9._-]{1,253}(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/%=+-]{0,500})?"),
    "host": re.compile(r"[A-Za-z0-9._-]{1,253}"),
    "port": re.compile(r"[0-9]{1,5}"),
    "spn": re.compile(r"[A-Za-z]{1,20}/[A-Za-z0-9._-]{1,253}(?::[0-9]{1,5})?"),
    "code": re.compile(r"[0-9]{4,7}"),
    "machine": re.compile(r"[A-Za-z0-9_-]{1,63}"),
}
"""What may be put into a command. A name that somebody else chose must not become a command of its own."""
_BLANKS = {
    "url": "'INTERNAL-URL'",
    "host": "HOST",
    "port": "443",
    "spn": "SPN",
    "code": "CODE",
    "machine": "CONNECTOR-COMPUTER",
}


class Page(BaseModel):
    """A source, as it is shown: its address, the date it gives itself, and the day it was last compared."""

    model_config = ConfigDict(frozen=True)

    title: str
    url: str
    page: date | None
    checked: date
    dates: str


class Advice(BaseModel):
    """Commands to run: what for, where (empty where it goes without saying), the lines, how to read the answer."""

    model_config = ConfigDict(frozen=True)

    title: str
    where: str
    lines: tuple[str, ...]
    answer: str


def pages(*entries: Entry) -> tuple[Page, ...]:
    """Return the sources of entries, each once."""
    cited_sources = dict.fromkeys(source for entry in entries for source in cited(entry))
    return tuple(
        Page(title=origin.title, url=origin.url, page=origin.page, checked=origin.checked, dates=origin.dates)
        for origin in cited_sources
    )


def disputes(entry: Entry) -> tuple[str, ...]:
    """Return the claims of sources that disagree, each with its source."""
    return tuple(
        f"{claim.says} ({sources()[claim.source].title}, {sources()[claim.source].dates})" for claim in entry.disputed
    )


def is_old(version: str | None) -> bool:
    """Whether a connector still has the names of before 1.5.3829.0; one whose version is unknown has today's."""
    number = parse_version(version)
    return number is not None and number < RENAMED


def advice(
    keys: Iterable[str], *, old: bool = False, cloud: Cloud = "global", values: Mapping[str, str] | None = None
) -> tuple[Advice, ...]:
    """Return commands by their ids.

    Args:
        keys: Ids of the topic `commands`.
        old: Whether the connector has the names of before 1.5.3829.0.
        cloud: Whose commands.
        values: What to fill in; what is missing, or could be more than a value, stays a word in capitals.
    """
    return tuple(_advice_of(key, old=old, cloud=cloud, values=values or {}) for key in keys)


def _advice_of(key: str, *, old: bool, cloud: Cloud, values: Mapping[str, str]) -> Advice:
    entry = command(key)
    lines = _lines(entry, old=old, cloud=cloud)
    lines = tuple(_filled(line.replace("--cloud global", f"--cloud {cloud}"), values) for line in lines)
    return Advice(title=entry.title, where=entry.where, lines=lines, answer=entry.answer)


def _lines(entry: Command, *, old: bool, cloud: Cloud) -> tuple[str, ...]:
    """Return the lines that fit a connector's names and its cloud best."""
    usgov = cloud == "usgov"
    for wanted, lines in ((old and usgov, entry.usgov_before), (usgov, entry.usgov), (old, entry.before)):
        if wanted and lines:
            return lines
    return entry.lines


def _filled(line: str, values: Mapping[str, str]) -> str:
    for name, allowed in _SAFE.items():
        value = values.get(name, "")
        shown = _BLANKS[name] if allowed.fullmatch(value) is None else f"'{value}'" if name == "url" else value
        line = line.replace(f"{{{name}}}", shown)
    return line
