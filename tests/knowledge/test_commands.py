"""The three commands as somebody types them: what they print, and with which exit code they end."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from common.errors import SubjectError
from connectorwatch.__main__ import main
from connectorwatch.knowledge.listing import known
from connectorwatch.knowledge.loading import TOPICS, topic
from connectorwatch.scanning.publish import keep_evidence, publish
from findings.stores.folder import FolderStore
from tests.knowledge.walking import PARIS, published
from tests.making import TENANT, connector, evidence, holds, snapshot, unread

if TYPE_CHECKING:
    from pathlib import Path

    from inventory.snapshot import Snapshot

DENIED = "Error: 'The registration request was denied.'"
SEEN = snapshot({PARIS: holds(connector("PAR01"), apps=(published(),))})


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    """Return what a command line does."""
    return CliRunner().invoke(main, arguments, input=given)


def stored(root: Path, seen: Snapshot = SEEN) -> Path:
    """Return a folder that holds a scan."""
    store = FolderStore(root)
    publish(store, keep_evidence(store, evidence(seen)))
    return root


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (("diagnose", DENIED), None),
        (("diagnose", "-"), DENIED),
        (("diagnose", "--file", "-"), DENIED),
        (("diagnose", "--file", "-"), DENIED.encode("utf-16")),
        (("diagnose", "--event", "1000", "--channel", "Microsoft-AadApplicationProxy-Connector/Admin"), None),
    ],
)
def test_recognised(arguments: tuple[str, ...], given: str | bytes | None) -> None:
    """Text as an argument, from standard input and by its event is recognised, with exit code 0."""
    result = run(*arguments, given=given)

    assert result.exit_code == 0
    assert result.stdout.startswith("1. The ")


@pytest.mark.parametrize(
    "arguments",
    [("diagnose", "nothing of ours"), ("diagnose", "--event", "1000", "--channel", "Application")],
)
def test_not_recognised(arguments: tuple[str, ...]) -> None:
    """What is not recognised says so, shows the checklist, and exits with 4."""
    result = run(*arguments)

    assert result.exit_code == 4
    assert result.stdout.startswith("Not recognised\n")
    assert "What to check anyway" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("diagnose",), "Give a TEXT, --file or --event, or name something"),
        (("diagnose", "a", "--file", "-"), "Give one of TEXT, --file and --event."),
        (("diagnose", "--event", "1000"), "--event and --channel go together"),
        (("diagnose", "--channel", "x"), "--event and --channel go together"),
        (("diagnose", "--app", "a", "--group", "b"), "Name one of --app, --connector and --group."),
        (("diagnose", "a", "--live"), "--live, --tenant and --out go with --app, --connector or --group."),
        (("diagnose", "--event", "70000", "--channel", "x"), "is not in the range"),
        (("allowlist", "--cloud", "mars"), "'mars' is not one of"),
        (("knowledge", "--stale", "-1"), "is not in the range"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], words: str) -> None:
    """Wrong usage says what goes together, and exits with 2."""
    result = run(*arguments)

    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())


@pytest.mark.parametrize("given", ["", " \n", b"\0\1\2"])
def test_bad_pastes(given: str | bytes) -> None:
    """An empty paste and a binary one are a sentence and exit code 1."""
    result = run("diagnose", "-", given=given)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("connectorwatch: standard input is ")


def test_empty_text() -> None:
    """An empty argument is a sentence and exit code 1."""
    result = run("diagnose", "")

    assert (result.exit_code, result.stderr) == (
        1,
        "connectorwatch: The text is empty: paste the error's text, or the log around it.\n",
    )


def test_json_of_a_text() -> None:
    """As JSON a diagnosis has its schema, the answers, and no walk."""
    told = json.loads(run("diagnose", DENIED, "--format", "json").stdout)

    assert (told["schema"], told["walk"]) == ("connectorwatch.diagnosis/v1", None)
    assert [answer["id"] for answer in told["answers"]["recognised"]] == ["reg-denied"]


def test_walk_from_the_stored_scan(tmp_path: Path) -> None:
    """A walk uses the newest stored scan, needs no credential, and exits with 0 where nothing is proven."""
    result = run("diagnose", "--app", "payroll", "--out", str(stored(tmp_path)), "--tenant", TENANT)

    assert result.exit_code == 0
    assert result.stdout.startswith("Payroll: application, as of the scan of 2026-11-20 06:00 UTC\n")


def test_walk_with_a_symptom(tmp_path: Path) -> None:
    """A text and a name together: the walk, with the text as its symptom, then the answers; exit code 3."""
    short = snapshot({PARIS: holds(connector(), apps=(published(application_server_timeout="Default"),))})

    result = run(
        "diagnose",
        "The connector timed out",
        "--app",
        "payroll",
        "--out",
        str(stored(tmp_path, short)),
        "--format",
        "md",
    )

    assert result.exit_code == 3
    assert "## Cause: The connector timed out, and the application waits 85 seconds only" in result.stdout
    assert "## 1. The back end did not answer in time" in result.stdout


def test_names_of_the_named_connector(tmp_path: Path) -> None:
    """An error that is asked about together with an old connector is answered with the names of its version."""
    old = snapshot({PARIS: holds(connector("PAR01", version="1.5.3437.0"), apps=(published(),))})
    asked = (
        "diagnose",
        "The Connector trust certificate expired",
        "--connector",
        "par01",
        "--out",
        str(stored(tmp_path, old)),
    )

    shown = run(*asked).stdout

    assert "Register-AppProxyConnector" in shown
    assert "before 1.5.3829.0" in shown
    assert "Register-MicrosoftEntraPrivateNetworkConnector" in run(*asked, "--version", "1.5.4522.0").stdout


def test_walk_not_known(tmp_path: Path) -> None:
    """Where something is not known and nothing is proven, the exit code is 4."""
    seen = snapshot({PARIS: holds(members=unread(), apps=(published(),))})

    assert run("diagnose", "--app", "payroll", "--out", str(stored(tmp_path, seen))).exit_code == 4


def test_unknown_name(tmp_path: Path) -> None:
    """An unknown name is a sentence with what is near it, and exit code 1."""
    result = run("diagnose", "--group", "Pariss", "--out", str(stored(tmp_path)))

    assert result.exit_code == 1
    assert "Near it: Paris (eur, id id-Paris)." in result.stderr


def test_no_scan(tmp_path: Path) -> None:
    """Without a stored scan the command says what to do."""
    result = run("diagnose", "--group", "Paris", "--out", str(tmp_path))

    assert result.exit_code == 1
    assert result.stderr.startswith("connectorwatch: No scan is stored: run `connectorwatch scan` first")


def test_evidence_missing(tmp_path: Path) -> None:
    """A remembered scan whose evidence is gone says how to go on."""
    root = stored(tmp_path)
    for file in root.rglob("evidence.json.gz"):
        file.unlink()

    result = run("diagnose", "--group", "Paris", "--out", str(root))

    assert result.exit_code == 1
    assert "its evidence is not there: scan again, or use --live." in result.stderr


def test_live_without_a_credential(tmp_path: Path) -> None:
    """A live look that no setting allows is a sentence."""
    result = CliRunner().invoke(
        main,
        ["diagnose", "--group", "Paris", "--live", "--out", str(tmp_path)],
        env={"CONNECTORWATCH_CREDENTIAL": "token", "CONNECTORWATCH_GRAPH_TOKEN": None},
    )

    assert result.exit_code == 1
    assert result.stderr.startswith("connectorwatch: ")


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        ((), "Outbound TCP from each connector server, cloud global: 23 hosts"),
        (("--cloud", "usgov", "--always"), "Outbound TCP from each connector server, cloud usgov: 6 hosts"),
        (("--format", "csv"), "host,port,protocol,direction,need,"),
        (("--format", "json", "--registration"), '{\n  "schema": "connectorwatch.allowlist/v1"'),
    ],
)
def test_allowlist(arguments: tuple[str, ...], start: str) -> None:
    """The list comes as a table, as CSV and as JSON, for either cloud and either need."""
    result = run("allowlist", *arguments)

    assert result.exit_code == 0
    assert result.stdout.startswith(start)


def test_topics() -> None:
    """Without a topic every topic is a line."""
    result = run("knowledge")

    assert result.exit_code == 0
    assert all(name in result.stdout for name in TOPICS)


@pytest.mark.parametrize("name", TOPICS)
def test_every_entry_is_shown_with_source_and_date(name: str) -> None:
    """A topic shows every entry with its sources, the page's date and the day it was checked."""
    result = run("knowledge", name)

    assert result.exit_code == 0
    for entry in topic(name).entries:
        assert f"{name}/{entry.id}" in " ".join(result.stdout.split())
    assert result.stdout.count(", checked 20") >= len(topic(name).entries)


def test_knowledge_as_json() -> None:
    """As JSON every entry has its dates and sources."""
    told = json.loads(run("knowledge", "services", "--json").stdout)

    assert told["schema"] == "connectorwatch.knowledge/v1"
    assert [entry["id"] for entry in told["entries"]] == ["connector", "updater"]
    assert all(source["checked"] and source["url"] for entry in told["entries"] for source in entry["sources"])


def test_unknown_topic() -> None:
    """An unknown topic is a sentence with the nearest one, and exit code 1."""
    result = run("knowledge", "host")

    assert (result.exit_code, result.stderr) == (
        1,
        'connectorwatch: There is no topic of this name: did you mean "hosts"?\n',
    )


def test_stale() -> None:
    """Only what was checked longer ago than so many days is stale; on the last day it is not yet."""
    everything = known(date(2027, 1, 1))
    oldest = min(entry.checked for entry in everything)

    assert known(oldest + timedelta(days=30), stale=30) == ()
    assert {entry.checked for entry in known(oldest + timedelta(days=31), stale=30)} == {oldest}
    assert run("knowledge", "--stale", "3650").stdout.endswith("0 entries\n")
    with pytest.raises(SubjectError):
        known(oldest, "nothing")
