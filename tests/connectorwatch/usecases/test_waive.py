"""`waive` writes a waiver that was checked before and after, or leaves the policy file as it was."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from common.errors import PolicyError
from common.text import UNSEEN
from connectorwatch.__main__ import main
from connectorwatch.usecases.waive import newest_stored, waive, waiver_text
from findings.stores.folder import FolderStore
from policies.vocabulary import Subject
from tests.connectorwatch.usecases.waiving import EMPTY, OTHER, PARIS, SEEN, TODAY, WISH, file, read, refused, stored
from tests.making import TENANT, group, holds, snapshot, unread

if TYPE_CHECKING:
    from pathlib import Path

    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot


def test_a_waiver_is_written(tmp_path: Path, newest: FindingsDocument) -> None:
    """The entry stands in the file with the subject's name beside its id, and every other line as it was."""
    path = file(tmp_path)
    written = waive(path, replace(WISH, ticket="CHG-1", tenant=TENANT), newest, TODAY)

    assert path.read_text(encoding="utf-8") == (
        "version: 1  # form\n"
        "\n"
        "waivers:\n"
        "  - id: GRP004-20261120\n"
        "    rule: GRP004\n"
        "    subject: id-Paris  # Paris\n"
        "    from: 2026-11-20\n"
        "    until: 2026-12-20\n"
        "    reason: it is for the move\n"
        "    owner: ada@contoso.example\n"
        "    ticket: CHG-1\n"
        f"    tenant: {TENANT}\n"
    )
    assert read(path).waivers == (written.waiver,)
    assert not written.created


def test_what_is_waiver_text(tmp_path: Path, newest: FindingsDocument) -> None:
    """It says what it wrote and where, what that covers, and from when."""
    path = file(tmp_path)
    words = waiver_text(waive(path, WISH, newest, TODAY))

    assert words.startswith(f"Added to {path}:\n\n  - id: GRP004-20261120\n    rule: GRP004\n")
    assert "It waives GRP004 of group Paris (checked against scan 20261120T060000Z-0000000a)," in words
    assert words.endswith(
        "to the end of 2026-12-20 (UTC). It counts in the next scans in that time that are judged by this file."
    )


def test_without_a_file_and_a_scan(tmp_path: Path) -> None:
    """A file is made that says what it is, and it is told that nothing was checked."""
    path = file(tmp_path, None)
    written = waive(path, WISH, None, TODAY)

    assert path.read_text(encoding="utf-8").startswith("# What this organisation asks of its connectors.")
    assert "    subject: id-Paris\n" in path.read_text(encoding="utf-8")
    assert (written.created, written.about, written.scan) == (True, "group id-Paris", None)
    assert waiver_text(written).startswith("Created ")
    assert "not checked: no scan is stored" in waiver_text(written)
    assert read(path).waivers[0].matches("GRP004", Subject(type="group", id=PARIS, name="Paris"))


def test_a_hostile_name_does_no_harm(tmp_path: Path, newest: FindingsDocument) -> None:
    """In file and printout a name stands as what can be seen of it, and changes nothing that is read."""
    path = file(tmp_path)
    written = waive(path, replace(WISH, key="GRP004/id-evil"), newest, TODAY)

    assert "    subject: id-evil  # Par\\nis: {}\\u202e\\x1b[31m # x\n" in path.read_text(encoding="utf-8")
    assert UNSEEN.sub("", waiver_text(written)).count("\n") == 0
    assert not UNSEEN.search(waiver_text(written).replace("\n", ""))
    assert read(path).waivers[0].subject == "id-evil"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": "GRP004"}, "'GRP004' is no finding: give its key, RULE/subject-id, as in findings.csv."),
        ({"key": "GRP004/"}, "'GRP004/' is no finding"),
        ({"key": "GRP04/x"}, "There is no rule 'GRP04': did you mean \"GRP004\"?"),
        ({"key": "POL001/w1"}, "POL001 cannot be waived: it is about waivers or about the service."),
        ({"key": "SVC001/x"}, "SVC001 cannot be waived"),
        ({"until": TODAY - timedelta(1)}, "--until 2026-11-19 is over: give a day from 2026-11-20 on."),
        ({"begin": date(2026, 12, 21)}, "--until 2026-12-20 is before --from 2026-12-21: exchange them"),
        (
            {"until": date(2027, 11, 22)},
            "From 2026-11-20 to 2027-11-22 is longer than 366 days: end on 2027-11-21 at the latest",
        ),
        ({"reason": " "}, "--reason must say something, on one line and without control characters."),
        ({"reason": "a\nb"}, "--reason must say something"),
        ({"owner": "\x1b[31m"}, "--owner must say something"),
        ({"ticket": ""}, "--ticket must say something"),
        ({"tenant": "Contoso"}, "--tenant Contoso is not the id of a tenant"),
        ({"waiver_id": "a b"}, "--id a b is refused: use letters, digits, '.', '_' and '-', at most 64."),
    ],
)
def test_what_cannot_be_granted(
    tmp_path: Path, newest: FindingsDocument, changes: dict[str, object], said: str
) -> None:
    """A wish that no file could say is refused with what to do, and nothing is written."""
    assert refused(file(tmp_path), newest, **changes).startswith(said)
    assert refused(file(tmp_path), None, **changes).startswith(said)


