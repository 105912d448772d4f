"""What names a connector in a text: its hosts, services, programs, channels; all of it from the knowledge."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from connectorwatch.diagnosis.normalise import letters
from connectorwatch.knowledge.loading import topic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectorwatch.knowledge.model import ChannelEntry, HostEntry, Neighbour, ServiceEntry

_PLACEHOLDER = re.compile(r"\{\{([a-z-]+)\}\}")
_ALSO = (
    "msappproxy",
    "servicebus.",
    "aadapplicationproxy",
    "entra private network",
    "private network connector",
    "entraprivatenetworkconnector",
    "application proxy connector",
    "applicationproxyconnector",
    "cloudwebappproxy",
    "connector registration",
    "registerconnector",
    "published application",
    "published backend",
    "backend server",
    "back-end server",
    "badgateway",
    "run_grpc_tunnel",
)
"""Words beside the names of hosts and services after which a text is about a connector."""


@cache
def host_pattern() -> str:
    """Return an expression for the hosts of both clouds that connectors need and few other programs use."""
    entries: tuple[HostEntry, ...] = topic("hosts").entries
    names = {host for entry in entries for host in entry.hosts if host not in entry.widely_used}
    domains = sorted(re.escape(name.removeprefix("*.")) for name in names if name.startswith("*."))
    whole = sorted(re.escape(name) for name in names if not name.startswith("*."))
    below = rf"(?:[a-z0-9_-]{{1,63}}\.){{1,6}}(?:{'|'.join(domains)})"
    return rf"(?i:(?<![\w.-])(?:{below}|{'|'.join(whole)})(?![\w-]|\.[a-z0-9]))"


@cache
def host_words() -> tuple[str, ...]:
    """Return literals of which every such host has one, in lower case."""
    entries: tuple[HostEntry, ...] = topic("hosts").entries
    names = {host.removeprefix("*.") for entry in entries for host in entry.hosts if host not in entry.widely_used}
    return tuple(sorted(name for name in names if not any(other != name and other in name for other in names)))


@cache
def service_pattern(about: str) -> str:
    """Return an expression for a service's names: `connector`, `updater` or `either`, its programs included."""
    if about == "either":
        return f"(?:{service_pattern('updater')}|{service_pattern('connector')})"
    entry: ServiceEntry = topic("services").entry(about)
    names = "|".join(re.escape(name) for name in (entry.display, entry.display_before))
    programs = "|".join(re.escape(program.removesuffix(".exe")) for program in (entry.program, entry.program_before))
    tail = r"(?!\s*updater)" if about == "connector" else ""
    return rf"(?i:\b(?:{entry.name}|(?:{names}){tail}|{programs})\b)"


def expanded(expression: str) -> str:
    """Return an expression of the knowledge with its placeholders filled in.

    Raises:
        KeyError: There is no such placeholder.
    """
    known = {
        "host": host_pattern(),
        "connector": service_pattern("connector"),
        "updater": service_pattern("updater"),
        "service": service_pattern("either"),
    }
    return _PLACEHOLDER.sub(lambda match: known[match[1]], expression)


@cache
def service_words() -> tuple[str, ...]:
    """Return the names of both services and their programs, in lower case."""
    entries: tuple[ServiceEntry, ...] = topic("services").entries
    words = (
        (entry.name, entry.display, entry.display_before, *map(_stem, (entry.program, entry.program_before)))
        for entry in entries
    )
    return tuple(sorted({word.lower() for several in words for word in several}))


def _stem(program: str) -> str:
    return program.removesuffix(".exe")


@cache
def context_words() -> tuple[str, ...]:
    """Return the words, in lower case, near which a text is about a connector."""
    return tuple(sorted({*_ALSO, *service_words()}))


@cache
def provider_words() -> tuple[str, ...]:
    """Return how the connector's event provider appears in a text, in lower case; tables cut it off."""
    entries: tuple[ChannelEntry, ...] = topic("channels").entries
    names = {name.partition("/")[0].lower() for entry in entries for name in (entry.channel, entry.before)}
    connectors = sorted(name for name in names if name.endswith("connector"))
    return (*connectors, *(f"{name[:17]}..." for name in connectors))


def channel_of(name: str) -> ChannelEntry | None:
    """Return the connector's channel that a name means.

    It may be the channel, its provider alone, which has one Admin channel, or the path in Event Viewer's tree, in any
    language and with any separators.
    """
    wanted = letters(name)
    entries: tuple[ChannelEntry, ...] = topic("channels").entries
    for entry in entries:
        for known in map(letters, (entry.channel, entry.before)):
            short = known.removeprefix("microsoft") if known.startswith("microsoftmicrosoft") else known
            if wanted.endswith(known) or wanted == short:
                return entry
            if known.endswith("admin") and _is_provider(wanted, known.removesuffix("admin")):
                return entry
    return next(filter(lambda channel: _cut_off(name, channel), entries), None)


def _is_provider(wanted: str, provider: str) -> bool:
    return wanted.endswith(provider) or wanted == provider.removeprefix("microsoft")


def _cut_off(name: str, entry: ChannelEntry) -> bool:
    """Whether a name is the beginning of a channel's, as a narrow table shows it."""
    shown = name.strip().lower()
    return (
        shown.endswith("...")
        and len(shown) >= len("microsoft-aadappl...")
        and any(known.lower().startswith(shown.rstrip(".")) for known in (entry.channel, entry.before))
    )


@cache
def neighbours() -> tuple[Neighbour, ...]:
    """Return the other products that a text may come from."""
    return tuple(topic("neighbours").entries)


def neighbour_of(names: Iterable[str]) -> Neighbour | None:
    """Return the other product whose channel or provider one of these is."""
    shown = [name.strip().lower() for name in names]
    for entry in neighbours():
        for channel in entry.channels:
            if any(name.startswith(channel.lower()) for name in shown):
                return entry
    return None


def neighbour_in(words: str) -> Neighbour | None:
    """Return the other product that a piece of text in lower case names."""
    return next((entry for entry in neighbours() if any(word in words for word in entry.words)), None)
