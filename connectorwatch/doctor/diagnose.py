"""Checks from Graph's answers: the permission or role whose absence explains each refusal."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from common.errors import DeniedError, NotLicensedError, ThrottledError
from common.text import counted
from connectorwatch.doctor.document import Check
from connectorwatch.doctor.remedies import for_permission, for_person, for_role, for_token
from inventory.answer import HELD, NO_DIRECTORY_ROLE, UNLICENSED_LIST
from inventory.permissions import CONNECTOR_ROLE, DIRECTORY, NEEDS, PERSON_ROLE, PLAIN
from inventory.transport_port import UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from common.errors import ReadError
    from connectorwatch.doctor.costs import Costs
    from connectorwatch.doctor.document import Identity
    from connectorwatch.doctor.remedies import Signer

    Outcomes: TypeAlias = Sequence[tuple[str, ReadError | None]]
    Refused: TypeAlias = Sequence[tuple[str, DeniedError]]

MOST_SKEW = timedelta(minutes=5)
"""How far a clock may be off before sign-ins fail for it (Entra and Kerberos take five minutes for granted)."""
NOT_TRIED = "not tried"
"""The name of what could not be asked for, in a tenant that has nothing to ask about."""
_UNACCEPTED = "Graph did not accept the token"
_PIM, _MEMBERS = "role_assignments", "groups/members"
_KNOWN = {
    need.kind: need
    for requirement in NEEDS.values()
    for need in ((requirement, PLAIN) if requirement.kind == _PIM else (requirement,))
}
_ORDER = {kind: place for place, kind in enumerate(_KNOWN)}
_FIRST = frozenset({"organization", "connectors", "connector_groups", "private_access", "role_definitions", "audit"})
"""The lists that a scan asks for whatever became of others (inventory/collect.py)."""
_OPEN_CONNECTORS = frozenset({DIRECTORY, "Directory.ReadWrite.All", "Directory.AccessAsUser.All"})
"""Permissions that open connectors, as far as anybody knows; the last is Azure CLI's."""


def graph_checks(outcomes: Outcomes, signer: Signer, costs: Costs) -> list[Check]:
    """Return the checks of Graph: what can be read, then what is missing, each once.

    Args:
        outcomes: What became of each kind of list; see `Probed`. A kind stands there again where lists of it failed in
            other ways, too.
        signer: Whose token it is, and how it came.
        costs: Which rules are lost.
    """
    ordered = sorted(outcomes, key=lambda outcome: _ORDER[outcome[0]])
    refused = [
        (kind, error) for kind, error in ordered if isinstance(error, DeniedError) and not _nothing_to_grant(error)
    ]
    checks = list(_readable_checks(ordered))
    if any(error.reason.startswith(_UNACCEPTED) for _, error in refused):
        return [*checks, _unaccepted(refused, signer, costs)]
    missing = [
        *(_missing(name, group, costs, signer) for name, group in _explained(refused, signer.identity).items()),
        *(_failed(group, costs, signer) for group in _grouped_failures(ordered)),
    ]
    return [*checks, *missing] if _any_read(ordered) else [*checks, *map(_with_stop, missing)]


def _readable_checks(outcomes: Outcomes) -> Iterator[Check]:
    read = [kind for kind, error in outcomes if error is None]
    if read:
        names = ", ".join(_KNOWN[kind].words for kind in read)
        message = f"{counted(len(read), 'kind')} of list can be read: {names}"
        yield Check(area="graph", name="read", state="ok", message=message, lists=tuple(read))
    without = [kind for kind, error in outcomes if isinstance(error, NotLicensedError)]
    unlicensed = tuple(kind for kind in without if kind != _PIM or (PLAIN.kind, None) in outcomes)
    if unlicensed:
        message = "the tenant has no Entra ID P2, so nobody can be eligible there: known to be empty, and assessed"
        yield Check(area="graph", name="licence", state="note", message=message, lists=unlicensed)


def untried(outcomes: Mapping[str, ReadError | None]) -> Iterator[Check]:
    """Yield notes about the kinds of list that could not be queried, and why."""
    kinds_by_reason: dict[str, list[str]] = defaultdict(list)
    for kind in NEEDS:
        if kind not in outcomes:
            owner, object_name = (
                ("connector_groups", "connector group") if kind.startswith("connector_groups/") else (_MEMBERS, "group")
            )
            why = (
                f"{object_name}s could not be listed"
                if outcomes.get(owner)
                else f"there is no {object_name} to try them on"
            )
            kinds_by_reason[why].append(kind)
    for why, kinds in kinds_by_reason.items():
        message = f"{', '.join(NEEDS[kind].words for kind in kinds)}: {why}"
        yield Check(area="graph", name=NOT_TRIED, state="note", message=message, lists=tuple(kinds))


def _any_read(outcomes: Outcomes) -> bool:
    """Whether a scan could read anything: without one of these first lists it does not even ask for the others."""
    return any(kind in _FIRST and error is None for kind, error in outcomes)


def _with_stop(check: Check) -> Check:
    """Return a check as what stops every scan, if it is what keeps a first list closed."""
    return check.model_copy(update={"stops": not _FIRST.isdisjoint(check.lists)})


