"""Runbooks: the steps that remedy a failure, with placeholders for the machine, group or person concerned.

A step is a sentence with words in braces. `Runbook.generic` fills in general words, for documents and reports;
`Runbook.filled` those of one subject. Names come from the tenant, and whoever registers a connector chooses its name:
only a harmless name is filled in, otherwise the general word stays. No command connects to a named machine, which
could send an administrator's credentials to an attacker: commands are run on the server itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

RENAMED = (1, 5, 3829, 0)
"""From this version on Microsoft's new names apply (Microsoft Learn, "version history", 2026-06-08)."""

NEW_NAMES = {
    "connector_service": "Microsoft Entra private network connector",
    "updater_service": "Microsoft Entra private network connector updater",
    "channel": "Microsoft-Microsoft Entra private network-Connector/Admin",
    "updater_channel": "Microsoft-Microsoft Entra private network-Updater/Admin",
    "module": "MicrosoftEntraPrivateNetworkConnectorPSModule",
    "register": "Register-MicrosoftEntraPrivateNetworkConnector -EnvironmentName AzureCloud",
}
"""Names of services, event channels and commands from `RENAMED` on.

The services' short names WAPCSvc and WAPCUpdaterSvc never changed. Source: Microsoft Learn, "version history"
(2026-06-08) and "troubleshoot connectors" (2026-03-13).
"""

OLD_NAMES = {
    "connector_service": "Microsoft AAD Application Proxy Connector",
    "updater_service": "Microsoft AAD Application Proxy Connector Updater",
    "channel": "Microsoft-AadApplicationProxy-Connector/Admin",
    "updater_channel": "Microsoft-AadApplicationProxy-Updater/Admin",
    "module": "AppProxyPSModule",
    "register": "Register-AppProxyConnector",
}
"""The same before `RENAMED`; same sources."""

GENERIC: Mapping[str, str] = {
    **NEW_NAMES,
    "machine": "the connector's server",
    "group": "the connector group",
    "who": "the account",
    "role": "the custom role",
    "waiver": "the waiver",
    "entry": "the entry",
    "version": "the old version",
    "minimum": "the one that the finding names",
    "removal_expected": "by the day that the finding names",
    "history": "connectorwatch history --connector NAME",
}
"""All words that a step may hold in braces, with the general words used where nothing is filled in."""

_LONGEST = 255
_PUNCTUATION = frozenset(" ._-,'()@+")
_BLANK = frozenset("\u115f\u1160\u3164\uffa0")  # Hangul fillers: letters that nobody sees
_LEFT_TO_RIGHT = frozenset({"L", "EN", "ES", "CS", "ON", "WS", "ET"})


@dataclass(frozen=True)
class Runbook:
    """The remedy for a failure of one rule.

    Attributes:
        summary: The remedy in one sentence, without braces.
        steps: Sentences in order, with words of `GENERIC` in braces; commands stand in backticks.
        links: Documentation.
    """

    summary: str
    steps: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @cached_property
    def generic(self) -> tuple[str, ...]:
        """The steps in general words. Raises KeyError for a word that is not in `GENERIC`."""
        return self.filled({})

    def filled(self, words: Mapping[str, str]) -> tuple[str, ...]:
        """Return the steps with these words filled in, and general words for the others."""
        known = {**GENERIC, **words}
        return tuple(step.format_map(known) for step in self.steps)


def day(moment: datetime) -> str:
    """Return a time's day in UTC, such as `14 November 2026`."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y}"


def names_of(version: tuple[int, ...] | None) -> Mapping[str, str]:
    """Return the names used by a connector of this version; the new names if the version is not known."""
    return NEW_NAMES if version is None or version >= RENAMED else OLD_NAMES


def harmless(name: str | None) -> str | None:
    """Return a name if it can stand in a step of ours and in a command, or None.

    It begins with a letter or a digit, is at most 255 characters long, and holds letters and digits that are written
    from left to right, single spaces, and ``._-,'()@+``: nothing that a shell, Markdown or HTML reads as its own, no
    line break, nothing that hides.
    """
    if not name or len(name) > _LONGEST or not name[0].isalnum() or re.search(r"\s\s|\s$", name):
        return None
    return name if all(_is_plain(character) for character in name) else None


def _is_plain(character: str) -> bool:
    """Whether one character may stand in a name that is filled in."""
    if not character.isalnum():
        return character in _PUNCTUATION
    return character not in _BLANK and unicodedata.bidirectional(character) in _LEFT_TO_RIGHT


def quoted(name: str | None) -> str | None:
    """Return a harmless name as one argument of a PowerShell command, or None.

    In single quotes PowerShell expands nothing and reads two as one (Microsoft Learn, about_Quoting_Rules, 2026-01).
    It takes typographic quotes for single ones too; a name with these is not harmless.
    """
    plain = harmless(name)
    return None if plain is None else "'" + plain.replace("'", "''") + "'"
