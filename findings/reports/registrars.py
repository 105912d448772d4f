"""Who can register connectors, for all reports: principals, paths, unread lists and findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.text import counted, spaced, words
from findings.reports import inventory
from inventory.models import PrincipalId
from policies.memory import path_key
from policies.registration.holders import GROUPS
from policies.registration.paths import TENANT_WIDE, Path, Via
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from findings.document import FindingsDocument, Holder, PathEntry, RegistrarEntry, SectionInfo, VerdictEntry

_LISTS = frozenset({"role_definitions", "role_assignments", "role_eligibilities", "principals"})
_OF_A_GROUP = frozenset({"members", "eligibilities"})
_TOLD = (Outcome.FAIL, Outcome.NOT_ASSESSED, Outcome.WAIVED)
_WORDS = {None: "unknown", True: "can", False: "cannot"}
_MAYBE_PEOPLE = ("user", "unknown")
_ACTIVE = "active, assigned or activated"
_ROLE_HELD = {"assigned": "assigned", "activated": "activated", "eligible": "eligible for", "active": _ACTIVE}
_GROUP_JOINED = {
    "permanent": "member of",
    "activated": "activated, member of",
    "eligible": "eligible, member of",
    "active": "active, member of",
}


@dataclass(frozen=True)
class Counts:
    """The numbers of people and software that can register connectors, may, or cannot despite a role; groups apart."""

    can: int
    unknown: int
    cannot: int
    groups: int = 0
    outside: int = 0

    @property
    def sentence(self) -> str:
        """The counts in words, such as `9 people can register connectors, 2 unknown, 6 cannot`.

        Groups are told behind them, since what matters of a group is its members, who are counted themselves.
        """
        parts = [f"{counted(self.can, 'person', 'people')} can register connectors"]
        parts += [f"{self.unknown} unknown{self._outside}"] if self.unknown else []
        parts += [f"{self.cannot} cannot"] if self.cannot else []
        apart = f"; {counted(self.groups, 'group holds', 'groups hold')} a role too" if self.groups else ""
        return ", ".join(parts) + apart

    @property
    def _outside(self) -> str:
        """Who of the unknown is from another tenant, in words."""
        if not self.outside:
            return ""
        whose = f"{self.outside} of them from other tenants"
        return f" ({whose}: not with the installer, with a token not known)"


@dataclass(frozen=True)
class Hop:
    """One arrow of a path and the box it leads to: a group, or at the end the role.

    `how` is the word of the document (`permanent`, `eligible`, …), `words` what people call it.
    """

    how: str
    words: str
    name: str
    is_role: bool = False


@dataclass(frozen=True)
class Card:
    """A principal with its tags (a word or two each) and its findings."""

    entry: RegistrarEntry
    tags: tuple[str, ...]
    findings: tuple[VerdictEntry, ...]


def cards(document: FindingsDocument) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    """Return the principals under `unknown`, `can` and `cannot`, in this order; a word without any is left out.

    Groups that cannot register stand under `groups` at the end.
    """
    findings = findings_by_principal(document)
    sorted_out: dict[str, list[Card]] = defaultdict(list)
    for entry in in_order(document):
        card = Card(entry, _tags(document, entry), findings.get(entry.principal.id, ()))
        sorted_out["groups" if _is_group(entry) else _WORDS[entry.can_register]].append(card)
    order = (*_WORDS.values(), "groups")
    return tuple((word, tuple(sorted_out[word])) for word in order if word in sorted_out)


def counts(document: FindingsDocument) -> Counts:
    """Return how many can register connectors, are unknown, and cannot, and how many groups there are besides."""
    can = Counter(entry.can_register for entry in document.registrars if not _is_group(entry))
    outside = sum(entry.can_register is None and entry.principal.external is True for entry in document.registrars)
    return Counts(can[True], can[None], can[False], sum(map(_is_group, document.registrars)), outside)


def _is_group(entry: RegistrarEntry) -> bool:
    """Return whether it is a group that registers nothing itself; one that nobody could judge stays among unknowns."""
    return entry.can_register is False and entry.principal.type in GROUPS


def in_order(document: FindingsDocument) -> tuple[RegistrarEntry, ...]:
    """Return who holds a role that can register connectors: those unknown, those who can, those who cannot."""
    order = tuple(_WORDS)
    return tuple(
        sorted(
            document.registrars,
            key=lambda entry: (order.index(entry.can_register), entry.principal.name.casefold(), entry.principal.id),
        )
    )


def is_role_data(section: str) -> bool:
    """Return whether a list holds data about registrars."""
    return section in _LISTS or section == "organization" or section.startswith("groups/")


def unread(document: FindingsDocument) -> tuple[SectionInfo, ...]:
    """Return the lists of role data that were not read."""
    return tuple(section for section in document.sections if is_role_data(section.name) and not section.known)


def hiding(document: FindingsDocument) -> tuple[SectionInfo, ...]:
    """Return the unread lists that may hide further registrars."""
    return tuple(section for section in unread(document) if _hides(section.name))


def detailing(document: FindingsDocument) -> tuple[SectionInfo, ...]:
    """Return the other unread lists: they hide details, such as a group's owners, but no registrar."""
    return tuple(section for section in unread(document) if not _hides(section.name))


