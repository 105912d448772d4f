"""CON003: every new connector, and who registered it, as far as the audit log tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inventory.audit.models import AuditInitiator, AuditUser
from policies.memory import EventMemory
from policies.policy_file.model import Policy
from tests.making import TENANT, connector, group, holds, snapshot, unread, without
from tests.people import grant, registered, user
from tests.policies.judging import short, verdicts
from tests.policies.registration.directory import ADMIN, bare
from tests.policies.snapshots import after, evidence_of, on, said_of, seen_on, verdicts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.audit.models import AuditEvent
    from inventory.models import Connector
    from inventory.snapshot import Snapshot

PARIS = group("Paris")
OLD, NEW = connector("PAR01"), connector("PAR02")
ANN, EVE = user("Ann"), user("Eve")
HIGH, MEDIUM, PASS, OPEN, NONE = "fail high", "fail medium", "pass", "not_assessed", "not_applicable"
NOON = on(0.5)
NAMED = {"expected_registrars": ["ann@contoso.example"]}


def holding(*connectors: Connector, audit: Any = (), **lists: Any) -> Snapshot:  # noqa: ANN401 - lists, read or not
    """Return a tenant with these connectors, in which Ann is a registrar and Eve is not."""
    directory: dict[str, Any] = {"roles": [ADMIN], "principals": [ANN, EVE], "assignments": [grant(ANN, ADMIN)]} | lists
    return snapshot({PARIS: holds(*connectors)}, audit=audit, **directory)


def new_with(*audit: AuditEvent, policy: Mapping[str, object] | None = None, **lists: Any) -> str:  # noqa: ANN401 - the same
    """Return what is said of a connector that appears at the second look, whose audit log holds these events."""
    return said_of("CON003", seen_on(holding(OLD), holding(OLD, NEW, audit=audit, **lists)), policy)[NEW.id]


def test_the_first_scan() -> None:
    """Nothing is new at the first full look, nor at one before it that could not read the connectors."""
    blind = without(holding(OLD), "connectors")
    assert said_of("CON003", seen_on(holding(OLD))) == {TENANT: NONE}
    assert said_of("CON003", seen_on(blind, holding(OLD))) == {TENANT: NONE}
    assert said_of("CON003", seen_on(blind)) == {TENANT: OPEN}
    assert said_of("CON003", seen_on(holding(OLD), blind)) == {TENANT: OPEN}


BY_ANN, BY_EVE = registered(NOON, (NEW.id, None), by=ANN), registered(NOON, (None, "par02"), by=EVE)


def test_whoever_can_register_may() -> None:
    """While the policy names nobody, a registrar of today is in order and anybody else is not."""
    assert new_with(BY_ANN) == PASS
    assert new_with(BY_EVE) == HIGH
    assert new_with(BY_EVE, assignments=[], eligibilities=[grant(EVE, ADMIN, None)]) == PASS


def test_a_guest_who_registered_is_not_in_order() -> None:
    """While the policy names nobody, a guest who holds the role is not meant to register, though the log proves it."""
    guest = user("Gita", issuer="fabrikam.example", kind="Guest")
    event = registered(NOON, (NEW.id, None), by=guest)

    assert new_with(event, principals=[ANN, guest], assignments=[grant(guest, ADMIN)]) == HIGH


def test_an_all_zero_id_registered_nothing() -> None:
    """The log does not say who it was: to be looked into, and no accusation of an account that does not exist."""
    nobody = AuditInitiator(user=AuditUser(id="00000000-0000-0000-0000-000000000000"))
    event = BY_ANN.model_copy(update={"initiated_by": nobody})
    verdict = verdicts_of("CON003", seen_on(holding(OLD), holding(OLD, NEW, audit=[event])))[NEW.id]

    assert (verdict.severity, "00000000" in verdict.message) == ("medium", False)
    assert "the log does not name" in verdict.message


def test_whom_the_policy_names_may() -> None:
    """Once the policy names somebody, only they may, by user name, by id, or as an emergency account."""
    assert new_with(BY_ANN, policy=NAMED) == PASS
    assert new_with(BY_EVE, policy=NAMED) == HIGH
    assert new_with(BY_EVE, policy={"expected_registrars": [EVE.id]}) == PASS
    assert new_with(BY_ANN, policy={"expected_registrars": [EVE.id]}) == HIGH
    assert new_with(BY_EVE, policy=NAMED | {"break_glass": ["EVE@contoso.example"]}) == PASS


def test_nobody_can_be_named() -> None:
    """Without an event, or with one that names nobody, or by time alone, it stays medium, whoever it may have been."""
    assert new_with() == MEDIUM
    assert new_with(registered(NOON, (NEW.id, None))) == MEDIUM
    assert new_with(registered(NOON, by=ANN)) == MEDIUM
    assert new_with(registered(NOON, by=EVE)) == MEDIUM
    assert said_of("CON003", seen_on(holding(OLD), holding(OLD, NEW, audit=unread())))[NEW.id] == MEDIUM


def test_software_is_never_in_order() -> None:
    """Only people register connectors; software that seems to have done so is told loudly."""
    assert new_with(registered(NOON, (NEW.id, None), app="Provisioner")) == HIGH


def test_every_event_has_to_be_in_order() -> None:
    """Where two people registered the same machine name, one who is not entitled is enough."""
    also = registered(on(0.6), (None, "PAR02"), by=ANN)

    assert new_with(BY_EVE, also) == HIGH
    assert new_with(also) == PASS
    assert new_with(also, registered(on(0.7), (None, "PAR02"))) == MEDIUM


def test_unread_directories() -> None:
    """Whether somebody may is not guessed: without the roles, or without user names, nobody is called unexpected."""
    assert new_with(BY_EVE, assignments=unread()) == OPEN
    assert new_with(BY_ANN, assignments=unread()) == OPEN
    assert new_with(BY_ANN, assignments=[grant(ANN, ADMIN)], principals=[bare(ANN)]) == OPEN
    nameless = registered(NOON, (NEW.id, None), by=EVE.model_copy(update={"user_principal_name": None}))
    assert new_with(nameless, policy=NAMED) == HIGH
    assert new_with(nameless, policy=NAMED, principals=[]) == OPEN
    assert new_with(nameless, policy={"expected_registrars": [ANN.id]}, principals=[ANN]) == HIGH
    by_name_only = registered(NOON, (NEW.id, None), by=EVE.model_copy(update={"id": ""}))
    assert new_with(by_name_only) == HIGH


def test_no_number_of_days_ends_it() -> None:
    """A new connector is asked about for as long as it is there, whatever a policy of before says of days."""
    looks = {0: holding(OLD), 1: holding(OLD, NEW), 7.9: holding(OLD, NEW)}
    assert said_of("CON003", looks) == {OLD.id: NONE, NEW.id: MEDIUM}
    assert said_of("CON003", {**looks, 500: holding(OLD, NEW)}) == {OLD.id: NONE, NEW.id: MEDIUM}
    assert said_of("CON003", looks, {"new_connector_days": 6}) == {OLD.id: NONE, NEW.id: MEDIUM}


def test_whoever_was_entitled_stays_so() -> None:
    """A role that is taken away later, or given later, changes nothing about a registration that was judged."""
    nobody: dict[str, Any] = {"assignments": [], "audit": [BY_ANN]}
    both: dict[str, Any] = {"assignments": [grant(ANN, ADMIN), grant(EVE, ADMIN)], "audit": [BY_EVE]}

    assert said_of("CON003", seen_on(holding(OLD), holding(OLD, NEW, audit=[BY_ANN])))[NEW.id] == PASS
    assert (
        said_of("CON003", seen_on(holding(OLD), holding(OLD, NEW, audit=[BY_ANN]), holding(OLD, NEW, **nobody)))[NEW.id]
        == PASS
    )
    assert (
        said_of("CON003", seen_on(holding(OLD), holding(OLD, NEW, audit=[BY_EVE]), holding(OLD, NEW, **both)))[NEW.id]
        == HIGH
    )


def test_a_name_in_the_policy_clears_what_was_refused() -> None:
    """Whoever was not entitled is once the policy names them; an unnamed one is not."""
    looks = seen_on(holding(OLD), holding(OLD, NEW, audit=[BY_EVE]), holding(OLD, NEW))
    before = evidence_of(looks)

    def later(**policy: Any) -> str:  # noqa: ANN401 - keys of a policy
        judged = before.model_copy(update={"policy": Policy.model_validate(policy)})
        return short(verdicts("CON003", judged)[NEW.id])

    assert (later(), later(**NAMED), later(expected_registrars=[EVE.id])) == (HIGH, HIGH, PASS)


def test_who_it_was_is_remembered() -> None:
    """A log that cannot be read, or has forgotten, changes nothing about who it was."""
    looks = seen_on(holding(OLD), holding(OLD, NEW, audit=[BY_EVE]), holding(OLD, NEW, audit=unread()))

    assert said_of("CON003", looks)[NEW.id] == HIGH
    assert verdicts_of("CON003", looks)[NEW.id].evidence == {
        "registered_by": ["eve@contoso.example"],
        "events": [BY_EVE.id],
        "matched_by": "name",
    }
    assert verdicts_of("CON003", looks)[NEW.id].volatile == {"first_seen": on(1).isoformat()}


def test_a_known_machine_name_lowers_no_alarm() -> None:
    """Whoever registers chooses the machine name; a known one is told and changes nothing else."""
    twin = connector("par01", key="twin")
    looks = seen_on(holding(OLD), holding(OLD, twin, audit=[registered(NOON, ("twin", "PAR01"), by=EVE)]))

    assert said_of("CON003", looks)["twin"] == HIGH
    assert verdicts_of("CON003", looks)["twin"].evidence["replaces"] == OLD.id


def test_agents_of_unknown_kind_are_not_judged() -> None:
    """While another service's group cannot be read, an agent in no group of ours is neither new nor in order."""
    odd = snapshot({PARIS: holds(OLD)}, connectors=[OLD, NEW]).model_copy(update={"others_unread": "denied"})

    assert said_of("CON003", seen_on(holding(OLD), odd)) == {OLD.id: NONE, TENANT: OPEN}
    assert said_of("CON001", seen_on(holding(OLD), odd)) == {OLD.id: PASS, TENANT: OPEN}


