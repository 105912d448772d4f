"""Step 2 of the walk: are a group's active connectors new enough for what they have to carry?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.cells import cut
from connectorwatch.diagnosis.subject import Case, Observation, Result, called
from policies.releases.catalogue import parse_version
from policies.rules.supported import says_private_access

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from inventory.models import Connector

_MOST = 4
_UPDATE = "Update one server at a time, so that another one carries the applications."


def version_checks(case: Case, active: Sequence[Connector]) -> Iterator[Observation]:
    """Yield whether the versions of active connectors can carry what their group has to."""
    releases = case.evidence.releases
    private = _private_access(case)
    below = _older(active, releases.private_access_floor, inclusive=False)
    unsupported = _older(active, releases.unsupported_floor, inclusive=True)
    if private and below:
        yield Observation(
            result=Result.CAUSE,
            says=f"Private Access needs version {releases.private_access_minimum}, and not every active connector has "
            f"it: {state_of(below)}. They take their share of the connections and fail them.",
            steps=_steps_for_old(active, below),
        )
    elif unsupported:
        says = f"Microsoft supports no version up to {releases.unsupported_up_to}: {state_of(unsupported)}."
        yield Observation(result=Result.SUSPECT, says=says, steps=(_UPDATE,))
    elif private is None and below:
        yield Observation(result=Result.NOT_KNOWN, says="Whether Private Access goes through this group was not read.")
    elif any(parse_version(connector.version) is None for connector in active):
        yield Observation(result=Result.NOT_KNOWN, says="Not every active connector tells its version.")
    else:
        yield Observation(result=Result.RULED_OUT, says="The versions of its active connectors can carry it.")


def _steps_for_old(active: Sequence[Connector], old: Sequence[Connector]) -> tuple[str, ...]:
    """Return what to do about connectors that are too old; where no other is active, none may leave the group."""
    if len(active) > len(old):
        return (_UPDATE, "Until then move the old ones to another group.")
    if len(active) > 1:
        return (_UPDATE, "Leave them in the group until then: it has no other active connector.")
    return (
        "Add a connector of the newest version to the group, on another server, so that one is left during the update.",
        "Then update the old one. Where no second server is to be had, update it outside working hours.",
        "Leave it in the group until then: it is the only active connector.",
    )


def _older(members: Iterable[Connector], floor: tuple[int, ...], *, inclusive: bool) -> list[Connector]:
    """Return the connectors whose version is below a floor, or at it as well."""
    known = [(parse_version(member.version), member) for member in members]
    return [
        member for number, member in known if number is not None and (number < floor or (inclusive and number == floor))
    ]


def _private_access(case: Case) -> bool | None:
    """Whether it is, or carries, an application of Private Access; None where that was not read."""
    if any(says_private_access(application) for application in case.applications):
        return True
    known = [case.is_private(application) for application in case.applications]
    return True if any(known) else None if None in known else False


def state_of(members: Sequence[Connector]) -> str:
    """Return machines with state and version, the first four of them."""
    shown = [
        f"{called(member)} ({cut(member.status)}, {cut(member.version or 'no version')})" for member in members[:_MOST]
    ]
    more = f" and {len(members) - _MOST} more" if len(members) > _MOST else ""
    return ", ".join(shown) + more
