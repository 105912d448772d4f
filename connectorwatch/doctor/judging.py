"""From what Graph answered to what is missing: the one permission or the role that explains each refusal."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from connectorwatch.doctor.document import Check
from connectorwatch.doctor.mending import for_permission, for_role, for_token
from findings.reports.text import counted
from inventory.answer import NO_DIRECTORY_ROLE
from inventory.errors import DeniedError, NotLicensedError
from inventory.permissions import CONNECTOR_ROLE, DIRECTORY, NEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from connectorwatch.doctor.costs import Costs
    from connectorwatch.doctor.document import Identity
    from connectorwatch.doctor.mending import Signer
    from inventory.errors import ReadError

MOST_SKEW = timedelta(minutes=5)
"""How far a clock may be off before sign-ins fail for it (Entra and Kerberos take five minutes for granted)."""
_UNACCEPTED = "Graph did not accept the token"
_OPEN_CONNECTORS = frozenset({DIRECTORY, "Directory.ReadWrite.All", "Directory.AccessAsUser.All"})
"""Permissions that open connectors, as far as anybody knows; the last is Azure CLI's."""


def graph_checks(outcomes: Mapping[str, ReadError | None], signer: Signer, costs: Costs) -> list[Check]:
    """Return what is to be said of Graph: what answers, then what is missing, each once.

    Args:
        outcomes: What became of each kind of list; see `Probed`.
        signer: Whose token it is, and how it came.
        costs: Which rules are lost.
    """
    refused = {kind: error for kind in NEEDS if isinstance(error := outcomes.get(kind), DeniedError)}
    checks = list(_answered(outcomes))
    if any(error.reason.startswith(_UNACCEPTED) for error in refused.values()):
        return [*checks, _unaccepted(refused, signer, costs)]
    for missing, kinds in _explained(refused, signer.identity).items():
        checks.append(_missing(missing, kinds, refused, signer, costs))
    return [*checks, *(_failed(kinds, outcomes, costs) for kinds in _alike(outcomes))]


def _answered(outcomes: Mapping[str, ReadError | None]) -> Iterator[Check]:
    read = [kind for kind in NEEDS if kind in outcomes and outcomes[kind] is None]
    if read:
        names = ", ".join(NEEDS[kind].words for kind in read)
        said = f"{counted(len(read), 'kind')} of list can be read: {names}"
        yield Check(area="graph", name="read", state="ok", said=said, lists=tuple(read))
    unlicensed = tuple(kind for kind in NEEDS if _unlicensed(outcomes.get(kind)))
    if unlicensed:
        said = "the tenant has no Entra ID P2, so nobody can be eligible there: known to be empty, and assessed"
        yield Check(area="graph", name="licence", state="note", said=said, lists=unlicensed)


def _unlicensed(error: ReadError | None) -> bool:
    return isinstance(error, NotLicensedError)


def _explained(refused: Mapping[str, DeniedError], identity: Identity) -> dict[str, list[str]]:
    """Return the refused kinds by the permission or the role whose absence explains them."""
    found: dict[str, list[str]] = defaultdict(list)
    without = _lacks_directory(refused, identity)
    for kind in NEEDS:
        if kind in refused:
            for_want_of_role = refused[kind].code == NO_DIRECTORY_ROLE and not without
            found[CONNECTOR_ROLE if for_want_of_role else NEEDS[kind].granted].append(kind)
    return dict(found)


def _lacks_directory(refused: Mapping[str, DeniedError], identity: Identity) -> bool:
    """Whether connectors are refused for want of the permission: Graph gives the same code as for want of a role."""
    if identity.kind != "opaque":
        return _OPEN_CONNECTORS.isdisjoint(identity.permissions)
    return any(NEEDS[kind].granted == DIRECTORY and not NEEDS[kind].connectors for kind in refused)


def _missing(missing: str, kinds: list[str], refused: Mapping[str, DeniedError], signer: Signer, costs: Costs) -> Check:
    names = ", ".join(NEEDS[kind].words for kind in kinds)
    code = refused[kinds[0]].code or None
    if missing == CONNECTOR_ROLE:
        said = f"a directory role that can read connectors is missing; refused: {names}"
        lost, mend = costs.role, for_role(signer)
        name = "directory role"
    else:
        said = f"refused: {names}"
        lost, mend = _lost(missing, kinds, refused, costs), for_permission(missing, signer)
        name = missing
    return Check(
        area="graph",
        name=name,
        state="missing",
        said=said,
        missing=missing,
        lists=tuple(kinds),
        costs=lost,
        mend=mend,
        code=code,
    )


def _lost(missing: str, kinds: list[str], refused: Mapping[str, DeniedError], costs: Costs) -> tuple[str, ...]:
    """Return what a permission costs; where other permissions open some of its lists, only what the others cost."""
    open_still = [kind for kind, need in NEEDS.items() if need.granted == missing and "/" not in kind]
    if all(kind in refused or kind == "principals" for kind in open_still):
        return costs.permissions[missing]
    return costs.of_lists(kinds)


def _unaccepted(refused: Mapping[str, DeniedError], signer: Signer, costs: Costs) -> Check:
    error = next(iter(refused.values()))
    return Check(
        area="graph",
        name="token",
        state="missing",
        said=error.reason,
        lists=tuple(refused),
        costs=costs.everything,
        stops=True,
        mend=for_token(signer.credential),
        code=error.code or None,
    )


def _alike(outcomes: Mapping[str, ReadError | None]) -> Iterable[tuple[str, ...]]:
    """Return the kinds that failed, those together that failed in the same way: a network that is away is one thing."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind in NEEDS:
        error = outcomes.get(kind)
        if error is not None and not isinstance(error, DeniedError | NotLicensedError):
            found[error.status, error.code].append(kind)
    return map(tuple, found.values())


def _failed(kinds: tuple[str, ...], outcomes: Mapping[str, ReadError | None], costs: Costs) -> Check:
    error = cast("ReadError", outcomes[kinds[0]])
    words = [NEEDS[kind].words for kind in kinds]
    said = f"could not be read ({error.status}): {error.reason}"
    said += f", request id {error.request_id}" if error.request_id else ""
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