def test_what_could_not_be_read_is_not_remembered() -> None:
    """A day on which the roles were not read answers nothing, and the next day's answer is the first one."""
    blind_day = holding(OLD, NEW, audit=[BY_EVE], assignments=unread())
    given_since = holding(OLD, NEW, assignments=[grant(EVE, ADMIN)])

    assert said_of("CON003", seen_on(holding(OLD), blind_day, given_since))[NEW.id] == PASS


def test_what_is_forgotten_with_its_connector() -> None:
    """What a registration was judged by is kept for as long as the connector is remembered, and no longer."""
    looks = {0.0: holding(OLD), 1.0: holding(OLD, NEW, audit=[BY_EVE]), 2.0: holding(OLD)}

    assert after(looks).known_events.entitled == {NEW.id: {BY_EVE.id: False}}
    assert after({**looks, 500.0: holding(OLD)}).known_events.entitled == {}


def test_what_only_time_suggests_is_not_remembered() -> None:
    """An event that matches by time alone, or names nothing, settles neither who registered what nor what was seen."""
    looks = seen_on(holding(OLD), holding(OLD, NEW, audit=[registered(NOON, by=EVE)]))

    assert after(looks).known_events == EventMemory(seen=after(looks).known_events.seen)
    assert after(looks).known_events.unseen == {}


