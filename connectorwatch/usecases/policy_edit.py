"""Add an entry to a policy file: read back before it is kept, and written whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import PolicyError
from common.files import write_whole
from common.text import visible
from policies.policy_file.edit import entry_lines, with_listed
from policies.policy_file.read import parse_policy, policy_content
from policies.rules import RULE_IDS

if TYPE_CHECKING:
    from policies.policy_file.answers import Answer
    from policies.policy_file.edit import Heading
    from policies.policy_file.read import LoadedPolicy
    from policies.policy_file.waivers import Waiver


def with_addition(content: bytes, before: LoadedPolicy, heading: Heading, entry: Waiver | Answer, note: str) -> bytes:
    """Return a policy file with an entry added to a list, verified by reading it back: all else must be unchanged.

    Args:
        content: The file.
        before: What it says.
        heading: Which list.
        entry: What to add.
        note: A comment for the entry's first lines.

    Raises:
        PolicyError: The file has no place for another line; the message holds the lines to add by hand.
    """
    after = with_listed(content, heading, entry, note)
    expected = before.policy.model_copy(update={heading: (*getattr(before.policy, heading), entry)})
    with suppress(PolicyError):  # what cannot be read back had no place for it either
        read = None if after is None else parse_policy(after, before.source, RULE_IDS)
        if after and read and (read.policy, read.overrides) == (expected, before.overrides):
            return after
    lines = "\n  ".join(visible(line) for line in entry_lines(entry, note))
    raise PolicyError(
        f"{before.source} is written in a form that has no place for another line; write `{heading}:` on a line of its "
        f"own, and this below it:\n  {lines}"
    )


def write_policy(path: Path, content: bytes, before: bytes | None) -> None:
    """Write a file whole or not at all, with the permissions of the one that it replaces; a link stays a link.

    Args:
        path: The file.
        content: What to write.
        before: What was read from it; None where there was none. If it is another by now, nothing is written.

    Raises:
        PolicyError: The file was changed meanwhile, or cannot be written; it is as it was.
    """
    try:
        write_whole(Path(os.path.realpath(path)), content, last_check=lambda: _check_unchanged(path, before))
    except OSError as error:
        raise PolicyError(
            f"{path} cannot be written ({error.strerror}); check the permissions of its folder. It is as it was."
        ) from error


def _check_unchanged(path: Path, before: bytes | None) -> None:
    if (policy_content(path) if path.exists() else None) != before:
        raise PolicyError(f"{path} was changed by another process meanwhile and was not overwritten: repeat.")
