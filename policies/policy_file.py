"""Reading the policy file: all of it is understood, or it is refused with every line that is wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inventory.errors import PolicyError
from policies.policy import Policy, is_object_id
from policies.yaml_places import MAX_BYTES, Document, Problem, read_document, shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class LoadedPolicy:
    """A policy and where it came from.

    Attributes:
        policy: The policy, with the defaults filled in.
        source: The file or blob that it was read from, or `built-in`.
        sha256: The hash of the file's bytes, in hexadecimal; empty for the built-in policy.
    """

    policy: Policy
    source: str
    sha256: str

    @classmethod
    def built_in(cls) -> LoadedPolicy:
        """Return the policy that holds where there is no file: every default."""
        return cls(Policy(), "built-in", "")


def read_policy_file(path: Path, rule_ids: frozenset[str]) -> LoadedPolicy:
    """Return the policy in a file.

    Raises:
        PolicyError: The file is missing, unreadable, or not a policy; see `parse_policy`.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as cause:
        raise PolicyError(
            f"policy file {path} does not exist; create it, or leave CONNECTORWATCH_POLICY unset to use the built-in "
            "policy."
        ) from cause
    except IsADirectoryError as cause:
        raise PolicyError(f"policy file {path} is a folder; name the file in it.") from cause
    except OSError as cause:
        raise PolicyError(f"policy file {path} cannot be read ({cause.strerror}); check its permissions.") from cause
    return parse_policy(content, str(path), rule_ids)


def parse_policy(text: str | bytes, source: str, rule_ids: frozenset[str]) -> LoadedPolicy:
    """Return the policy that a text says; an empty text says the defaults.

    Args:
        text: The whole file, as it was stored (bytes are taken as UTF-8).
        source: What to call the file in complaints and reports.
        rule_ids: The rules that exist; settings for any other are refused.

    Raises:
        PolicyError: Something in it is not understood. The message names every line, up to ten, with its key, what
            is wrong and what is allowed.
    """
    # A str with half a character cannot be encoded strictly; encoded as it is, it is refused below with its line.
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    document = read_document(content, source, PolicyError)
    policy, problems = document.validated(Policy)
    problems += [*_unknown_rules(document, rule_ids), *_same_group(document)]
    if policy is None or problems:
        raise document.refusal(problems)
    return LoadedPolicy(policy, source, hashlib.sha256(content).hexdigest())


def _unknown_rules(document: Document, rule_ids: frozenset[str]) -> Iterator[Problem]:
    """Yield a problem for every rule that does not exist."""
    for rule_id in _keys_below(document, "rules"):
        if rule_id not in rule_ids:
            yield document.problem(("rules", rule_id), f"unknown rule, {suggestion(rule_id, sorted(rule_ids))}")


def _same_group(document: Document) -> Iterator[Problem]:
    """Yield a problem for every group id that is there again in another case: only one of them could count."""
    seen: dict[str, str] = {}
    for key in filter(is_object_id, _keys_below(document, "groups")):
        first = seen.setdefault(key.lower(), key)
        if first != key:
            yield document.problem(("groups", key), f"the same group as {shown(first)}; keep one of them")


def _keys_below(document: Document, heading: str) -> list[str]:
    """Return the keys below a heading; none where the file is so wrong that there are none."""
    below = document.data.get(heading) if isinstance(document.data, dict) else None
    return list(below) if isinstance(below, dict) else []