def test_the_longest_waiver(tmp_path: Path, newest: FindingsDocument) -> None:
    """366 days are allowed, and a single day too."""
    assert waive(file(tmp_path), replace(WISH, until=date(2027, 11, 21)), newest, TODAY).waiver.flaws == ()
    assert waive(file(tmp_path), replace(WISH, until=TODAY), newest, TODAY).waiver.flaws == ()


def test_a_finding_that_does_not_fail(tmp_path: Path, newest: FindingsDocument) -> None:
    """What the newest scan does not call failing is refused with what it might be, by key or by name."""
    path = file(tmp_path)

    said = refused(path, newest, key="GRP004/id-Pari")
    assert said.startswith("GRP004/id-Pari does not fail in scan 20261120T060000Z-0000000a (not there). ")
    assert "Did you mean GRP004/id-Paris (Paris)" in said
    assert said.endswith(" --force writes it all the same.")
    assert "Did you mean GRP004/id-Paris (Paris)" in refused(path, newest, key="GRP004/PARIS")
    assert "(pass)" in refused(path, newest, key="GRP004/id-Rome")
    assert "findings.csv lists those that do." in refused(path, newest, key="CON001/0000000000000000000")
    evil = refused(path, newest, key="GRP004/id-evi")
    assert not UNSEEN.search(evil)


def test_forced(tmp_path: Path, newest: FindingsDocument) -> None:
    """With --force a waiver is written for what does not fail yet."""
    written = waive(file(tmp_path), replace(WISH, key="GRP004/id-Rome", force=True), newest, TODAY)

    assert (written.waiver.subject, written.about) == ("id-Rome", "group id-Rome")


def test_the_key_counts_in_either_case(tmp_path: Path, newest: FindingsDocument) -> None:
    """A key is written as the scan has it."""
    assert waive(file(tmp_path), replace(WISH, key="grp004/ID-PARIS"), newest, TODAY).waiver.subject == PARIS


@pytest.mark.parametrize("cut", [snapshot(unread()), snapshot({group("Paris"): holds(members=unread())})])
def test_an_open_finding_that_nobody_could_look_at(tmp_path: Path, cut: Snapshot) -> None:
    """What was failing when it was last seen can be waived although the newest scan could not look."""
    newest = stored(tmp_path / "store", SEEN, cut)
    folder = tmp_path / "policy"
    folder.mkdir()

    assert waive(file(folder), WISH, newest, TODAY).about == "group Paris"


@pytest.mark.parametrize("text", ["{}\n", "waivers: []\n", "? waivers\n:\n"])
def test_a_file_without_a_place(tmp_path: Path, newest: FindingsDocument, text: str) -> None:
    """A file written on one line is left alone, and what to write by hand is told."""
    said = refused(file(tmp_path, text), newest)

    assert "has no place for another line; write `waivers:` on a line of its own, and this below it:\n" in said
    assert "- id: GRP004-20261120\n" in said


