"""What a paste is answered with: causes, steps, commands with the right names, and nothing dangerous in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectorwatch.diagnosis.advice import advice, is_old
from connectorwatch.diagnosis.answers import CHECKLIST, answer_event, answer_text
from connectorwatch.knowledge.loading import topic
from tests.examples import examples

ADMIN = "Microsoft-AadApplicationProxy-Connector/Admin"
EXPIRED = "The Connector trust certificate expired"
NETWORK = "was unable to connect to the service due to networking issues. It tried: "


def lines(text: str, version: str | None = None, cloud: str = "global") -> list[str]:
    """Return all lines that an answer says to run."""
    told = answer_text(text, version, "usgov" if cloud == "usgov" else "global")
    return [line for answer in told.recognised for one in answer.commands for line in one.lines]


@pytest.mark.parametrize(
    ("version", "cloud", "expected"),
    [
        (None, "global", 'Register-MicrosoftEntraPrivateNetworkConnector -EnvironmentName "AzureCloud"'),
        ("1.5.3829.0", "global", 'Register-MicrosoftEntraPrivateNetworkConnector -EnvironmentName "AzureCloud"'),
        ("1.5.3437.0", "global", "Register-AppProxyConnector"),
        ("nonsense", "global", 'Register-MicrosoftEntraPrivateNetworkConnector -EnvironmentName "AzureCloud"'),
        (None, "usgov", 'Register-MicrosoftEntraPrivateNetworkConnector -EnvironmentName "AzureUSGovernment"'),
    ],
)
def test_names_of_the_version(version: str | None, cloud: str, expected: str) -> None:
    """Commands have the names of the connector's version, which changed at 1.5.3829.0, and of its cloud."""
    assert expected in lines(EXPIRED, version, cloud)


def test_is_old() -> None:
    """Only a version that can be read and is before 1.5.3829.0 has the old names."""
    assert [is_old(one) for one in ("1.5.3828.9", "1.5.3829.0", None, "x")] == [True, False, False, False]


def test_address_is_filled_in() -> None:
    """The address that the message names is what is tested."""
    assert "Test-NetConnection a1.msappproxy.net -Port 443" in lines(f"{NETWORK}https://a1.msappproxy.net/x")


def test_kerberos_name_is_filled_in() -> None:
    """The SPN of the message is what is searched, without its realm."""
    text = (
        "the back-end server SPN is not defined. because the backend server SPN is not defined: http/web01@CONTOSO.COM"
    )

    assert "setspn -Q http/web01" in lines(text)


@pytest.mark.parametrize("url", ["https://[::1/x", "https://a.example';calc/", "https://$(calc)/", "https://;calc"])
def test_odd_address_stays_out_of_commands(url: str) -> None:
    """An address that is more than an address leaves a word in capitals in its place."""
    assert "calc" not in "".join(lines(NETWORK + url))


@settings(max_examples=examples(200), deadline=None)
@given(st.text(max_size=60))
def test_no_value_becomes_a_command(value: str) -> None:
    """Whatever is filled in, a line differs from the line without it by harmless characters only."""
    values = dict.fromkeys(("url", "host", "port", "spn", "machine"), value)
    blank, filled = advice(("open-url", "resolve", "find-spn", "delegation"), values=None), None
    filled = advice(("open-url", "resolve", "find-spn", "delegation"), values=values)

    for one, other in zip(blank, filled, strict=True):
        added = set("".join(other.lines)) - set("".join(one.lines))
        assert all(character.isascii() and (character.isalnum() or character in "._~/%=+:-") for character in added)


def test_nothing_recognised() -> None:
    """Text that nothing is known of says so and gives the general checklist."""
    told = answer_text("The printer is on fire.")

    assert told.recognised == ()
    assert told.unknown == "Nothing in this text is an error of a connector that is known here."
    assert len(told.checklist) == len(CHECKLIST)
    assert told.pages


@pytest.mark.parametrize("channel", [ADMIN, "Microsoft-Microsoft Entra private network-Connector/Admin"])
@pytest.mark.parametrize("entry", [error for error in topic("runtime_events").entries if error.event])
def test_every_event(channel: str, entry: object) -> None:
    """Every documented id is recognised in both names of the Admin channel."""
    number, key = getattr(entry, "event", 0), getattr(entry, "id", "")

    assert [answer.id for answer in answer_event(number, channel).recognised] == [key]


@pytest.mark.parametrize(
    ("number", "channel", "words"),
    [
        (1000, "Application", "is not the connector's: ids mean something only within their channel"),
        (1000, "Application", "1000 is what Windows writes when any program crashes"),
        (13019, "System", "Event 13019 of the channel System is not the connector's"),
        (4711, ADMIN, "No meaning of event 4711"),
        (1000, ADMIN.replace("Connector", "Updater"), "No meaning of event 1000"),
    ],
)
def test_event_that_is_nothing(number: int, channel: str, words: str) -> None:
    """An id elsewhere, or one that nobody documented, is not taken for an error of the connector."""
    told = answer_event(number, channel)

    assert told.recognised == ()
    assert words in (told.unknown or "")


def test_answers_are_whole() -> None:
    """Every answer has causes, steps and sources with both dates; one with two opinions shows both."""
    told = answer_text(f"{EXPIRED}. The connector timed out").recognised

    assert [answer.id for answer in told] == ["trust-expired", "connector-timeout"]
    assert all(answer.causes and answer.steps and answer.pages for answer in told)
    assert told[1].disputed == (
        "85 seconds unless set otherwise (Add an on-premises application, page without a date, checked 2026-11-20)",
        "75 seconds unless set otherwise (Deployment plan, page without a date, checked 2026-11-20)",
    )
