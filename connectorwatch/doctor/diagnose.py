"""From what Graph answered to what is missing: the one permission or the role that explains each refusal."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from common.errors import DeniedError, NotLicensedError, ThrottledError
from common.text import counted
from connectorwatch.doctor.document import Check
from connectorwatch.doctor.remedies import for_permission, for_role, for_token
from inventory.answer import NO_DIRECTORY_ROLE
from inventory.permissions import CONNECTOR_ROLE, DIRECTORY, NEEDS, PLAIN
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
_KNOWN = {need.kind: need for own in NEEDS.values() for need in ((own, PLAIN) if own.kind == _PIM else (own,))}
_ORDER = {kind: place for place, kind in enumerate(_KNOWN)}
_FIRST = frozenset({"organization", "connectors", "connector_groups", "private_access", "role_definitions", "audit"})
"""The lists that a scan asks for whatever became of others (inventory/collect.py)."""
_OPEN_CONNECTORS = frozenset({DIRECTORY, "Directory.ReadWrite.All", "Directory.AccessAsUser.All"})
"""Permissions that open connectors, as far as anybody knows; the last is Azure CLI's."""


def graph_checks(outcomes: Outcomes, signer: Signer, costs: Costs) -> list[Check]:
    """Return what is to be said of Graph: what answers, then what is missing, each once.

    Args:
        outcomes: What became of each kind of list; see `Probed`. A kind stands there again where lists of it failed in
            other ways, too.
        signer: Whose token it is, and how it came.
        costs: Which rules are lost.
    """
    found = sorted(outcomes, key=lambda one: _ORDER[one[0]])
    refused = [(kind, error) for kind, error in found if isinstance(error, DeniedError)]
    checks = list(_answered(found))
    if any(error.reason.startswith(_UNACCEPTED) for _, error in refused):
        return [*checks, _unaccepted(refused, signer, costs)]
    missing = [
        *(_missing(name, those, costs, signer) for name, those in _explained(refused, signer.identity).items()),
        *(_failed(those, costs, signer) for those in _alike(found)),
    ]
    return [*checks, *missing] if _any_read(found) else [*checks, *map(_stopping, missing)]


def _answered(outcomes: Outcomes) -> Iterator[Check]:
    read = [kind for kind, error in outcomes if error is None]
    if read:
        names = ", ".join(_KNOWN[kind].words for kind in read)
        said = f"{counted(len(read), 'kind')} of list can be read: {names}"
        yield Check(area="graph", name="read", state="ok", said=said, lists=tuple(read))
    without = [kind for kind, error in outcomes if isinstance(error, NotLicensedError)]
    unlicensed = tuple(kind for kind in without if kind != _PIM or (PLAIN.kind, None) in outcomes)
    if unlicensed:
        said = "the tenant has no Entra ID P2, so nobody can be eligible there: known to be empty, and assessed"
        yield Check(area="graph", name="licence", state="note", said=said, lists=unlicensed)


def untried(outcomes: Mapping[str, ReadError | None]) -> Iterator[Check]:
    """Yield what is to be said of kinds of list that could not be asked for, and why."""
    found: dict[str, list[str]] = defaultdict(list)
    for kind in NEEDS:
        if kind not in outcomes:
            owner, one = (
                ("connector_groups", "connector group") if kind.startswith("connector_groups/") else (_MEMBERS, "group")
            )
            why = f"{one}s could not be listed" if outcomes.get(owner) else f"there is no {one} to try them on"
            found[why].append(kind)
    for why, kinds in found.items():
        said = f"{', '.join(NEEDS[kind].words for kind in kinds)}: {why}"
        yield Check(area="graph", name=NOT_TRIED, state="note", said=said, lists=tuple(kinds))


def _any_read(outcomes: Outcomes) -> bool:
    """Whether a scan could read anything: without one of these first lists it does not even ask for the others."""
    return any(kind in _FIRST and error is None for kind, error in outcomes)


def _stopping(check: Check) -> Check:
    """Return a check as what stops every scan, if it is what keeps a first list closed."""
    return check.model_copy(update={"stops": not _FIRST.isdisjoint(check.lists)})


