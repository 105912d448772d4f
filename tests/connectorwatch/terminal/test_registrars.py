"""`registrars` tells who can register connectors from what is stored, and never takes unread for nobody."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from common.errors import EvidenceError, SettingsError, StorageError
from common.text import UNSEEN
from connectorwatch.__main__ import main
from connectorwatch.scanning.publish import keep_evidence, publish
from connectorwatch.terminal.registrars import registrars_exit_code, registrars_table
from connectorwatch.usecases.report import newest_document
from findings.document import FindingsDocument, SectionInfo
from findings.reports.registrars_csv import render_registrars_csv
from findings.stores.folder import FolderStore
from policies.vocabulary import Outcome
from tests.examples import examples
from tests.findings.reports.sample import HOSTILE, about, document, document_of, verdict
from tests.findings.reports.sample_registrars import path, registrar
from tests.making import TENANT, evidence, snapshot, unread
from tests.people import grant, role, user

if TYPE_CHECKING:
    from pathlib import Path

    from inventory.snapshot import Snapshot

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ANN, ADMIN = user("Ann"), role()
SEEN = snapshot(roles=(ADMIN,), assignments=(grant(ANN, ADMIN),), principals=(ANN,))


def stored(root: Path, seen: Snapshot = SEEN, scan_id: str = "20261120T060000Z-0000000a") -> FolderStore:
    """Return a store that holds a scan."""
    store = FolderStore(root)
    publish(store, keep_evidence(store, evidence(seen, scan_id=scan_id)))
    return store


def printed(scan: FindingsDocument, *, terminal: bool = False) -> str:
    """Return what is printed, at 80 columns."""
    file = io.StringIO()
    registrars_table(scan, Console(file=file, width=80, force_terminal=terminal, _environ={"TERM": "xterm-256color"}))
    return file.getvalue()


def flat(text: str) -> str:
    """Return text on one line, so that a test does not depend on where lines break."""
    return re.sub(r"\s+", " ", text)


def run(root: Path, *options: str) -> Result:
    """Run the command against a folder, with no setting in the environment."""
    return CliRunner(env={"CONNECTORWATCH_TENANT_ID": None}).invoke(main, ["registrars", "--out", str(root), *options])


def test_newest_scan_of_the_only_tenant(tmp_path: Path) -> None:
    """Without a tenant's name the only stored tenant is taken, and of its scans the newest."""
    stored(tmp_path)
    store = stored(tmp_path, scan_id="20261121T060000Z-0000000b")

    assert newest_document(store, None).scan.id == "20261121T060000Z-0000000b"
    assert newest_document(store, TENANT).scan.id == "20261121T060000Z-0000000b"


def test_several_tenants(tmp_path: Path) -> None:
    """With several tenants stored one has to be named, and the first ten are listed."""
    store = FolderStore(tmp_path)
    for number in range(12):
        store.scans.create(f"tenant-{number:02}/scans/20261120T060000Z-0000000a/findings.json", b"{}")

    with pytest.raises(SettingsError) as caught:
        newest_document(store, None)

    assert "Scans of 12 tenants are stored: name one in CONNECTORWATCH_TENANT_ID" in str(caught.value)
    assert str(caught.value).endswith("tenant-08, tenant-09 and 2 more.")


def test_two_tenants(tmp_path: Path) -> None:
    """Few tenants are all listed."""
    store = FolderStore(tmp_path)
    for name in ("b", "a"):
        store.scans.create(f"{name}/scans/20261120T060000Z-0000000a/findings.json", b"{}")

    with pytest.raises(SettingsError, match=r"They are a, b\.$"):
        newest_document(store, None)


def test_nothing_stored(tmp_path: Path) -> None:
    """An empty store, and a tenant that was never scanned, each say so and what to do."""
    with pytest.raises(SettingsError, match="No scan is stored: run `connectorwatch scan` first"):
        newest_document(FolderStore(tmp_path / "nowhere"), None)
    with pytest.raises(SettingsError, match="No scan of tenant other is stored"):
        newest_document(stored(tmp_path), "other")


def test_tenant_that_leads_elsewhere(tmp_path: Path) -> None:
    """A tenant's name that would lead out of the store is refused."""
    with pytest.raises(StorageError, match="might lead out of the store"):
        newest_document(FolderStore(tmp_path), "../elsewhere")


def test_scan_without_its_document(tmp_path: Path) -> None:
    """A remembered scan whose document was never written says how to finish it."""
    store = stored(tmp_path)
    (tmp_path / TENANT / "scans" / "20261120T060000Z-0000000a" / "findings.json").unlink()

    with pytest.raises(EvidenceError, match=r"its findings\.json is not there: scan again"):
        newest_document(store, None)


def test_table_command(tmp_path: Path) -> None:
    """The command prints tenant, time, counts and everybody with account and path."""
    stored(tmp_path)

    result = run(tmp_path)

    assert result.exit_code == 0
    assert "Contoso scanned 2026-11-20 06:00 UTC 1 person can register connectors." in flat(result.output)
    assert "Ann - Application Administrator (assigned) REG005 ann@contoso.example" in flat(result.output)


def test_csv_command(tmp_path: Path) -> None:
    """As CSV the command prints the same bytes as the scan's registrars.csv."""
    store = stored(tmp_path)
    name = f"{TENANT}/latest/registrars.csv"

    result = run(tmp_path, "--format", "csv", "--tenant", TENANT)

    assert result.stdout_bytes == store.latest.read(name) == render_registrars_csv(newest_document(store, None))


