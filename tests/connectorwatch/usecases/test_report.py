"""`report` renders any stored scan again, to stdout or to a file, from what is stored alone."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from common.errors import EvidenceError, SettingsError, StorageError
from connectorwatch.__main__ import COMMANDS, Commands, main
from connectorwatch.scanning.publish import keep_evidence, publish, stored_evidence
from connectorwatch.usecases.report import render_stored, stored_scan, write_file
from findings.reports.formats import FORMATS
from findings.stores.folder import FolderStore
from policies.rules import RULE_IDS
from tests.making import TENANT, connector, evidence, group, holds, snapshot
from tests.people import grant, role, user

ANN, ADMIN = user("Ann"), role()
FIRST, SECOND = "20261120T060000Z-0000000a", "20261121T060000Z-0000000b"
SEEN = snapshot(roles=(ADMIN,), assignments=(grant(ANN, ADMIN),), principals=(ANN,))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of the store."""
    return tmp_path / "out"


@pytest.fixture
def store(root: Path) -> FolderStore:
    """Return a store with two scans of a tenant, of which the second resolved a finding of the first."""
    kept = FolderStore(root)
    publish(kept, keep_evidence(kept, evidence(SEEN, scan_id=FIRST)))
    publish(kept, keep_evidence(kept, evidence(snapshot(roles=(ADMIN,)), scan_id=SECOND)))
    return kept


def run(root: Path, *options: str) -> Result:
    """Run the command on a folder, with no setting in the environment."""
    return CliRunner(env={"CONNECTORWATCH_TENANT_ID": None}).invoke(main, ["report", "--out", str(root), *options])


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("scan", [FIRST, SECOND])
def test_every_scan_in_every_format(root: Path, store: FolderStore, scan: str, form: str) -> None:
    """What is rendered again is what was published then, byte for byte, lives and all."""
    result = run(root, "--scan", scan, "--format", form)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes == store.scans.read(f"{TENANT}/scans/{scan}/{FORMATS[form].file}")


def test_formats_are_what_a_scan_publishes(store: FolderStore) -> None:
    """Each file that a scan publishes has a format, and the other way round."""
    published = {name.rpartition("/")[2] for name in store.scans.list(f"{TENANT}/scans/{SECOND}/")}

    assert published - {"evidence.json.gz"} == {report.file for report in FORMATS.values()}


def test_the_newest_scan_as_markdown_unless_told_otherwise(root: Path, store: FolderStore) -> None:
    """Without options the newest scan is told in Markdown."""
    assert run(root).stdout_bytes == store.scans.read(f"{TENANT}/scans/{SECOND}/report.md")


@pytest.mark.usefixtures("store")
def test_an_unknown_scan(root: Path) -> None:
    """A scan that is not stored is told with those that are nearest."""
    result = run(root, "--scan", "20261121T060000Z-0000000c")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "There is no scan 20261121T060000Z-0000000c of tenant" in result.stderr
    assert f"The nearest are {SECOND}, {FIRST}." in result.stderr


def test_a_scan_that_is_like_none(store: FolderStore) -> None:
    """A name like none is answered with the newest scans, and a tenant without any by what to look at."""
    with pytest.raises(SettingsError, match=rf"no scan x\\u202e of tenant {TENANT}. The nearest are {SECOND}, {FIRST}"):
        stored_scan(store, TENANT, "x\u202e")
    with pytest.raises(SettingsError, match="Nothing of this tenant is stored"):
        stored_scan(store, "other", FIRST)


def test_a_scan_that_the_state_forgot(root: Path, store: FolderStore) -> None:
    """A scan is found by its files though the state does not list it any more."""
    (root / TENANT / "state.json").unlink()

    assert stored_scan(store, TENANT, FIRST).document.scan.id == FIRST


def test_evidence_that_is_gone(root: Path, store: FolderStore) -> None:
    """Without evidence the formats that show what was seen say which others do without, and those do."""
    (root / TENANT / "scans" / FIRST / "evidence.json.gz").unlink()
    scan = stored_scan(store, TENANT, FIRST)

    for form, report in FORMATS.items():
        if report.needs_snapshot:
            with pytest.raises(EvidenceError, match=r"does not need it \(csv, json, .*applications-csv\)"):
                render_stored(store, scan, form)
        else:
            assert render_stored(store, scan, form)


