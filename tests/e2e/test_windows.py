"""What Windows does otherwise: names of files, line ends, consoles that cannot show everything.

Nothing here runs on Windows; the differences are brought to where the tests run.
"""

from __future__ import annotations

import codecs
import os
import re
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest
from pydantic import SecretStr

from connectorwatch.platform.blob_files import is_blob
from connectorwatch.platform.storage import folder_of
from connectorwatch.settings import Settings
from connectorwatch.tenants.tenant_list import tenants_of
from policies.policy_file.example import example_policy
from policies.policy_file.model import Policy
from policies.policy_file.read import read_policy_file
from policies.rules import RULE_IDS
from simulator import TENANTS, load_tenant
from tests.e2e.commands import run
from tests.paths import ROOT

RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names of devices (Microsoft Learn, "Naming Files, Paths, and Namespaces", 2025)."""
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
PRINTED = (("registrars",), ("history",), ("rules",), ("doctor", "--demo"), ("report", "--format", "md"))
LONGEST = 260 - len(r"C:\Users\Administrator.CONTOSO\Documents\connectorwatch\out") - 1


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two scans of the demo tenant."""
    folder = tmp_path_factory.mktemp("out")
    assert run("demo", "--out", str(folder)).code == 3
    assert run("scan", "--demo", "--out", str(folder), "--at", "2026-11-21T06:00:00Z").code == 3
    return folder


def test_windows_takes_every_name_that_is_stored(out: Path) -> None:
    """No stored file or folder has a name that Windows refuses, nor one that is too long below a usual folder."""
    names = [path.relative_to(out) for path in out.rglob("*")]

    assert len(names) > 20
    assert [name for name in names if len(str(name)) > LONGEST] == []
    for part in {part for name in names for part in name.parts}:
        assert not FORBIDDEN.search(part), part
        assert not RESERVED.fullmatch(part), part
        assert part == part.rstrip(". "), part


def test_names_differ_in_more_than_case(out: Path) -> None:
    """On a file system that takes both cases for the same, no stored file hides another."""
    names = [path.relative_to(out).as_posix() for path in out.rglob("*")]

    assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize(
    "place", [r"C:\Users\Ada\out", r"D:out", r"\\server\share\connectorwatch", r"\\?\C:\long\out", "C:/Users/Ada/out"]
)
def test_a_windows_path_is_a_folder_and_no_address(place: str) -> None:
    """A drive's letter and colon are not taken for the scheme of an address."""
    assert folder_of(Settings(storage=SecretStr(place))) == Path(place)
    assert not is_blob(place + r"\policy.yaml")


def test_a_scan_stores_below_a_folder_with_such_a_name(tmp_path: Path) -> None:
    """Whatever separators it holds, the folder is used as it was given, and the summary shows it whole."""
    folder = str(tmp_path / str(PureWindowsPath("C:/Users/Ada Lovelace/out")))

    ended = run("demo", "--out", folder, settings={"COLUMNS": "300"})

    assert ended.code == 3
    assert folder in ended.stdout
    assert [path.name for path in tmp_path.iterdir()] == [Path(folder).relative_to(tmp_path).parts[0]]


def _crlf(path: Path, text: str) -> Path:
    path.write_bytes(codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode("utf-8"))
    return path


def test_a_policy_saved_by_a_windows_editor_is_the_same(tmp_path: Path) -> None:
    """Line ends of two characters and a mark at the beginning change nothing."""
    text = example_policy().decode("utf-8")
    saved = _crlf(tmp_path / "policy.yaml", text)

    assert read_policy_file(saved, RULE_IDS).policy == Policy()


def test_a_list_of_tenants_saved_by_a_windows_editor_is_the_same(tmp_path: Path) -> None:
    """The list is read, and no id ends in a character of a line's end."""
    ids = ("3f9d0c1e-7a44-4b7e-9c55-0d1c2b3a4e5f", "11111111-2222-4333-8444-555555555555")
    saved = _crlf(tmp_path / "tenants.yaml", "tenants:\n" + "".join(f"  - id: {name}\n" for name in ids))

    listed = tenants_of(Settings(tenants=str(saved)))

    assert tuple(tenant.settings.tenant_id for tenant in listed) == ids


def test_a_tenant_file_saved_by_a_windows_editor_is_the_same(tmp_path: Path) -> None:
    """The simulator serves the same tenant."""
    saved = _crlf(tmp_path / "mine.yaml", (TENANTS / "contoso.yaml").read_text(encoding="utf-8"))

    assert load_tenant(saved) == load_tenant(TENANTS / "contoso.yaml")


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
@pytest.mark.parametrize("arguments", PRINTED, ids=" ".join)
def test_a_console_that_cannot_show_everything_shows_the_rest(
    arguments: tuple[str, ...], encoding: str, out: Path
) -> None:
    """A character that the console's code page lacks ends no command, and what is printed can be shown there."""
    utf8, narrow = (_in_own_process(arguments, name, out) for name in ("utf-8", encoding))

    assert narrow.returncode == utf8.returncode
    assert b"Traceback" not in narrow.stderr
    assert len(narrow.stdout) >= len(utf8.stdout) // 2
    if arguments[0] != "report":  # a file's bytes are the same everywhere
        narrow.stdout.decode(encoding)
    else:
        assert narrow.stdout == utf8.stdout


def _in_own_process(arguments: tuple[str, ...], encoding: str, out: Path) -> subprocess.CompletedProcess[bytes]:
    settings = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "CONNECTORWATCH_STORAGE": str(out), "COLUMNS": "120"}
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "connectorwatch", *arguments],
        env=os.environ | settings,
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