def _explained(refused: Refused, identity: Identity) -> dict[str, Refused]:
    """Return the refused kinds by the permission or the role whose absence explains them."""
    by_cause: dict[str, list[tuple[str, DeniedError]]] = defaultdict(list)
    without = _lacks_directory(refused, identity)
    for kind, error in refused:
        if error.code == NO_DIRECTORY_ROLE and not without:
            cause = CONNECTOR_ROLE
        elif error.permission == PERSON_ROLE:
            cause = PERSON_ROLE
        else:
            cause = _KNOWN[kind].granted
        by_cause[cause].append((kind, error))
    return dict(by_cause)


def _nothing_to_grant(error: ReadError | None) -> bool:
    """Whether a refusal has another cause than a permission or a role: a licence, or one that is not known."""
    return isinstance(error, DeniedError) and (error.code == UNLICENSED_LIST or error.reason.startswith(HELD))


def _lacks_directory(refused: Refused, identity: Identity) -> bool:
    """Whether connectors are refused for want of the permission: Graph gives the same code as for want of a role."""
    if identity.kind != "opaque":
        return _OPEN_CONNECTORS.isdisjoint(identity.permissions)
    return any(_KNOWN[kind].granted == DIRECTORY and not _KNOWN[kind].connectors for kind, _ in refused)


def _missing(missing: str, refused: Refused, costs: Costs, signer: Signer) -> Check:
    kinds = _kinds(refused)
    message = f"refused: {', '.join(_KNOWN[kind].words for kind in kinds)}"
    if missing == CONNECTOR_ROLE:
        message = f"a directory role that can read connectors is missing; {message}"
        lost, mend = costs.role, for_role(signer)
        name = "directory role"
    elif missing == PERSON_ROLE:
        message = f"the person who signs in has no directory role that may read this; {message}"
        lost, mend = costs.of_lists(kinds), for_person()
        name = "directory role of the person"
    else:
        if missing == DIRECTORY and any(_KNOWN[kind].connectors for kind in kinds):
            message += "; whether the directory role is held shows only once the permission is there"
        lost, mend = _lost(missing, kinds, costs), for_permission(missing, signer)
        name = missing
    return Check(
        area="graph",
        name=name,
        state="missing",
        message=message,
        missing=missing,
        lists=kinds,
        costs=lost,
        mend=mend,
        code=refused[0][1].code or None,
    )


def _lost(missing: str, kinds: tuple[str, ...], costs: Costs) -> tuple[str, ...]:
    """Return what a permission costs; where other permissions open some of its lists, only what the others cost."""
    open_still = [kind for kind, need in NEEDS.items() if need.granted == missing and "/" not in kind]
    if all(kind in kinds or kind == "principals" for kind in open_still):
        return costs.permissions[missing]
    return costs.of_lists(kinds)


def _unaccepted(refused: Refused, signer: Signer, costs: Costs) -> Check:
    error = refused[0][1]
    return Check(
        area="graph",
        name="token",
        state="missing",
        message=error.reason,
        lists=_kinds(refused),
        costs=costs.everything,
        stops=True,
        mend=for_token(signer),
        code=error.code or None,
    )


def _grouped_failures(outcomes: Outcomes) -> Iterable[list[tuple[str, ReadError]]]:
    """Return the kinds that failed, grouped by the way they failed: an unreachable network is one problem."""
    by_failure: dict[tuple[str, ...], list[tuple[str, ReadError]]] = defaultdict(list)
    for kind, error in outcomes:
        explained = isinstance(error, DeniedError | NotLicensedError) and not _nothing_to_grant(error)
        if error is not None and not explained:
            # How long Graph was waited for differs from list to list, and is no other way of failing.
            why = "" if isinstance(error, ThrottledError) else error.reason
            by_failure[error.status, error.code, why, error.advice or ""].append((kind, error))
    return by_failure.values()


def _failed(failed: list[tuple[str, ReadError]], costs: Costs, signer: Signer) -> Check:
    kinds, error = _kinds(failed), failed[0][1]
    words, first = [_KNOWN[kind].words for kind in kinds], " of the first" if len(failed) > 1 else ""
    differ = len({failure.reason for _, failure in failed}) > 1
    message = f"could not be read{', the first' if differ else ''}: {error.reason}"
    message += f"; the root is {signer.root}" if error.code == UNREACHABLE and signer.root else ""
    message += f", request id{first} {error.request_id}" if error.request_id else ""
    return Check(
        area="graph",
        name=words[0] if len(words) == 1 else counted(len(words), "kind of list", "kinds of list"),
        state="missing",
        message=message if len(words) == 1 else f"{message}; these are: {', '.join(words)}",
        lists=kinds,
        costs=costs.of_lists(kinds),
        mend=(error.advice,) if error.advice else (),
        code=error.code or None,
    )


def _kinds(outcomes: Iterable[tuple[str, ReadError]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for kind, _ in outcomes))


def clock_check(dates: list[tuple[datetime, datetime]]) -> list[Check]:
    """Compare Graph's clock with the local one; answers take time, so the smallest difference counts."""
    if not dates:
        return []
    skew = min((here - there for there, here in dates), key=abs)
    seconds = round(abs(skew).total_seconds())
    if abs(skew) <= MOST_SKEW:
        return [Check(area="installation", name="clock", state="ok", message=f"within {max(seconds, 1)} s of Graph's")]
    way = "ahead of" if skew > timedelta(0) else "behind"
    return [
        Check(
            area="installation",
            name="clock",
            state="note",
            message=f"{counted(seconds // 60, 'minute')} {way} Graph's: sign-ins may fail, "
            "and times in reports are wrong",
            mend=("Let this machine take its time from the network (`timedatectl set-ntp true`; `w32tm /resync`).",),
        )
    ]
