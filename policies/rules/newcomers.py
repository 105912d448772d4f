"""The rule about new connectors: whoever registers one in the right group sees every application's traffic."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from inventory.models import PrincipalId
from policies.frameworks import controls
from policies.registration.holders import Completeness, registration
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.holders import PIM, ROLES
from policies.rules.subjects import connectors
from policies.runbooks import Runbook, day
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.attribution import Attribution
    from inventory.history_records import ConnectorRecord
    from inventory.models import Connector, Principal
    from policies.evidence import Evidence
    from policies.rule import Fact
    from policies.vocabulary import Subject


def _after_the_first_look(evidence: Evidence) -> Iterator[tuple[Subject, Connector]]:
    """List all connectors; none on the first full look, where nobody knows which of them are new."""
    listed = connectors(evidence)
    if evidence.memory.inventory.first_read is None:
        _ = evidence.snapshot.connectors.items
        return iter(())
    return listed


def _new(evidence: Evidence, connector: Connector) -> Judgement:
    life = evidence.lives.connectors[connector.id]
    if life.from_start:
        return not_applicable("the connector was there at the first full look")
    if evidence.snapshot.taken_at - life.first_seen >= timedelta(days=evidence.policy.new_connector_days):
        return not_applicable(f"first seen on {day(life.first_seen)}, which is no news any more")
    # The day stands beside the evidence: another scan at the same time may have seen the connector first.
    return _told(evidence, life).with_volatile(first_seen=life.first_seen.isoformat())


def _told(evidence: Evidence, life: ConnectorRecord) -> Judgement:
    """Return the judgement of a connector that is new, by who registered it."""
    facts: dict[str, Fact] = {"replaces": life.replaces}
    since = f"new since {day(life.first_seen)}"
    told = life.attribution
    if not told:
        unread = evidence.snapshot.audit.status != "read"
        why = "the audit log could not be read" if unread else "the audit log does not say who registered it"
        return failed(Severity.MEDIUM, f"{since}; {why}", **facts)
    who = sorted({_name(one) for one in told})
    facts |= {"registered_by": who, "events": [one.event for one in told], "matched_by": told[0].matched}
    if told[0].matched == "time":
        message = f"{since}; probably registered by {' or '.join(who)}, by the time alone"
        return failed(Severity.MEDIUM, message, **facts)
    return _by(evidence, told, f"{since}, registered by {' and '.join(who)}", facts)


def _by(evidence: Evidence, told: tuple[Attribution, ...], message: str, facts: dict[str, Fact]) -> Judgement:
    """Return the judgement of a new connector whose registration the log names; each event has to be in order."""
    kind = "is expected to" if evidence.policy.expected_registrars else "can register connectors today"
    entitled = [_entitled(evidence, one) for one in told if one.by or one.upn]
    if False in entitled or any(one.app for one in told):
        return failed(Severity.HIGH, f"{message}; not everybody there {kind}", **facts)
    if None in entitled:
        return not_assessed(f"{message}; whether everybody there {kind} could not be read", **facts)
    if len(entitled) < len(told):
        return failed(Severity.MEDIUM, message, **facts)
    return passed(message, **facts)


def _name(told: Attribution) -> str:
    return told.upn or told.by or told.app or "somebody whom the log does not name"


def _entitled(evidence: Evidence, told: Attribution) -> bool | None:
    """Whether a person was meant to register connectors; None where that could not be read.

    Meant is whom the policy names; while it names nobody, whoever can register today.
    """
    known = next((one for one in evidence.snapshot.principals.records if _is(one, told)), None)
    own = PrincipalId(told.by or (known.id if known else ""))
    if not evidence.policy.expected_registrars:
        holder = evidence.holder_by_id.get(own)
        if holder is None:
            evidence.need(Completeness.EVERYBODY)
            return False
        return registration(holder, evidence.snapshot)[0]
    upn = (known.user_principal_name if known else None) or told.upn
    expected = evidence.expected
    entries = {entry.casefold() for entry in expected.entries}
    if own in expected.members or not entries.isdisjoint({own.casefold(), (upn or "").casefold()}):
        return True
    nameless = upn is None and any("@" in entry for entry in entries)
    return None if nameless or not expected.whole else False


def _is(principal: Principal, told: Attribution) -> bool:
    """Whether a principal is who the log names: by id, else by user name."""
    if told.by:
        return principal.id.casefold() == told.by.casefold()
    return bool(told.upn) and (principal.user_principal_name or "").casefold() == (told.upn or "").casefold()


CON003 = Rule(
    id="CON003",
    title="New connectors were registered by somebody who is meant to",
    subject="connector",
    severity=Severity.HIGH,
    why="A connector of an unexpected person's, in the right group, sees every application's traffic.",
    runbook=Runbook(
        summary="Find out who registered the connector and what for.",
        steps=(
            "Ask the person whom the audit log names. The machine's name is no proof: whoever registers chooses it.",
            "Until that is settled, move the connector to a group that carries no application.",
            "If nobody meant it, stop the server and let the entry vanish, which takes 10 days.",
            "Then take the role from whoever used it; `connectorwatch registrars` lists everybody who has it.",
        ),
        links=(ROLES, PIM),
    ),
    subjects=_after_the_first_look,
    check=_new,
    when_empty="this is the first full look, or the tenant has no connectors",
    controls=controls(nist="CM-8(3) CM-3 AU-6", iso="A.8.16 A.8.32", cis="1.2 8.11", attack="T1557 T1133"),
    evidence={
        "first_seen": "the first look that showed it, a time",
        "replaces": "id of the connector that was on the machine of this name before; told, never trusted",
        "registered_by": "who registered it, as the audit log has it",
        "events": "ids of the audit log's events",
        "matched_by": "how an event was found: by the connector's id, by its machine's name, or by the time alone",
    },
    settings=("new_connector_days", "expected_registrars", "break_glass"),
)
