"""Whether whoever registered a connector was entitled to, judged once and remembered.

The first answer is kept, since the directory of that day is not: a role taken away later makes no earlier registration
wrong, and a role given later makes none right. Only a name in the policy clears what was refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import NotReadError
from inventory.models import PrincipalId
from policies.registration.holders import Completeness, from_outside, registration

if TYPE_CHECKING:
    from inventory.audit.attribution import Attribution
    from inventory.models import Principal
    from policies.evidence import Evidence
    from policies.memory import Memory


def entitled(evidence: Evidence, connector: str, attribution: Attribution) -> bool | None:
    """Return whether a person was entitled to register a connector; None where that could not be read.

    Args:
        evidence: What is judged; its memory holds what was answered before.
        connector: The connector's id.
        attribution: The audit event, which names a person.

    Raises:
        NotReadError: It was never answered, and the roles could not be read.
    """
    before = evidence.memory.known_events.entitled.get(connector, {}).get(attribution.event)
    if before is None:
        return _entitled_now(evidence, attribution)
    if before or not evidence.policy.expected_registrars:
        return before
    return _named(evidence, attribution) is True


def roles_then(evidence: Evidence, connector: str, attribution: Attribution) -> tuple[str, ...] | None:
    """Return the roles that let a person register connectors when the registration was first judged, in words.

    None where they were not read, and where the answer is older than the memory of roles.
    """
    events = evidence.memory.known_events
    if attribution.event in events.entitled.get(connector, {}):
        return events.rights.get(connector, {}).get(attribution.event)
    return _roles_now(evidence, attribution)


def _roles_now(evidence: Evidence, attribution: Attribution) -> tuple[str, ...] | None:
    known = _known(evidence, attribution)
    try:
        holder = evidence.holder_by_id.get(PrincipalId(attribution.by or (known.id if known else "")))
        if holder is None:
            evidence.need(Completeness.EVERYBODY)
    except NotReadError:
        return None
    return tuple(sorted({path.words for path in holder.tenant_wide})) if holder else ()


def _entitled_now(evidence: Evidence, attribution: Attribution) -> bool | None:
    """Return whether a person is entitled today: named by the policy or, where it names nobody, able to register."""
    if evidence.policy.expected_registrars:
        return _named(evidence, attribution)
    known = _known(evidence, attribution)
    holder = evidence.holder_by_id.get(PrincipalId(attribution.by or (known.id if known else "")))
    if holder is None:
        evidence.need(Completeness.EVERYBODY)
        return False
    if from_outside(holder, evidence.snapshot):
        return False  # the log proves that it can, not that it is meant to
    return registration(holder, evidence.snapshot)[0]


def _named(evidence: Evidence, attribution: Attribution) -> bool | None:
    """Return whether the policy names a person; None where whom it names could not be read in full."""
    known = _known(evidence, attribution)
    person_id = PrincipalId(attribution.by or (known.id if known else ""))
    upn = (known.user_principal_name if known else None) or attribution.upn
    expected = evidence.expected
    entries = {entry.casefold() for entry in expected.entries}
    if person_id in expected.members or not entries.isdisjoint({person_id.casefold(), (upn or "").casefold()}):
        return True
    nameless = upn is None and any("@" in entry for entry in entries)
    return None if nameless or not expected.whole else False


def _known(evidence: Evidence, attribution: Attribution) -> Principal | None:
    return next((person for person in evidence.snapshot.principals.records if _is(person, attribution)), None)


def _is(principal: Principal, attribution: Attribution) -> bool:
    """Return whether a principal is who the log names: by id, else by user name."""
    if attribution.by:
        return principal.id.casefold() == attribution.by.casefold()
    return (
        bool(attribution.upn) and (principal.user_principal_name or "").casefold() == (attribution.upn or "").casefold()
    )


def with_entitlements(memory: Memory, evidence: Evidence) -> Memory:
    """Return the memory with every answer that this scan gave about who was entitled; earlier answers stay.

    Args:
        memory: What is remembered after the scan, its inventory included.
        evidence: What the scan was judged by.
    """
    events = memory.known_events
    lives = evidence.lives.connectors
    rights = {
        connector_id: dict(known)
        for connector_id, known in events.rights.items()
        if connector_id in memory.inventory.connectors
    }
    answers = {
        connector_id: dict(known)
        for connector_id, known in events.entitled.items()
        if connector_id in memory.inventory.connectors
    }
    for connector_id, life in lives.items():
        for attribution in life.attribution if connector_id not in events.settled else ():
            answer = _answer(evidence, connector_id, attribution)
            known = attribution.event in answers.get(connector_id, {})
            if answer is None or connector_id not in memory.inventory.connectors or known:
                continue
            answers.setdefault(connector_id, {})[attribution.event] = answer
            held = _roles_now(evidence, attribution)
            if held is not None:
                rights.setdefault(connector_id, {})[attribution.event] = held
    settled = events.settled & memory.inventory.connectors.keys()
    update = {"entitled": answers, "rights": rights, "settled": frozenset(settled)}
    return memory.model_copy(update={"events": events.model_copy(update=update)})


def _answer(evidence: Evidence, connector: str, attribution: Attribution) -> bool | None:
    """Return what is worth remembering of one event: nothing where only its time speaks, or nobody is named."""
    if attribution.matched == "time" or not (attribution.by or attribution.upn):
        return None
    try:
        return entitled(evidence, connector, attribution)
    except NotReadError:
        return None