@pytest.mark.usefixtures("store")
def test_to_a_file(root: Path, tmp_path: Path) -> None:
    """A file is written whole, never over another one unless forced, and nothing is left beside it."""
    file = tmp_path / "mine.md"

    first = run(root, "--to-file", str(file))
    second = run(root, "--to-file", str(file), "--format", "csv")
    kept = file.read_bytes()
    third = run(root, "--to-file", str(file), "--format", "csv", "--force")

    assert [result.exit_code for result in (first, second, third)] == [0, 1, 0]
    assert second.stderr == (
        f"connectorwatch: {file} exists already: name another file, or add --force to overwrite it.\n"
    )
    assert kept.startswith(b"# Private network connectors")
    assert file.read_bytes().startswith(b"\xef\xbb\xbftenant")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.md", "out"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Writing through a link changes what it points to."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)

    write_file(link, b"new", force=True)

    assert (link.is_symlink(), real.read_bytes()) == (True, b"new")


def test_a_device_is_written_to() -> None:
    """What is no file, such as /dev/null, is not replaced by one."""
    write_file(Path("/dev/null"), b"x", force=True)

    assert not Path("/dev/null").is_file()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be written is named with the system's reason."""
    with pytest.raises(StorageError, match=r"cannot be written: No such file or directory\. Name a file"):
        write_file(tmp_path / "no" / "file", b"x", force=False)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("name", ["findings.json", "report.html", "report.md", "findings.csv", "findings.sarif"])
def test_evaluate_is_given_a_report(root: Path, name: str) -> None:
    """A file from beside the evidence is called what it is, and not damaged."""
    path = root / TENANT / "scans" / FIRST / name

    result = CliRunner().invoke(main, ["evaluate", str(path)])

    assert result.exit_code == 1
    assert result.stderr == (
        f"connectorwatch: {path} is {name}, a result and not what was seen: give the scan's evidence.json.gz.\n"
    )


def test_evaluate_is_given_evidence_of_any_name(store: FolderStore, tmp_path: Path) -> None:
    """Evidence is judged whatever its file is called, compressed or not."""
    stored = stored_evidence(store, TENANT, FIRST)
    assert stored is not None
    packed = store.scans.read(f"{TENANT}/scans/{FIRST}/evidence.json.gz") or b""
    for name, content in (("report.html", packed), ("findings.json", gzip.decompress(packed))):
        (tmp_path / name).write_bytes(content)
        assert CliRunner().invoke(main, ["evaluate", str(tmp_path / name)]).exit_code == 3


def test_names_of_commands_fit_the_list() -> None:
    """In the list of commands no line is cut at 80 columns."""
    listed = CliRunner(env={"COLUMNS": "80"}).invoke(main, ["--help"]).output.partition("Commands:\n")[2]

    assert isinstance(main, Commands)
    assert [line.split()[0] for line in listed.splitlines()] == list(COMMANDS)
    assert [line for line in listed.splitlines() if line.endswith("...")] == []


def test_newcomers_are_told_what_the_words_mean() -> None:
    """Where a rule speaks of paths and of feeding, both are explained; elsewhere they are not."""
    told = CliRunner().invoke(main, ["rules", "REG010"]).output
    others = CliRunner().invoke(main, ["rules", "CON001"]).output

    assert "path: a way to a role" in told
    assert "feed: a group feeds another" in told
    assert "path:" not in others


def test_connectors_are_told_by_name(root: Path, store: FolderStore) -> None:
    """The inventory of a report comes from the evidence."""
    seen = snapshot({group("HQ"): holds(connector("hq-01"))})
    publish(store, keep_evidence(store, evidence(seen, scan_id="20261122T060000Z-0000000c")))

    assert "`hq-01`" in run(root, "--format", "md").output


def test_evaluate_without_a_file(tmp_path: Path) -> None:
    """Evidence that cannot be read is told with the system's reason."""
    result = CliRunner().invoke(main, ["evaluate", str(tmp_path / "none")])

    assert result.stderr.endswith("cannot be read: No such file or directory. Give the path of an evidence.json.gz.\n")


def test_all_rules_are_listed() -> None:
    """Without an id every rule has a line, and an unknown id is answered with the nearest."""
    listed = CliRunner().invoke(main, ["rules"]).output

    assert {line.split(" ")[0] for line in listed.splitlines()} >= RULE_IDS
    assert "Did you mean REG010?" in CliRunner().invoke(main, ["rules", "REG0100"]).stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--to", "2026-01-01T00:00:00Z"), "--to ends a period"),
        (("--from", "2026-01-01T00:00:00Z", "--scan", FIRST), "ask for one at a time"),
        (
            ("--from", "2026-01-01T00:00:00Z", "--format", "sarif"),
            "A period is not available as sarif: choose one of text",
        ),
        (("--format", "text"), "A scan is not available as text: choose one of md"),
    ],
)
def test_scans_and_periods_are_not_mixed(root: Path, options: tuple[str, ...], words: str) -> None:
    """What belongs to the other half of the command is refused."""
    result = run(root, *options)

    assert (result.exit_code, words in result.stderr) == (2, True)