def test_text_that_would_be_cut(tmp_path: Path, newest: FindingsDocument) -> None:
    """A block of text at the end of the file is read back as it was, or the file is left alone."""
    path = file(tmp_path, "releases: |+\n  mine.yaml\n\n\n")
    said = refused(path, newest)

    assert "has no place for another line" in said


def test_a_file_that_is_no_policy(tmp_path: Path, newest: FindingsDocument) -> None:
    """A mistake in the file is told with its line before anything is written."""
    assert "line 1, grups: unknown key" in refused(file(tmp_path, "grups: {}\n"), newest)


def test_permissions_and_links_are_kept(tmp_path: Path, newest: FindingsDocument) -> None:
    """The file keeps its mode, and a link to it stays a link."""
    path = file(tmp_path)
    path.chmod(0o640)
    (tmp_path / "other").mkdir()
    link = tmp_path / "other" / "policy.yaml"
    link.symlink_to(path)
    waive(link, WISH, newest, TODAY)

    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert len(read(path).waivers) == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == ["other", "policy.yaml"]


def test_a_folder_that_is_not_there(tmp_path: Path, newest: FindingsDocument) -> None:
    """What the system refuses is told with its reason."""
    with pytest.raises(PolicyError, match=r"cannot be written \(No such file or directory\)"):
        waive(tmp_path / "none" / "policy.yaml", WISH, newest, TODAY)


def test_no_scan_is_stored(tmp_path: Path) -> None:
    """An empty store has no newest scan, and a store of other tenants none of this one."""
    assert newest_stored(FolderStore(tmp_path), None) is None
    stored(tmp_path)
    assert newest_stored(FolderStore(tmp_path), OTHER) is None
    assert newest_stored(FolderStore(tmp_path), TENANT) is not None


def run(folder: Path, *options: str) -> Result:
    """Run the command in a folder, with no setting in the environment."""
    environment = {"CONNECTORWATCH_TENANT_ID": None, "CONNECTORWATCH_POLICY": None}
    words = ["waive", "--out", str(folder / "out"), "--policy", str(folder / "policy.yaml"), "--new", *options]
    return CliRunner(env=environment).invoke(main, words)


def test_the_command(tmp_path: Path) -> None:
    """It takes today as the first day and prints what it wrote."""
    stored(tmp_path / "out")
    until = datetime.now(UTC).date() + timedelta(30)
    ran = run(tmp_path, EMPTY, "--reason", "why", "--owner", "ada", "--until", str(until), "--id", "mine")
    (waiver,) = read(tmp_path / "policy.yaml").waivers

    assert ran.exit_code == 0
    assert ran.stdout.startswith(f"Created {tmp_path}/policy.yaml:\n\n  - id: mine\n")
    assert (waiver.id, waiver.until, waiver.tenant) == ("mine", until, None)
    assert 29 <= (until - waiver.from_).days <= 30


@pytest.mark.parametrize(
    ("day", "advice"),
    [
        ("soon", "write it as 2026-11-20"),
        ("2026-02-30", "there is no such day"),
        ("20.11.2026", "write it as 2026-11-20"),
        ("2026-11-20T06:00:00Z", "write it as 2026-11-20"),
        ("", "write it as 2026-11-20"),
    ],
)
def test_days_are_days(tmp_path: Path, day: str, advice: str) -> None:
    """What is no day is wrong usage, and one that no calendar has is told to be none."""
    ran = run(tmp_path, EMPTY, "--reason", "why", "--owner", "ada", "--until", day)

    assert ran.exit_code == 2
    assert advice in ran.stderr
    assert not (tmp_path / "policy.yaml").exists()


def test_a_refusal_leaves_with_a_sentence(tmp_path: Path) -> None:
    """What cannot be granted ends with exit code 1 and says why."""
    stored(tmp_path / "out")
    ran = run(tmp_path, "GRP001/x", "--reason", "why", "--owner", "ada", "--until", "2999-01-01")

    assert ran.exit_code == 1
    assert ran.stderr.startswith("connectorwatch: GRP001/x does not fail in scan")
    assert run(tmp_path, EMPTY, "--owner", "ada", "--until", "2999-01-01").exit_code == 2
