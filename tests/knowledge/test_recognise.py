"""Known errors are found whatever happened to their text, and nothing else is taken for one."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectorwatch.diagnosis.recognise import recognise, whose
from connectorwatch.knowledge.loading import errors
from tests.examples import examples
from tests.knowledge.windows_events import AS_XML, ORDINARY

if TYPE_CHECKING:
    from collections.abc import Callable

NEW_ADMIN = "Microsoft-Microsoft Entra private network-Connector/Admin"
OLD_ADMIN = "Microsoft-AadApplicationProxy-Connector/Admin"

WORDINGS = [(error.id, message) for error in errors() for message in error.messages]
RENAMED = (
    ("Microsoft Entra private network connector", "Microsoft AAD Application Proxy Connector"),
    ("Microsoft Entra ID", "Azure AD"),
    ("Microsoft Entra ID", "Azure Active Directory"),
    ("Azure AD", "Microsoft Entra ID"),
    ("application proxy", "private network access"),
    ("back-end", "backend"),
    ("backend", "back-end"),
    ("can't", "cannot"),
    ("cannot", "can't"),
    ("can't", "can’t"),  # noqa: RUF001 - as Microsoft's pages print it
    ("Connector", "connector"),
)
MANGLED_QUOTES = ("'", '"', "’", "‘", "`", "&#39;", "&quot;", "\\u0027", "\\'", "", "â€™")  # noqa: RUF001 - the point
BREAKS = ("\n", "\r\n", "\n> ", "\n    ", " \n| ", "\u00a0\n", "\\n", "\u00ad\n")


def found(text: str) -> list[str]:
    """Return the ids of what is recognised."""
    return [hit.error.id for hit in recognise(text)]


@pytest.mark.parametrize(("key", "message"), WORDINGS)
def test_every_wording(key: str, message: str) -> None:
    """Every error of the data is recognised as itself and nothing else, in each of its wordings."""
    assert found(message) == [key]


@pytest.mark.parametrize(("key", "message"), WORDINGS)
@pytest.mark.parametrize(("before", "after"), RENAMED)
def test_renamed_products(key: str, message: str, before: str, after: str) -> None:
    """Microsoft's renamings inside a message hide nothing."""
    assert found(message.replace(before, after)) == [key]


_LINES = 200


@st.composite
def mangled(draw: st.DrawFn) -> tuple[list[str], str]:
    """Return errors, and a log of 200 lines with their messages in it, broken and with odd quotes."""
    # What the users' page says in general gives way to an exact reason near it, so it is tried alone.
    exact = [wording for wording in WORDINGS if wording[0] != "page-general"]
    chosen = draw(st.lists(st.sampled_from(exact), min_size=1, max_size=3, unique_by=lambda one: one[0]))
    lines: list[str] = []
    between = [0]  # never inside an event's record: what stands there is a part of that event
    # What follows these records belongs to them: a message that names the connector would make them about it.
    others = [event for event in ORDINARY if not re.search("Service Control Manager|Schannel", event)]
    for event in draw(st.permutations(others)):
        if len(lines) < _LINES:
            lines += event.splitlines()
            between.append(len(lines))
    places = sorted(draw(st.lists(st.sampled_from(between), min_size=len(chosen), max_size=len(chosen), unique=True)))
    for (_, message), place in reversed(list(zip(chosen, places, strict=True))):
        lines.insert(place, _broken(draw, message))
    return [key for key, _ in chosen], "\n".join(lines)


def _broken(draw: st.DrawFn, message: str) -> str:
    message = message.replace("'", draw(st.sampled_from(MANGLED_QUOTES)))
    breaks = draw(st.lists(st.integers(1, len(message) - 1), max_size=8, unique=True))
    for place in sorted(breaks, reverse=True):
        # Within an escape nobody breaks a line; everywhere else terminals do.
        if "\\" not in message[max(0, place - 6) : place] and "&" not in message[max(0, place - 6) : place]:
            message = message[:place] + draw(st.sampled_from(BREAKS)) + message[place:]
    return message


@settings(max_examples=examples(200), deadline=None)
@given(mangled())
def test_mangled_in_a_long_log(case: tuple[list[str], str]) -> None:
    """Inside 200 lines of other text, broken anywhere and with any quotes, all of several errors are found in order."""
    keys, text = case

    assert found(text) == keys


@pytest.mark.parametrize("event", [*ORDINARY, *AS_XML])
def test_ordinary_events(event: str) -> None:
    """An ordinary event of Windows is not recognised as anything."""
    assert found(event) == []


def test_thirty_of_them() -> None:
    """There are thirty of them."""
    assert (len(ORDINARY), len(AS_XML)) == (30, 30)


