"""Unknown stays unknown, and reading a paste costs time linear in its length."""

from __future__ import annotations

import cProfile
import math
import sys
import time

import pytest

from common.errors import SubjectError
from connectorwatch.diagnosis.answers import answer_text
from connectorwatch.diagnosis.paste import MOST, checked
from connectorwatch.diagnosis.recognise import read, recognise
from tests.knowledge.ordinary import ORDINARY_LINES

MEBI = 1 << 20
TIMES = 4
LINEAR = 1.1
"""The exponent that still counts as linear."""
RECORD = """Log Name:      Microsoft-AadApplicationProxy-Connector/Admin
Source:        Microsoft-AadApplicationProxy-Connector
Event ID:      24028
Description:
Connection to https://g1.msappproxy.net/ took 12 ms, code 0x00000000.
"""
HOSTILE = {
    "nested braces": "{" * 64,
    "nested objects": '{"a":',
    "quotes": "'",
    "double quotes": '"',
    "backslashes": "\\",
    "ampersands": "&a",
    "entities": "&amp;",
    "empty lines": "\n",
    "fields": "Source: x\nEvent ID: 1000\n",
    "log names": "log name:",
    "events": "<event>",
    "provider": "microsoft-aadapplicationproxy-connector ",
    "programs": "applicationproxyconnectorservice ",
    "half a message": "Connector registration failed ",
    "half a pattern": "CONNECT TCP_DENIED/403 (403) (407) issuer: ",
    "hosts": "a.msappproxy.net.",
    "labels of hosts": "a.",
    "codes": "8009030e ",
    "sign-in codes": "AADSTS50011 ",
    "ids": "55747057-9b5d-4bd4-b387-abf52a8bd489 ",
    "records": RECORD,
    "setspn": "HTTP/a is :\n CN=a\n",
    "tabs": "\t",
    "accents": "\u00e9\u30ed\u30b0",
}


@pytest.mark.parametrize("line", ORDINARY_LINES)
def test_an_ordinary_line(line: str) -> None:
    """An ordinary line of a server's log is recognised as nothing."""
    assert recognise(line) == ()
    assert answer_text(line).unknown is not None


def test_all_of_them_together() -> None:
    """There are two hundred different ones, and together they are nothing either."""
    assert len(set(ORDINARY_LINES)) == 200
    assert recognise("\n".join(ORDINARY_LINES)) == ()


def _filled(unit: str, length: int) -> str:
    return unit * (length // len(unit))


def _calls(text: str) -> int:
    profile = cProfile.Profile()
    profile.enable()
    read(text)
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


def _seconds(text: str) -> float:
    before = time.process_time()
    read(text)
    return time.process_time() - before


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_linear_work(name: str) -> None:
    """Of a text made to be expensive four times as much takes no more than about four times the calls."""
    read("warm")
    small, large = (_calls(_filled(HOSTILE[name], length)) for length in (50_000, 50_000 * TIMES))

    assert large < 1000 or math.log(large / small) / math.log(TIMES) < LINEAR


@pytest.mark.slow
@pytest.mark.parametrize(("size", "seconds"), [(2, 1.0), (8, 4.0)])
def test_time_of_a_large_paste(size: int, seconds: float) -> None:
    """A log of 2 MB takes less than a second of processor time, one as large as is read at all less than four.

    While coverage is measured each line costs more, and twice the time is allowed.
    """
    seconds *= 1 if sys.gettrace() is None else 2
    read("warm")
    text = _filled("\n".join((*ORDINARY_LINES, RECORD)), size * MEBI)

    assert min(_seconds(text) for _ in range(2)) < seconds


def test_more_is_refused() -> None:
    """A text above the limit is refused with what to do, however it is given."""
    with pytest.raises(SubjectError, match=r"The text is larger than 8 MiB: cut out the part around the error"):
        checked("x" * (MOST + 1), "The text")
