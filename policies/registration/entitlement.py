"""Whether whoever registered a connector was entitled to, judged once and remembered.

The first answer is kept, since the directory of that day is not: a role taken away later makes no earlier registration
wrong, and a role given later makes none right. Only a name in the policy clears what was refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import NotReadError
from inventory.models import PrincipalId
from policies.registration.holders import Completeness, registration

if TYPE_CHECKING:
    from inventory.audit.attribution import Attribution
    from inventory.models import Principal
    from policies.evidence import Evidence
    from policies.memory import Memory


def entitled(evidence: Evidence, connector: str, told: Attribution) -> bool | None:
    """Return whether a person was entitled to register a connector; None where that could not be read.

    Args:
        evidence: What is judged; its memory holds what was answered before.
        connector: The connector's id.
        told: The audit event, which names a person.

    Raises:
        NotReadError: It was never answered, and the roles could not be read.
    """
    before = evidence.memory.known_events.entitled.get(connector, {}).get(told.event)
    if before is None:
        return _entitled_now(evidence, told)
    if before or not evidence.policy.expected_registrars:
        return before
    return _named(evidence, told) is True


def roles_then(evidence: Evidence, connector: str, told: Attribution) -> tuple[str, ...] | None:
    """Return the roles that let a person register connectors when the registration was first judged, in words.

    None where they were not read, and where the answer is older than the memory of roles.
    """
    events = evidence.memory.known_events
    if told.event in events.entitled.get(connector, {}):
        return events.rights.get(connector, {}).get(told.event)
    return _roles_now(evidence, told)


def _roles_now(evidence: Evidence, told: Attribution) -> tuple[str, ...] | None:
    known = _known(evidence, told)
    try:
        holder = evidence.holder_by_id.get(PrincipalId(told.by or (known.id if known else "")))
        if holder is None:
            evidence.need(Completeness.EVERYBODY)
    except NotReadError:
        return None
    return tuple(sorted({path.words for path in holder.tenant_wide})) if holder else ()


def _entitled_now(evidence: Evidence, told: Attribution) -> bool | None:
    """Return whether a person is entitled today: named by the policy or, where it names nobody, able to register."""
    if evidence.policy.expected_registrars:
        return _named(evidence, told)
    known = _known(evidence, told)
    holder = evidence.holder_by_id.get(PrincipalId(told.by or (known.id if known else "")))
    if holder is None:
        evidence.need(Completeness.EVERYBODY)
        return False
    return registration(holder, evidence.snapshot)[0]


def _named(evidence: Evidence, told: Attribution) -> bool | None:
    """Return whether the policy names a person; None where whom it names could not be read in full."""
    known = _known(evidence, told)
    own = PrincipalId(told.by or (known.id if known else ""))
    upn = (known.user_principal_name if known else None) or told.upn
    expected = evidence.expected
    entries = {entry.casefold() for entry in expected.entries}
    if own in expected.members or not entries.isdisjoint({own.casefold(), (upn or "").casefold()}):
        return True
    nameless = upn is None and any("@" in entry for entry in entries)
    return None if nameless or not expected.whole else False


def _known(evidence: Evidence, told: Attribution) -> Principal | None:
    return next((person for person in evidence.snapshot.principals.records if _is(person, told)), None)


def _is(principal: Principal, told: Attribution) -> bool:
    """Return whether a principal is who the log names: by id, else by user name."""
    if told.by:
        return principal.id.casefold() == told.by.casefold()
    return bool(told.upn) and (principal.user_principal_name or "").casefold() == (told.upn or "").casefold()


def with_entitlements(memory: Memory, evidence: Evidence) -> Memory:
    """Return the memory with every answer that this scan gave about who was entitled; earlier answers stay.

    Args:
        memory: What is remembered after the scan, its inventory included.
        evidence: What the scan was judged by.
    """
    events = memory.known_events
    lives = evidence.lives.connectors
    rights = {own: dict(known) for own, known in events.rights.items() if own in memory.inventory.connectors}
    answers = {own: dict(known) for own, known in events.entitled.items() if own in memory.inventory.connectors}
    for own, life in lives.items():
        for told in life.attribution if own not in events.settled else ():
            answer = _answer(evidence, own, told)
            if answer is None or own not in memory.inventory.connectors or told.event in answers.get(own, {}):
                continue
            answers.setdefault(own, {})[told.event] = answer
            held = _roles_now(evidence, told)
            if held is not None:
                rights.setdefault(own, {})[told.event] = held
    settled = events.settled & memory.inventory.connectors.keys()
    update = {"entitled": answers, "rights": rights, "settled": frozenset(settled)}
    return memory.model_copy(update={"events": events.model_copy(update=update)})


def _answer(evidence: Evidence, connector: str, told: Attribution) -> bool | None:
    """Return what is worth remembering of one event: nothing where only its time speaks, or nobody is named."""
    if told.matched == "time" or not (told.by or told.upn):
        return None
    try:
        return entitled(evidence, connector, told)
    except NotReadError:
        return None