def test_all_ordinary_events_together() -> None:
    """Neither are all of them in one log, in either form."""
    assert found("\n".join(ORDINARY)) == found("".join(AS_XML)) == []


@settings(max_examples=examples(200), deadline=None)
@given(st.text(max_size=2000))
def test_any_text(text: str) -> None:
    """Whatever a text is, recognising it neither fails nor invents an error."""
    assert found(text) == []


def _viewer(channel: str, number: int) -> str:
    return f"Log Name:      {channel}\nSource:        x\nEvent ID:      {number}\nDescription:\nWords in Finnish.\n"


def _xml(channel: str, number: int) -> str:
    return f"<Event><System><EventID>{number}</EventID><Channel>{channel}</Channel></System></Event>"


def _json(channel: str, number: int) -> str:
    return f'{{"Message": "words", "Id": {number}, "LogName": "{channel}"}}'


@pytest.mark.parametrize("form", [_viewer, _xml, _json])
@pytest.mark.parametrize("channel", [NEW_ADMIN, OLD_ADMIN])
@pytest.mark.parametrize(
    ("number", "key"), [(1000, "trust-expired"), (12027, "delegation-fault"), (13020, "kerberos-no-spn")]
)
def test_by_id_in_its_channel(form: Callable[[str, int], str], channel: str, number: int, key: str) -> None:
    """An event whose text says nothing is known by its id in the connector's Admin channel, old and new."""
    assert found("\n".join((ORDINARY[0], form(channel, number), ORDINARY[1]))) == [key]


@pytest.mark.parametrize("form", [_viewer, _xml, _json])
@pytest.mark.parametrize("channel", ["Application", "System", NEW_ADMIN.replace("Connector", "Updater"), ""])
def test_same_id_in_another_channel(form: Callable[[str, int], str], channel: str) -> None:
    """The same id in any other channel is nothing, also beside a connector's event."""
    harmless = form(NEW_ADMIN, 24028)

    assert found(f"{harmless}\n{form(channel, 1000)}\n{harmless}" if form is not _json else form(channel, 1000)) == []


def test_id_and_text_are_one_event() -> None:
    """An event that its id and its text both tell is one, and repeated it counts."""
    message = next(message for key, message in WORDINGS if key == "trust-expired")
    event = _viewer(NEW_ADMIN, 1000).replace("Words in Finnish.", message)

    assert [hit.count for hit in recognise(event)] == [1]
    assert [hit.count for hit in recognise(event * 3)] == [3]


def test_what_varies() -> None:
    """Address, sign-in code, Kerberos name, account, Windows code and transaction are picked out, each once."""
    text = (
        "The connector was unable to connect to the service due to networking issues. The connector tried to access "
        "the following URL: https://a1.msappproxy.net/register. and https://a1.msappproxy.net/register\n"
        "13019 - Azure AD cannot retrieve a Kerberos ticket on behalf of the user because of the following general API "
        "error. The handle is invalid. (0x80070006) SPN: http/intranet.contoso.com@CONTOSO.COM User: ada@contoso.com "
        "TransactionID: 0f8fad5b-d9cb-469f-a165-70867728950e GET http/1.1\n"
    )

    network, kerberos = (dict(hit.values) for hit in recognise(text))

    assert network == {"host": ("a1.msappproxy.net",), "url": ("https://a1.msappproxy.net/register",)}
    assert kerberos == {
        "hresult": ("0x80070006",),
        "spn": ("http/intranet.contoso.com@CONTOSO.COM",),
        "account": ("ada@contoso.com",),
        "transaction": ("0f8fad5b-d9cb-469f-a165-70867728950e",),
    }


def test_other_sign_in_code() -> None:
    """A sign-in code that has no entry of its own is told as such, with the code."""
    text = "Connector registration failed: Make sure you enabled it. Error: 'AADSTS65001: The user has not consented.'"

    (hit,) = recognise(text)

    assert (hit.error.id, dict(hit.values)) == ("reg-aadsts", {"aadsts": ("AADSTS65001",)})


def test_many_times() -> None:
    """The same error thirty thousand times takes a second, not hours, and is one error with its count."""
    text = "AADSTS50059: x@y.example\n" * 30_000
    before = time.process_time()

    (hit,) = recognise(text)

    assert hit.count == 30_000
    assert time.process_time() - before < 10


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        ("admin", NEW_ADMIN),
        ("admin", OLD_ADMIN.lower()),
        ("other", NEW_ADMIN.replace("Connector", "Updater")),
        ("other", OLD_ADMIN.replace("Admin", "Session")),
        ("foreign", "Application"),
        ("foreign", ""),
    ],
)
def test_whose_channel(kind: str, channel: str) -> None:
    """A channel is the connector's Admin channel, another one of ours, or foreign, whatever its case."""
    assert whose(channel) == kind