def _hides(section: str) -> bool:
    return section in _LISTS or section.rpartition("/")[2] in _OF_A_GROUP


def all_known(document: FindingsDocument) -> bool:
    """Return whether all role data was read, so that nobody is missing and nobody is unknown."""
    return not unread(document) and document.registrars_unresolved is None and not counts(document).unknown


def findings_by_principal(document: FindingsDocument) -> Mapping[str, tuple[VerdictEntry, ...]]:
    """Return by id what fails, was not assessed or is waived about a principal."""
    by_principal: dict[str, list[VerdictEntry]] = defaultdict(list)
    for verdict in document.verdicts:
        if verdict.subject.type == "principal" and verdict.outcome in _TOLD:
            by_principal[verdict.subject.id].append(verdict)
    return {principal_id: tuple(verdicts) for principal_id, verdicts in by_principal.items()}


def finding_text(verdict: VerdictEntry) -> str:
    """Return a finding in short: its rule, and its outcome unless it fails."""
    return verdict.rule if verdict.outcome is Outcome.FAIL else f"{verdict.rule} ({words(verdict.outcome)})"


def account(principal: Holder) -> str:
    """Return whether an account is enabled; empty for what has no account that people sign in with."""
    if principal.enabled is None:
        return "not read" if _could_be_a_person(principal) else ""
    return "enabled" if principal.enabled else "disabled"


def yes_no(principal: Holder, value: bool | None) -> str:  # noqa: FBT001 - the value is what it is about
    """Return an attribute of a person as a word; empty for what is no person."""
    if value is None:
        return "unknown" if _could_be_a_person(principal) else ""
    return "yes" if value else "no"


def _could_be_a_person(principal: Holder) -> bool:
    return principal.type in _MAYBE_PEOPLE


def expected(document: FindingsDocument, entry: RegistrarEntry) -> str:
    """Return whether the policy expects a registrar: yes, no, unknown; empty where it names nobody."""
    if entry.expected is None:
        return "unknown" if document.policy.names_registrars else ""
    return "yes" if entry.expected else "no"


def _tags(document: FindingsDocument, entry: RegistrarEntry) -> tuple[str, ...]:
    """Return what a reviewer should see of a principal at once, in a word or two each."""
    principal = entry.principal
    named = {"no": "not expected", "unknown": "expected or not: unknown"}.get(expected(document, entry))
    entries = (
        spaced(principal.type) if principal.type not in _MAYBE_PEOPLE else None,
        "disabled" if principal.enabled is False else None,
        "attributes not read" if principal.type == "user" and principal.enabled is None else None,
        "external" if principal.external else None,
        "guest" if principal.guest else None,
        "synchronised" if principal.synced else None,
        named,
    )
    return tuple(filter(None, entries))


def hops(path: PathEntry) -> tuple[Hop, ...]:
    """Return a path from its person on: each arrow with the box behind it, the role at the end."""
    groups = (Hop(step.membership, _GROUP_JOINED[step.membership], step.name) for step in path.via)
    return (*groups, Hop(path.kind, _ROLE_HELD[path.kind], path.role, is_role=True))


def via_text(path: PathEntry, shown: Callable[[str], str] = str) -> str:
    """Return the groups of a path, such as `Network Team (permanent) > Proxy Admins (eligible)`; empty without any.

    `shown` makes each name fit where the text will stand.
    """
    return " > ".join(f"{shown(step.name)} ({step.membership})" for step in path.via)


def path_text(path: PathEntry, shown: Callable[[str], str] = str) -> str:
    """Return a path on one line: its groups, then its role and how that is held."""
    role = f"{shown(path.role)} ({path.kind})"
    return f"{via_text(path, shown)} > {role}" if path.via else role


def is_narrow(path: PathEntry) -> bool:
    """Return whether a path reaches less than the whole tenant."""
    return path.scope != TENANT_WIDE


def list_labels(document: FindingsDocument) -> Mapping[str, str]:
    """Return a label for each list of role data, with names as far as they are known."""
    known = names(document)
    return {section.name: inventory.label(section.name, known) for section in unread(document)}


def names(document: FindingsDocument) -> Mapping[str, str]:
    """Return names for the ids and path keys in evidence, as far as the registrars hold them."""
    return dict(_names(document))


def _names(document: FindingsDocument) -> Iterator[tuple[str, str]]:
    for entry in document.registrars:
        yield entry.principal.id, entry.principal.name
        for path in entry.paths:
            yield path.role_id, path.role
            yield _mark(path), path_text(path)
            yield from ((step.group, step.name) for step in path.via)


def _mark(path: PathEntry) -> str:
    """Return what REG011 calls a path in its evidence."""
    via = tuple(Via(PrincipalId(step.group), step.membership) for step in path.via)
    return path_key(
        Path(
            role=path.role,
            role_id=path.role_id,
            built_in=False,
            kind=path.kind,
            scope=path.scope,
            certain=True,
            via=via,
        )
    )
