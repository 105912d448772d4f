"""A waiver goes into the file that is meant, and it is told where the scans are judged by another one."""

from __future__ import annotations

import os
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from common.errors import PolicyError, SettingsError
from connectorwatch.settings import Settings
from connectorwatch.usecases.waive import waive
from connectorwatch.usecases.waive_target import elsewhere, place
from tests.connectorwatch.usecases.waiving import TODAY, WISH, file
from tests.write_protection import may_only_read, public_folder

if TYPE_CHECKING:
    from findings.document import FindingsDocument

HASH = "12" * 32


def by(newest: FindingsDocument, source: str, sha256: str = HASH) -> FindingsDocument:
    """Return a scan as one that was judged by another policy."""
    return newest.model_copy(update={"policy": newest.policy.model_copy(update={"source": source, "sha256": sha256})})


def warning(path: Path, newest: FindingsDocument | None) -> str | None:
    """Return what is warned of after a waiver was written there."""
    written = waive(path, WISH, newest, TODAY)
    return elsewhere(written.path, "The waiver", newest, created=written.created)


def test_a_mistyped_name_makes_no_file(tmp_path: Path) -> None:
    """A file that is not there is refused, unless it is to be made, or is policy.yaml here."""
    missing = tmp_path / "polcy.yaml"

    with pytest.raises(SettingsError, match=r"There is no policy file .*polcy\.yaml: .* --new"):
        place(Settings(policy=str(missing)), new=False)
    assert place(Settings(policy=str(missing)), new=True) == missing
    with chdir(tmp_path):
        assert place(Settings(), new=False) == Path("policy.yaml")
        assert place(Settings(policy="policy.yaml"), new=False) == Path("policy.yaml")


def test_a_blob_is_not_written() -> None:
    """A policy in a blob is refused, and its address is shown without what follows the question mark."""
    address = "https://account.blob.core.windows.net/policies/policy.yaml?sig=secret"

    with pytest.raises(SettingsError, match="is a blob, which this command does not write: give a copy") as caught:
        place(Settings(policy=address), new=True)
    assert "secret" not in str(caught.value)


def test_a_write_protected_file() -> None:
    """A file that this account may not write is refused, even where its folder could be written."""
    with public_folder() as folder:
        path = file(folder)
        path.chmod(0o444)
        assert os.access(folder, os.W_OK)

        with may_only_read(folder), pytest.raises(PolicyError, match="is write-protected"):
            place(Settings(policy=str(path)), new=False)


def test_scans_that_are_judged_by_another_file(tmp_path: Path, newest: FindingsDocument) -> None:
    """The policy that judged the newest scan is named where it is another file, or the built-in one."""
    told = warning(file(tmp_path), by(newest, "/elsewhere/contoso.yaml"))
    assert told is not None
    assert "was judged by another policy, /elsewhere/contoso.yaml (121212121212). The waiver counts only in" in told
    built_in = warning(tmp_path / "other.yaml", by(newest, "built-in", ""))
    assert built_in is not None
    assert "another policy, built-in. The waiver" in built_in


def test_a_file_of_the_same_name_somewhere_else(tmp_path: Path, newest: FindingsDocument) -> None:
    """Where the file was only made now, one of its name judged in another folder."""
    path = tmp_path / "made.yaml"

    assert warning(path, by(newest, str(path))) is not None


def test_no_warning(tmp_path: Path, newest: FindingsDocument) -> None:
    """Nothing is warned of without a scan, after one by this file, or by the built-in policy before policy.yaml."""
    path = file(tmp_path)
    assert warning(path, by(newest, str(path))) is None
    with chdir(tmp_path):
        path.unlink()
        assert warning(Path("policy.yaml"), by(newest, "built-in", "")) is None
        path.unlink()
        assert warning(Path("policy.yaml"), None) is None
