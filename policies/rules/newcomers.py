"""The rule about new connectors: whoever registers one in the right group sees every application's traffic."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from common.text import minute
from policies.frameworks import controls
from policies.registration.entitlement import entitled
from policies.registration.planned import is_planned
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.holders import PIM, ROLES
from policies.rules.registration_words import name_of, place_words, registered_words
from policies.rules.subjects import connectors
from policies.runbooks import Runbook
from policies.vocabulary import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from inventory.history_records import ConnectorRecord
    from inventory.models import Connector
    from inventory.records import UnreadableRecord
    from policies.evidence import Evidence
    from policies.rule import Fact
    from policies.vocabulary import Subject


def _after_the_first_look(evidence: Evidence) -> Iterator[tuple[Subject, Connector | UnreadableRecord]]:
    """List all connectors; none on the first full look, where nobody knows which of them are new."""
    listed = connectors(evidence)
    if evidence.memory.inventory.first_read is None:
        _ = evidence.snapshot.connectors.readable
        return iter(())
    return listed


def _new(evidence: Evidence, connector: Connector) -> Judgement:
    life = evidence.lives.connectors[connector.id]
    if life.from_start:
        return not_applicable("the connector was there at the first full look")
    if connector.id in evidence.memory.known_events.settled:
        return not_applicable("its registration was settled before registrations were remembered")
    # The day stands beside the evidence: another scan at the same time may have seen the connector first.
    judgement = _registered(evidence, connector, life)
    if judgement.outcome is Outcome.PASS and evidence.is_confirmed(f"CON003/{connector.id}"):
        judgement = replace(judgement, outcome=Outcome.FAIL, severity=Severity.HIGH)
    acted, act = _acted(evidence, life)
    judgement = judgement.happened(life.first_seen).acted_anew(acted, act)
    return judgement.with_volatile(first_seen=life.first_seen.isoformat())


def _acted(evidence: Evidence, life: ConnectorRecord) -> tuple[datetime | None, str]:
    """Return when a connector last became active again or was moved to a group with applications, and which it was."""
    moved = life.groups[-1] if len(life.groups) > 1 else None
    applications = evidence.lives.applications.values()
    carries = moved and any(entry.gone_at is None and entry.group == moved.value for entry in applications)
    if moved and carries and (life.active_again is None or moved.at > life.active_again):
        return moved.at, "in a group with applications"
    return life.active_again, "active again"


def _registered(evidence: Evidence, connector: Connector, life: ConnectorRecord) -> Judgement:
    """Return the judgement of a connector that is new, by who registered it."""
    facts: dict[str, Fact] = {} if life.replaces is None else {"replaces": life.replaces}
    place = place_words(evidence, connector, life)
    since = f"first seen {minute(life.first_seen)}"
    if is_planned(evidence, connector.id):
        return passed(f"{since}; the policy plans a connector on this machine; {place}", **facts)
    attributions = life.attribution
    if not attributions:
        unread = not evidence.snapshot.audit.known or evidence.snapshot.audit.status != "read"
        why = "the audit log could not be read" if unread else "the audit log does not say who registered it"
        return failed(Severity.MEDIUM, f"{since}; {why}; {place}", **facts)
    who = sorted({name_of(event) for event in attributions})
    facts |= {
        "registered_by": who,
        "events": [event.event for event in attributions],
        "matched_by": attributions[0].matched,
    }
    message = f"{registered_words(evidence, connector, life)}; {place}"
    if attributions[0].matched == "time":
        return failed(Severity.MEDIUM, message, **facts)
    return _by(evidence, connector, message, facts)


def _by(evidence: Evidence, connector: Connector, message: str, facts: dict[str, Fact]) -> Judgement:
    """Return the judgement of a new connector whose registration the log names; each event has to be in order.

    Raises:
        NotReadError: Somebody's right was never judged, and the roles could not be read.
    """
    attributions = evidence.lives.connectors[connector.id].attribution
    rights = [entitled(evidence, connector.id, event) for event in attributions if event.by or event.upn]
    if False in rights or any(event.app for event in attributions):
        return failed(Severity.HIGH, message, **facts)
    if None in rights:
        return not_assessed(message, **facts)
    if len(rights) < len(attributions):
        return failed(Severity.MEDIUM, message, **facts)
    return passed(message, **facts)


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
        "replaces": "id of the connector that was on a machine of this name before; shown, never trusted",
        "registered_by": "who registered it, as the audit log has it",
        "events": "ids of the audit log's events",
        "matched_by": "how an event was found: by the connector's id, by its machine's name, or by the time alone",
    },
    settings=("expected_registrars", "expected_connectors", "break_glass", "answers"),
    kind="event",
)
