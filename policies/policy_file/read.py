"""Reading the policy file: all of it is understood, or it is refused with every line that is wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from common.errors import PolicyError
from common.yaml_lines import MAX_BYTES, read_document
from policies.policy_file.checks import problems_of
from policies.policy_file.contradictions import contradictions
from policies.policy_file.model import Policy, PolicyFile
from policies.policy_file.route_checks import route_problems, without_secrets
from policies.policy_file.routes import routes_of_entries
from policies.policy_file.tenant_overrides import merged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic import JsonValue

    from policies.policy_file.routes import Route

_HEADINGS = frozenset(
    name
    for name, field_info in PolicyFile.model_fields.items()
    if isinstance(field_info.get_default(call_default_factory=True), dict | tuple)
)
"""Keys that hold lists or further keys, and say nothing while all that stands below them is commented out."""


@dataclass(frozen=True)
class LoadedPolicy:
    """A policy and where it came from.

    Attributes:
        policy: The policy for all tenants, with the defaults filled in.
        source: The file or blob that it was read from, or `built-in`.
        sha256: The hash of the file's bytes, in hexadecimal; empty for the built-in policy.
        overrides: What is different in single tenants, by their ids in lower case; only the keys that are said count.
        routes: Whom announcements reach; they judge nothing, so they are no part of the policy that is stored.
    """

    policy: Policy
    source: str
    sha256: str
    overrides: Mapping[str, Policy] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()

    def for_tenant(self, tenant_id: str) -> LoadedPolicy:
        """Return the policy that holds in one tenant, which knows of no other."""
        override = self.overrides.get(tenant_id.lower())
        policy = self.policy if override is None else merged(self.policy, override)
        return replace(self, policy=policy, overrides={})

    @classmethod
    def built_in(cls) -> LoadedPolicy:
        """Return the policy that holds where there is no file: every default."""
        return cls(Policy(), "built-in", "")


def read_policy_file(path: Path, rule_ids: frozenset[str]) -> LoadedPolicy:
    """Return the policy in a file.

    Raises:
        PolicyError: The file is missing, unreadable, or not a policy; see `parse_policy`.
    """
    return parse_policy(policy_content(path), str(path), rule_ids)


def policy_content(path: Path) -> bytes:
    """Return what is in a policy file, or the first mebibyte and a byte more of a larger one, which is refused later.

    Raises:
        PolicyError: The file is missing or unreadable.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as cause:
        raise PolicyError(
            f"policy file {path} does not exist; create it, or leave CONNECTORWATCH_POLICY unset to use the built-in "
            "policy."
        ) from cause
    except IsADirectoryError as cause:
        raise PolicyError(f"policy file {path} is a folder; name the file in it.") from cause
    except OSError as cause:
        raise PolicyError(f"policy file {path} cannot be read ({cause.strerror}); check its permissions.") from cause


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
    document = replace(document, data=_without_bare_headings(document.data))
    document, problems = without_secrets(document)
    policy, mistakes = document.validated(PolicyFile)
    problems += [*mistakes, *problems_of(document, rule_ids), *route_problems(document, rule_ids)]
    problems += contradictions(document)
    if policy is None or problems:
        raise document.refusal(problems)
    return LoadedPolicy(
        policy=Policy(**{key: getattr(policy, key) for key in policy.model_fields_set - {"tenants", "routes"}}),
        source=source,
        sha256=hashlib.sha256(content).hexdigest(),
        overrides={tenant_id.lower(): override for tenant_id, override in policy.tenants.items()},
        routes=routes_of_entries(policy.routes),
    )


def _without_bare_headings(data: JsonValue) -> JsonValue:
    """Return a policy without the headings that have nothing below them, in tenants' overrides too."""
    if not isinstance(data, dict):
        return data
    kept = {key: value for key, value in data.items() if not (value is None and key in _HEADINGS)}
    if isinstance(tenants := kept.get("tenants"), dict):
        kept["tenants"] = {
            key: {} if override is None else _without_bare_headings(override) for key, override in tenants.items()
        }
    return kept
