"""What people paste that other programs say as well: understood alone, left to them in the records of their logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectorwatch.diagnosis.answers import answer_text
from connectorwatch.diagnosis.recognise import recognise
from tests.knowledge.test_commands import SEEN, run, stored

if TYPE_CHECKING:
    from pathlib import Path

REGISTRATION = "Connector registration failed: Error: 'AADSTS50126: Error validating credentials"
RECORD = "Log Name:      {log}\nSource:        x\nEvent ID:      1098\nDescription:\n{text}\n"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("AADSTS700016: Application with identifier 'x' was not found in the directory", "aadsts-application"),
        ("AADSTS50126: Error validating credentials", "aadsts-password"),
        ("AADSTS50079: the user must enroll in multi-factor authentication", "aadsts-mfa"),
        ("AADSTS65001: The user or administrator has not consented", "aadsts-consent"),
        ("AADSTS9001023", "aadsts"),
        (REGISTRATION, "reg-aadsts"),
        (REGISTRATION.replace("50126", "50059"), "reg-aadsts50059"),
        ("The remote server returned an error: (407) Proxy Authentication Required.", "proxy-authentication"),
        ("The remote name could not be resolved: 'login.microsoftonline.com'", "name-resolution"),
        ("Its trust certificate has expired.", "trust-expired"),
        ("GatewayTimeout: This corporate app can't be accessed right now.", "gateway-timeout"),
        ("The connector has timed out.", "connector-timeout"),
    ],
)
def test_recognised_alone(text: str, key: str) -> None:
    """Each is recognised as one thing, and as the most precise one."""
    assert [hit.error.id for hit in recognise(text)] == [key]


@pytest.mark.parametrize("text", ["AADSTS50058: no user", "407 Proxy Authentication Required"])
def test_in_records_of_logs(text: str) -> None:
    """In the record of another program's log it is that program's, also where an own record stands around it."""
    foreign = RECORD.format(log="Microsoft-Windows-AAD/Operational", text=text)
    own = RECORD.format(log="Microsoft-AadApplicationProxy-Connector/Admin", text=text)

    assert recognise(foreign) == ()
    assert [hit.count for hit in recognise(own)] == [1]
    assert [hit.count for hit in recognise(own + foreign + own)] == [2]
    assert [hit.count for hit in recognise(f"{text}\n{foreign}")] == [1]


@pytest.mark.parametrize(("cloud", "host"), [("global", "microsoftonline.com"), ("usgov", "microsoftonline.us")])
def test_the_code_is_in_the_address(cloud: str, host: str) -> None:
    """The address that explains a code has the code in it."""
    told = answer_text("AADSTS700016: x", cloud="usgov" if cloud == "usgov" else "global")
    lines = [line for answer in told.recognised for one in answer.commands for line in one.lines]

    assert f"https://login.{host}/error?code=700016" in lines


def test_the_checklist_does_not_send_back() -> None:
    """Whoever has asked is not told to ask again, and the rest of the advice stays."""
    told = answer_text("The printer is on fire.")

    assert "connectorwatch diagnose" not in "".join(one.answer for one in told.checklist)
    assert all(one.answer for one in told.checklist)


@pytest.mark.parametrize(
    ("text", "start", "code"),
    [
        ("AADSTS50126: wrong", "1. The account's name or password was refused", 0),
        ("The printer is on fire.", "The text: not recognised\n", 4),
    ],
)
def test_a_text_beside_a_walk(tmp_path: Path, text: str, start: str, code: int) -> None:
    """What a text means stands before the walk; one that is not recognised says so, without a second checklist."""
    result = run("diagnose", "--app", "Payroll", text, "--out", str(stored(tmp_path)))

    assert result.stdout.startswith(start)
    assert "Payroll: application" in result.stdout
    assert "What to check anyway" not in result.stdout
    assert result.exit_code == code


def test_a_text_beside_a_walk_as_json(tmp_path: Path) -> None:
    """As JSON both are there."""
    result = run("diagnose", "--app", "Payroll", "x", "--format", "json", "--out", str(stored(tmp_path, SEEN)))

    told = json.loads(result.stdout)
    assert (told["answers"]["recognised"], told["walk"]["name"]) == ([], "Payroll")