def _explained(refused: Refused, identity: Identity) -> dict[str, Refused]:
    """Return the refused kinds by the permission or the role whose absence explains them."""
    found: dict[str, list[tuple[str, DeniedError]]] = defaultdict(list)
    without = _lacks_directory(refused, identity)
    for kind, error in refused:
        for_want_of_role = error.code == NO_DIRECTORY_ROLE and not without
        found[CONNECTOR_ROLE if for_want_of_role else _KNOWN[kind].granted].append((kind, error))
    return dict(found)


def _lacks_directory(refused: Refused, identity: Identity) -> bool:
    """Whether connectors are refused for want of the permission: Graph gives the same code as for want of a role."""
    if identity.kind != "opaque":
        return _OPEN_CONNECTORS.isdisjoint(identity.permissions)
    return any(_KNOWN[kind].granted == DIRECTORY and not _KNOWN[kind].connectors for kind, _ in refused)


def _missing(missing: str, refused: Refused, costs: Costs, signer: Signer) -> Check:
    kinds = _kinds(refused)
    said = f"refused: {', '.join(_KNOWN[kind].words for kind in kinds)}"
    if missing == CONNECTOR_ROLE:
        said = f"a directory role that can read connectors is missing; {said}"
        lost, mend = costs.role, for_role(signer)
        name = "directory role"
    else:
        if missing == DIRECTORY and any(_KNOWN[kind].connectors for kind in kinds):
            said += "; whether the directory role is held shows only once the permission is there"
        lost, mend = _lost(missing, kinds, costs), for_permission(missing, signer)
        name = missing
    return Check(
        area="graph",
        name=name,
        state="missing",
        said=said,
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
        said=error.reason,
        lists=_kinds(refused),
        costs=costs.everything,
        stops=True,
        mend=for_token(signer),
        code=error.code or None,
    )


def _alike(outcomes: Outcomes) -> Iterable[list[tuple[str, ReadError]]]:
    """Return the kinds that failed, those together that failed in the same way: a network that is away is one thing."""
    found: dict[tuple[str, ...], list[tuple[str, ReadError]]] = defaultdict(list)
    for kind, error in outcomes:
        if error is not None and not isinstance(error, DeniedError | NotLicensedError):
            # How long Graph was waited for differs from list to list, and is no other way of failing.
            why = "" if isinstance(error, ThrottledError) else error.reason
            found[error.status, error.code, why, error.advice or ""].append((kind, error))
    return found.values()


def _failed(failed: list[tuple[str, ReadError]], costs: Costs, signer: Signer) -> Check:
    kinds, error = _kinds(failed), failed[0][1]
    words, first = [_KNOWN[kind].words for kind in kinds], " of the first" if len(failed) > 1 else ""
    differ = len({one.reason for _, one in failed}) > 1
    said = f"could not be read{', the first' if differ else ''}: {error.reason}"
    said += f"; the root is {signer.root}" if error.code == UNREACHABLE and signer.root else ""
    said += f", request id{first} {error.request_id}" if error.request_id else ""
    return Check(
        area="graph",
        name=words[0] if len(words) == 1 else counted(len(words), "kind of list", "kinds of list"),
        state="missing",
        said=said if len(words) == 1 else f"{said}; these are: {', '.join(words)}",
        lists=kinds,
        costs=costs.of_lists(kinds),
        mend=(error.advice,) if error.advice else (),
        code=error.code or None,
    )


def _kinds(found: Iterable[tuple[str, ReadError]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for kind, _ in found))


def clock_check(dates: list[tuple[datetime, datetime]]) -> list[Check]:
    """Compare Graph's clock with the one here; an answer's way takes time, so the nearest pair counts."""
    if not dates:
        return []
    skew = min((here - said for said, here in dates), key=abs)
    seconds = round(abs(skew).total_seconds())
    if abs(skew) <= MOST_SKEW:
        return [Check(area="installation", name="clock", state="ok", said=f"within {max(seconds, 1)} s of Graph's")]
    way = "ahead of" if skew > timedelta(0) else "behind"
    return [
        Check(
            area="installation",
            name="clock",
            state="note",
            said=f"{counted(seconds // 60, 'minute')} {way} Graph's: sign-ins may fail, and times in reports are wrong",
            mend=("Let this machine take its time from the network (`timedatectl set-ntp true`; `w32tm /resync`).",),
        )
    ]
