"""The names in the rules' runbooks are those of the knowledge, which holds them with source and date."""

from __future__ import annotations

from connectorwatch.knowledge.loading import command, topic
from policies.runbooks import NEW_NAMES, OLD_NAMES


def test_services() -> None:
    """The services' display names, new and old, apart from case: Microsoft writes them both ways."""
    for key in ("connector", "updater"):
        service = topic("services").entry(key)
        names = NEW_NAMES[f"{key}_service"], OLD_NAMES[f"{key}_service"]

        assert [name.casefold() for name in names] == [service.display.casefold(), service.display_before.casefold()]


def test_channels() -> None:
    """The event channels, new and old."""
    for key, word in (("connector-admin", "channel"), ("updater-admin", "updater_channel")):
        channel = topic("channels").entry(key)

        assert (NEW_NAMES[word], OLD_NAMES[word]) == (channel.channel, channel.before)


def test_renewing_trust() -> None:
    """The module and the command that renew a connector's trust, new and old."""
    known = command("renew-trust")
    new, old = (
        tuple(f"Import-Module {names['module']};{names['register']}".split(";")) for names in (NEW_NAMES, OLD_NAMES)
    )

    assert (new, old) == (tuple(line.replace('"', "") for line in known.lines), known.before)