def test_json_command(tmp_path: Path) -> None:
    """As JSON the command prints the registrars in the words of findings.json, with what belongs to them."""
    stored(tmp_path)

    told = json.loads(run(tmp_path, "--format", "json").stdout)

    assert told["schema"] == "connectorwatch.registrars/v1"
    assert [entry["principal"]["name"] for entry in told["registrars"]] == ["Ann"]
    assert {entry["subject"]["type"] for entry in told["verdicts"]} == {"principal"}
    assert "connectors" not in {section["name"] for section in told["sections"]}


def test_command_without_a_scan(tmp_path: Path) -> None:
    """Without a scan the command says one sentence and exits with 1."""
    result = run(tmp_path)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("connectorwatch: No scan is stored")


def test_command_with_unread_role_data(tmp_path: Path) -> None:
    """With role data unread the command says so first and exits with 4."""
    seen = snapshot(roles=(ADMIN,), assignments=(grant(ANN, ADMIN),), eligibilities=unread(), principals=(ANN,))
    stored(tmp_path, seen)

    result = run(tmp_path)

    assert result.exit_code == 4
    assert (
        "Role data was not read in full, so others may be able to register as well. Not read: role eligibilities "
        "denied: Graph said denied. Needs Some.Read.All. Ask again. 1 person can register" in flat(result.output)
    )


@pytest.mark.parametrize(
    ("code", "scan"),
    [
        (0, document_of((), people=(registrar(0, "Ada"),))),
        (0, document_of((), people=(registrar(0, "Ada", can=False),))),
        (4, document_of((), people=(registrar(0, "Ada", can=None),))),
        (4, document()),
    ],
)
def test_exit_code(code: int, scan: FindingsDocument) -> None:
    """A listing exits with 0 unless role data was not read or somebody could not be judged."""
    assert registrars_exit_code(scan) == code


def test_people() -> None:
    """Everybody stands under whether they can, with every path, why not, what fails and what was not assessed."""
    ways = (path("assigned", ("Team", "permanent"), ("Admins", "eligible")), path("activated", scope="/x"))
    found = (
        verdict("REG003", about("principal", 0, ""), Outcome.FAIL),
        verdict("REG005", about("principal", 0, ""), Outcome.NOT_ASSESSED),
        verdict("REG006", about("principal", 0, ""), Outcome.WAIVED),
    )
    people = (
        registrar(0, "Ada", paths=ways, guest=True),
        registrar(1, "", can=None, why_not="hidden", upn=None),
        registrar(2, "bo@contoso.com", can=False, why_not="disabled", upn="bo@contoso.com"),
    )

    text = printed(document_of(found, people=people))

    assert [line.strip() for line in text.splitlines() if ": 1" in line] == [
        "Unknown: 1",
        "Can register: 1",
        "Cannot, despite a role: 1",
    ]
    words = flat(text)
    assert (
        "- Team (permanent) > Admins (eligible) > REG003 ada@contoso.com Application Administrator (assigned) 1 not"
        in words
    )
    assert "- Application Administrator (activated), assessed only for /x 1 waived" in words
    assert "hidden" in words
    assert text.count("bo@contoso.com") == 1


def test_details_unread() -> None:
    """Where only details were not read, nobody else is said to be able to register."""
    details = SectionInfo(name="groups/g/owners", status="failed", count=None, reason="broken")

    text = flat(printed(document_of((), sections=(details,), people=(registrar(0, "Ada"),))))

    assert "Some details of role data were not read: owners of group g failed: broken. 1 person" in text


@pytest.mark.parametrize(
    ("words", "scan"),
    [
        ("Nobody holds a role that can register connectors.", document_of(())),
        (
            "Who can register connectors is not known.",
            document_of((), sections=(SectionInfo(name="principals", status="failed", count=None),)),
        ),
        (
            "The paths to the roles could not be followed: nested. Who can register connectors is not known.",
            document_of(()).model_copy(update={"registrars_unresolved": "nested"}),
        ),
    ],
)
def test_nobody_listed(words: str, scan: FindingsDocument) -> None:
    """Nobody is said to hold the role only where everything was read and followed."""
    text = flat(printed(scan))

    assert words in text
    assert ("Nobody" in text) is words.startswith("Nobody")


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_names_steer_nothing(*, terminal: bool) -> None:
    """Hostile names are text: no escape but our own colours, no markup taken, no line over 80 columns."""
    text = printed(document(extra_names=HOSTILE), terminal=terminal)
    plain = COLOURS.sub("", text)

    assert set(UNSEEN.findall(plain)) == {"\n"}
    assert [line for line in plain.split("\n") if cell_len(line) > 80] == []
    assert r"\x1b[31mred" in plain
    assert "[bold" in plain


@settings(max_examples=examples(50), deadline=None)
@given(st.text(max_size=300))
def test_no_name_steers_the_terminal(name: str) -> None:
    """Whatever a name is, nothing unseen is printed and no line is over 80 columns."""
    one = registrar(0, name, can=None, why_not=name, upn=name, paths=(path("eligible", (name, "active"), scope=name),))

    text = printed(document_of((), people=(one,)))

    assert set(UNSEEN.findall(text)) == {"\n"}
    assert [line for line in text.split("\n") if cell_len(line) > 80] == []
