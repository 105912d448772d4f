"""Thirty ordinary events of Windows servers, written for these tests, none of them a connector's."""

from __future__ import annotations

from pathlib import Path

_LINES = Path(__file__).with_name("windows_events.txt").read_text(encoding="utf-8").splitlines()
_ROWS = [line.split(" | ", 3) for line in _LINES]

ORDINARY = tuple(
    f"Log Name:      {log}\nSource:        {source}\nDate:          20.11.2026 06:00:00\nEvent ID:      {number}\n"
    f"Level:         Error\nComputer:      WEB01.contoso.com\nDescription:\n{text}\n"
    for log, source, number, text in _ROWS
)
"""As Event Viewer copies them."""

AS_XML = tuple(
    f"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{source}'/>"
    f"<EventID Qualifiers='0'>{number}</EventID><Channel>{log}</Channel></System>"
    f"<EventData><Data>{text}</Data></EventData></Event>"
    for log, source, number, text in _ROWS
)
"""As their XML view shows them."""
