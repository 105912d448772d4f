"""Recordings as files: written whole, read bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from common.errors import SettingsError
from common.files import write_whole
from connectorwatch.recording.document import Recording

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 16 * 1024 * 1024
"""A recording of a large tenant is a few hundred kilobytes: it grows with the kinds of request, not with the tenant."""


def text_of(recording: Recording) -> str:
    """Return a recording as it is written: JSON, one fact a line."""
    return recording.model_dump_json(by_alias=True, indent=2) + "\n"


def check_free(path: Path) -> None:
    """Make sure that a recording can be written there, before Graph is asked for anything.

    Raises:
        SettingsError: Something is there already, or the folder is missing.
    """
    if path.exists() or path.is_symlink():
        raise SettingsError(f"{path} exists already: choose another name for --out, or remove it.")
    if not path.parent.is_dir():
        raise SettingsError(f"The folder {path.parent} is missing: make it, or choose another for --out.")


def write_recording(path: Path, recording: Recording) -> None:
    """Write a recording to a file that must not exist yet.

    Raises:
        SettingsError: Something is there already, or the system refused.
    """
    check_free(path)
    try:
        write_whole(path, text_of(recording).encode())
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror}): choose another place for --out.") from error


def read_recording(path: Path) -> Recording:
    """Return the recording in a file, which may come from anybody.

    Raises:
        SettingsError: It is missing, unreadable, too large or no recording.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from error
    if len(content) > _MOST_BYTES:
        raise SettingsError(f"{path} is larger than {_MOST_BYTES // 1024 // 1024} MiB and so is no recording.")
    try:
        return Recording.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"])) or "its beginning"
        raise SettingsError(
            f"{path} is no recording that this version of connectorwatch reads (see {where[:120]!r})."
        ) from None
