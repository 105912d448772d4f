"""What `knowledge`, `allowlist` and `diagnose` show: answers and not titles alone, the union of two options, notes."""

from __future__ import annotations

import json

import pytest

from tests.knowledge.test_commands import DENIED, run


@pytest.mark.parametrize(
    ("topic_name", "words"),
    [
        ("faq", "Look for blocked addresses among the wildcards"),
        ("commands", "Test-NetConnection HOST -Port PORT"),
        ("registration_errors", "1. See who can register connectors here."),
        ("hosts", "For: all traffic between connector and service (always; cloud global)"),
        ("services", "carries the traffic, as NT AUTHORITY"),
        ("channels", "Before 1.5.3829.0: Microsoft-AadApplicationProxy-Connector/Admin"),
        ("prerequisites", "EnableDefaultHTTP2 = 0"),
        ("flowchart", "For Private Access: Does the server reach the destinations"),
        ("event_fields", "log: protokollname"),
        ("neighbours", "It is a role of Windows Server"),
        ("certificates", "Disputed:"),
    ],
)
def test_knowledge_shows_what_entries_say(topic_name: str, words: str) -> None:
    """A topic is shown with what its entries say, and not with their titles alone; no placeholder is left."""
    shown = " ".join(run("knowledge", topic_name).stdout.split())

    assert words in shown
    assert "{port}" not in shown
    assert "{url}" not in shown


def test_knowledge_as_json_says_it_too() -> None:
    """As JSON every entry has what it says."""
    entries = json.loads(run("knowledge", "faq", "--json").stdout)["entries"]

    assert all(entry["says"] for entry in entries)


def test_allowlist_with_both_options() -> None:
    """What is always needed together with what registration needs is the whole list, in either order."""
    whole = run("allowlist", "--format", "csv").stdout

    assert run("allowlist", "--always", "--registration", "--format", "csv").stdout == whole
    assert run("allowlist", "--registration", "--always", "--format", "csv").stdout == whole
    assert run("allowlist", "--registration", "--format", "csv").stdout != whole


def test_too_large_an_argument() -> None:
    """A text above the limit is refused with a sentence, from standard input too."""
    result = run("diagnose", "-", given="x" * (8 * 1024 * 1024 + 1))

    assert result.exit_code == 1
    assert "standard input is larger than 8 MiB: cut out the part around the error" in result.stderr


def test_parts_of_another_product_beside_an_error() -> None:
    """Where a text holds an error and the record of another product, both are said, in text and in JSON."""
    text = f"{DENIED}\nLog Name: Microsoft-Windows-WebApplicationProxy/Admin\nEvent ID: 12027\nDescription: x\n"

    assert "Beside this" in run("diagnose", text).stdout
    (note,) = json.loads(run("diagnose", text, "--format", "json").stdout)["answers"]["notes"]
    assert note.startswith("This comes from Web Application Proxy, which is another product.")
