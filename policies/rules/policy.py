"""The rule about names in the policy: a name that matches nothing widens or narrows another rule unnoticed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import NotReadError
from common.ids import is_object_id
from policies.frameworks import controls
from policies.registration.expected import is_named
from policies.registration.holders import GROUPS, PEOPLE, Completeness
from policies.rule import Judgement, Rule, failed, passed
from policies.runbooks import Runbook
from policies.vocabulary import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policies.evidence import Evidence


@dataclass(frozen=True)
class _Entry:
    """One name in the policy: its setting, its text, and a function that finds whether it matches a record.

    `matches` raises NotReadError instead of returning False if the match may be in a list that was not read.
    """

    setting: str
    text: str
    matches: Callable[[Evidence, str], bool]


def _is_principal(evidence: Evidence, text: str) -> bool:
    return _is_known(evidence, text, groups=True)


def _is_account(evidence: Evidence, text: str) -> bool:
    """Whether an account matches; groups do not count, since `break_glass` takes accounts only."""
    return _is_known(evidence, text, groups=False)


def _is_known(evidence: Evidence, text: str, *, groups: bool) -> bool:
    principals, wanted = evidence.snapshot.principals, text.casefold()
    known = [principal for principal in principals.records if groups or principal.kind not in GROUPS]
    if any(
        wanted in (principal.id.casefold(), (principal.user_principal_name or "").casefold()) for principal in known
    ):
        return True
    if is_object_id(text):
        # Ids in the policy are read from the directory even if they hold no role.
        _ = principals.items
        return False
    evidence.need(Completeness.EVERYBODY)
    if any(principal.kind in PEOPLE and principal.user_principal_name is None for principal in known):
        raise NotReadError(principals.name, "some users came without their names")
    return False


def _is_custom_role(evidence: Evidence, text: str) -> bool:
    roles = evidence.snapshot.role_definitions
    if any(not role.is_built_in and is_named(text, role.id, role.display_name) for role in roles.records):
        return True
    _ = roles.items
    return False


def _is_group(evidence: Evidence, text: str) -> bool:
    groups = evidence.snapshot.groups
    if any(is_named(text, group.id, group.name) for group in groups.records):
        return True
    _ = groups.items
    return False


def _entries(evidence: Evidence) -> Iterator[tuple[Subject, _Entry]]:
    policy, snapshot = evidence.policy, evidence.snapshot
    settings = (
        ("expected_registrars", policy.expected_registrars, _is_principal),
        ("break_glass", policy.break_glass, _is_account),
        ("approved_custom_roles", policy.approved_custom_roles, _is_custom_role),
        ("groups", tuple(policy.groups), _is_group),
    )
    for setting, entries, matches in settings:
        for text in dict.fromkeys(entries):
            yield Subject(type="tenant", id=f"{setting}:{text}", name=text), _Entry(setting, text, matches)
    if not (snapshot.groups.known or snapshot.role_definitions.known):
        # If neither list was read, the rule is not_assessed even if the policy names nothing.
        _ = snapshot.groups.items


def _matches(evidence: Evidence, entry: _Entry) -> Judgement:
    if entry.matches(evidence, entry.text):
        return passed("it names something that was read", setting=entry.setting)
    return failed(Severity.LOW, f"{entry.setting} names something that nothing matches", setting=entry.setting)


POL003 = Rule(
    id="POL003",
    title="Names in the policy match something",
    subject="tenant",
    severity=Severity.LOW,
    why="A typo in a name makes a rule expect nobody, or spare nobody, and looks the same as a name that works.",
    runbook=Runbook(
        summary="Correct the name in the policy, or take it out.",
        steps=(
            "Compare {entry} with the report's tables.",
            "Prefer object ids: names change, and others can take them.",
        ),
        links=("https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/permissions-reference",),
    ),
    subjects=_entries,
    check=_matches,
    when_empty="the policy names nothing",
    controls=controls(nist="CM-6", iso="A.5.36", cis="5.1"),
    evidence={"setting": "the key of the policy file that holds the name"},
    settings=("expected_registrars", "break_glass", "approved_custom_roles", "groups"),
)