def test_whom_the_facts_name() -> None:
    """The evidence names who registered the connector by whatever name the log has, or that nobody is named."""
    nameless = EVE.model_copy(update={"user_principal_name": None})
    facts = [
        verdicts_of("CON003", seen_on(holding(OLD), holding(OLD, NEW, audit=[event])))[NEW.id].evidence["registered_by"]
        for event in (
            registered(NOON, (NEW.id, None), by=nameless),
            registered(NOON, (NEW.id, None), app="Provisioner"),
            registered(NOON, (NEW.id, None)),
        )
    ]
    assert facts == [[EVE.id], ["Provisioner"], ["somebody whom the log does not name"]]


def test_somebody_whom_the_log_names_by_user_name_alone() -> None:
    """A person without an id in the log is found in the directory by user name, in whatever case, and no other is."""
    shouting = ANN.model_copy(update={"id": "", "user_principal_name": "ANN@Contoso.Example"})

    assert new_with(registered(NOON, (NEW.id, None), by=shouting)) == PASS
    assert new_with(registered(NOON, (NEW.id, None), by=shouting), policy={"expected_registrars": [ANN.id]}) == PASS
    assert new_with(registered(NOON, (NEW.id, None), by=shouting), policy={"expected_registrars": [EVE.id]}) == HIGH
