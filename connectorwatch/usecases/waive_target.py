"""The policy file that a waiver or an answer is written to, and a warning where scans use another policy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import PolicyError, SettingsError
from common.text import visible
from connectorwatch.platform.blob_files import is_blob, shown_address
from connectorwatch.scanning.repeated import named_policy
from connectorwatch.wiring import DEFAULT_POLICY
from policies.policy_file.read import LoadedPolicy

if TYPE_CHECKING:
    from connectorwatch.settings import Settings
    from findings.document import FindingsDocument

WAY_OUT = "give a copy of it with --policy, and put that back afterwards"
BUILT_IN = LoadedPolicy.built_in().source


def place(settings: Settings, *, new: bool, way_out: str = WAY_OUT) -> Path:
    """Return the policy file to write into.

    Args:
        settings: Name it.
        new: Whether it may be one that is not there.
        way_out: What to do where it is a blob, which is not written.

    Raises:
        SettingsError: It is not there, and neither the default file nor `new`; or it is a blob.
        PolicyError: It is write-protected.
    """
    if settings.policy is None:
        path = DEFAULT_POLICY
    elif is_blob(settings.policy):
        raise SettingsError(
            f"{shown_address(settings.policy)} is a blob, which this command does not write: {way_out}."
        )
    else:
        path = Path(settings.policy)
    if not path.exists() and path != DEFAULT_POLICY and not new:
        raise SettingsError(
            f"There is no policy file {visible(str(path))}: correct the name, or add --new to have it made."
        )
    if path.exists() and not os.access(path, os.W_OK):
        # Replacing it would need its folder's permission only, and undo its protection.
        raise PolicyError(f"{visible(str(path))} is write-protected: allow this account to write it, and repeat.")
    return path


def elsewhere(path: Path, what: str, newest: FindingsDocument | None, *, created: bool) -> str | None:
    """Return a warning where the newest stored scan was judged by another policy than the file that was written.

    Args:
        path: The file.
        what: What was written, such as `The waiver`.
        newest: The newest stored scan.
        created: Whether the file was not there before.
    """
    if newest is None:
        return None
    source = newest.policy.source
    if source == BUILT_IN and path == DEFAULT_POLICY:
        return None  # from now on this file is there, and is taken
    same = source != BUILT_IN and not is_blob(source) and os.path.realpath(source) == os.path.realpath(path)
    if same and not created:
        return None
    return (
        f"Scan {newest.scan.id} was judged by another policy, {named_policy(source, newest.policy.sha256)}. {what} "
        f"counts only in scans that are judged by {visible(str(path))}: give it to them with --policy or "
        "CONNECTORWATCH_POLICY."
    )
