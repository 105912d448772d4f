"""The sentences of findings about registrations: who, when, with which right, into which group, what that carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policies.policy_file.model import Policy
from tests.making import application, connector, evidence, group, holds, snapshot, unread
from tests.people import grant, path_group, registered, user
from tests.policies.judging import verdicts
from tests.policies.registration.directory import ADMIN, team, tenant
from tests.policies.snapshots import evidence_of, on, seen_on, verdicts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.snapshot import Snapshot

PARIS, SAP = group("Paris"), group("SAP")
OLD, NEW = connector("PAR01"), connector("PAR02")
ANN, EVE, DAN = user("Ann"), user("Eve"), user("Dan", enabled=False)
APPS = [application(name) for name in ("Payroll", "HR", "Fiori", "Stock", "Travel")]
NOON = on(0.5)
NAMED = {"expected_registrars": ["ann@contoso.example"]}
NEW_ID = (NEW.id, None)
IN_PARIS = "it is in Paris, which carries no application"
AT = "on 2026-11-20 18:00 UTC"
NO_RIGHT = "without a role that can register connectors"


def seen(*connectors: Any, apps: Any = (), **lists: Any) -> Snapshot:  # noqa: ANN401 - lists, read or not
    """Return a tenant in which Ann is a registrar and Eve is not, with these connectors in Paris."""
    known: dict[str, Any] = {"roles": [ADMIN], "principals": [ANN, EVE, DAN], "assignments": [grant(ANN, ADMIN)]}
    return snapshot({PARIS: holds(*connectors, apps=apps)}, **known | lists)


def sentence(policy: Mapping[str, object] | None = None, apps: Any = (), **lists: Any) -> str:  # noqa: ANN401 - the same
    """Return what CON003 says of a connector that appears at the second scan."""
    looks = seen_on(seen(OLD), seen(OLD, NEW, apps=apps, **lists))
    return verdicts_of("CON003", looks, policy)[NEW.id].message


BY_ANN, BY_EVE = registered(NOON, NEW_ID, by=ANN), registered(NOON, NEW_ID, by=EVE)
WITH_ROLE = "with the role Application Administrator (assigned)"
AGAIN = registered(on(0.6), NEW_ID, by=ANN)
DAN_HOLDS = {"assignments": [grant(DAN, ADMIN)], "audit": [registered(NOON, NEW_ID, by=DAN)]}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, "first seen 2026-11-21 06:00 UTC; the audit log does not say who registered it"),
        ({"audit": unread()}, "first seen 2026-11-21 06:00 UTC; the audit log could not be read"),
        (
            {"audit": [registered(NOON, by=EVE), registered(on(0.6), by=ANN)]},
            (
                f"probably registered by eve@contoso.example {AT} or by ann@contoso.example on 2026-11-20 20:24 UTC, "
                "judged by the time alone"
            ),
        ),
        ({"audit": [BY_EVE]}, f"registered by eve@contoso.example {AT}, {NO_RIGHT}"),
        ({"audit": [BY_ANN]}, f"registered by ann@contoso.example {AT}, {WITH_ROLE}"),
        (
            {"audit": [BY_EVE, AGAIN]},
            (
                f"registered by eve@contoso.example {AT}, {NO_RIGHT}, "
                f"and by ann@contoso.example on 2026-11-20 20:24 UTC, {WITH_ROLE}"
            ),
        ),
        (
            {"audit": [BY_ANN], "assignments": [], "eligibilities": [grant(ANN, ADMIN, None)]},
            f"registered by ann@contoso.example {AT}, with the role Application Administrator (eligible)",
        ),
        (
            DAN_HOLDS,
            (
                f"registered by dan@contoso.example {AT}, who could not register connectors in spite of the role "
                "Application Administrator (assigned)"
            ),
        ),
        (
            {"audit": [BY_EVE], "policy": NAMED},
            f"registered by eve@contoso.example {AT}, whom the policy does not expect, {NO_RIGHT}",
        ),
        (
            {"audit": [BY_ANN], "policy": {"expected_registrars": [EVE.id]}},
            f"registered by ann@contoso.example {AT}, whom the policy does not expect, {WITH_ROLE}",
        ),
        ({"audit": [BY_ANN], "policy": NAMED}, f"registered by ann@contoso.example {AT}, whom the policy expects"),
        (
            {"audit": [BY_EVE], "policy": NAMED, "assignments": unread()},
            f"registered by eve@contoso.example {AT}, whom the policy does not expect",
        ),
        (
            {"audit": [registered(NOON, NEW_ID, app="Provisioner")]},
            f"registered by Provisioner {AT}, which is software",
        ),
        ({"audit": [registered(NOON, NEW_ID)]}, f"registered by somebody whom the log does not name {AT}"),
    ],
)
def test_who_registered_it_when_and_with_which_right(case: dict[str, Any], expected: str) -> None:
    """A new connector's sentence names the person, the moment and the right, as surely as these are known."""
    assert sentence(**case) == f"{expected}; {IN_PARIS}"


def test_a_right_that_could_not_be_read() -> None:
    """Where an attribute that decides about the right was not read, the sentence says so and nothing fails."""
    bare = ANN.model_copy(update={"account_enabled": None})
    verdict = verdicts_of("CON003", seen_on(seen(OLD), seen(OLD, NEW, audit=[BY_ANN], principals=[bare, EVE])))[NEW.id]

    assert verdict.outcome == "not_assessed"
    assert verdict.message == (
        f"registered by ann@contoso.example {AT}, and whether with a right to could not be read; {IN_PARIS}"
    )


def placed(lists: Any, before: Any = None) -> str:  # noqa: ANN401 - groups with what they hold
    """Return the last part of the sentence of a connector that is new at the second scan, judged at the third."""
    looks = seen_on(snapshot({PARIS: holds(OLD)}), before or lists, lists)
    return verdicts_of("CON003", looks)[NEW.id].message.rpartition("; ")[2]


@pytest.mark.parametrize(
    ("apps", "expected"),
    [
        ([], "it is in Paris, which carries no application"),
        (APPS[:1], "it is in Paris, which carries Payroll"),
        (APPS[:3], "it is in Paris, which carries Fiori, HR, Payroll"),
        (APPS, "it is in Paris, which carries Fiori, HR, Payroll and 2 more"),
        ([*APPS, *APPS], "it is in Paris, which carries Fiori, HR, Payroll and 2 more"),
        (unread(), "it is in Paris, whose applications could not be read"),
    ],
)
def test_what_its_group_carries(apps: Any, expected: str) -> None:  # noqa: ANN401 - a list, read or not
    """The sentence names the group and the first three of its applications."""
    assert placed(snapshot({PARIS: holds(OLD, NEW, apps=apps)})) == expected


def test_a_connector_that_was_moved_since() -> None:
    """Where a connector started in another group, the sentence says from where it was moved."""
    start = snapshot({PARIS: holds(OLD, NEW), SAP: holds()})
    now = snapshot({PARIS: holds(OLD), SAP: holds(NEW, apps=APPS[:1])})

    assert placed(now, start) == "moved from Paris to SAP, which carries Payroll"


def test_a_connector_whose_group_is_not_known() -> None:
    """A connector in no group, and one whose group's list was not read, are told apart."""
    nowhere = snapshot({PARIS: holds(OLD)}, connectors=[OLD, NEW])
    hidden = snapshot({PARIS: holds(OLD), SAP: holds(members=unread())}, connectors=[OLD, NEW])

    assert placed(nowhere) == "it is in no group"
    assert placed(hidden) == "its group could not be read"


def test_the_right_is_remembered() -> None:
    """The sentence says which role was held when the registration was first judged, whatever became of it."""
    gone: dict[str, Any] = {"assignments": [], "audit": []}
    given: dict[str, Any] = {"assignments": [grant(ANN, ADMIN), grant(EVE, ADMIN)], "audit": []}

    lost = verdicts_of("CON003", seen_on(seen(OLD), seen(OLD, NEW, audit=[BY_ANN]), seen(OLD, NEW, **gone)))
    late = verdicts_of("CON003", seen_on(seen(OLD), seen(OLD, NEW, audit=[BY_EVE]), seen(OLD, NEW, **given)))

    assert WITH_ROLE in lost[NEW.id].message
    assert NO_RIGHT in late[NEW.id].message


def test_a_right_that_was_never_read() -> None:
    """Where the policy alone decided and the roles could not be read, no later role is said to have been held then."""
    blind: dict[str, Any] = {"audit": [BY_EVE], "assignments": unread()}
    given: dict[str, Any] = {"assignments": [grant(EVE, ADMIN)]}

    later = verdicts_of("CON003", seen_on(seen(OLD), seen(OLD, NEW, **blind), seen(OLD, NEW, **given)), NAMED)

    by = f"registered by eve@contoso.example {AT}, whom the policy does not expect; {IN_PARIS}"
    assert later[NEW.id].message == by


def test_a_memory_of_before_rights_were_kept() -> None:
    """Where only the answer is remembered and not the role, the sentence claims no more than the answer."""
    now = evidence_of(seen_on(seen(OLD), seen(OLD, NEW, audit=[BY_ANN]), seen(OLD, NEW)))
    older = now.memory.known_events.model_copy(update={"rights": {}})
    bare = now.model_copy(update={"memory": now.memory.model_copy(update={"events": older})})
    refused = older.model_copy(update={"entitled": {NEW.id: {BY_ANN.id: False}}})
    no = bare.model_copy(update={"memory": bare.memory.model_copy(update={"events": refused})})

    by = f"registered by ann@contoso.example {AT}"
    assert verdicts("CON003", bare)[NEW.id].message == f"{by}, who could register connectors then; {IN_PARIS}"
    assert verdicts("CON003", no)[NEW.id].message == f"{by}, who could not register connectors; {IN_PARIS}"
    assert verdicts("CON003", no.model_copy(update={"policy": Policy.model_validate(NAMED)}))[NEW.id].outcome == "pass"


def test_nothing_is_said_of_a_predecessor_that_is_not_there() -> None:
    """A new connector's facts, and those of one that vanished, name another one only where there is one."""
    gone = verdicts_of("CON002", seen_on(seen(OLD, NEW), seen(OLD)))[NEW.id]

    assert "replaces" not in verdicts_of("CON003", seen_on(seen(OLD), seen(OLD, NEW)))[NEW.id].evidence
    assert (gone.outcome, gone.evidence) == ("fail", {})


def test_a_registration_that_no_scan_showed() -> None:
    """Its subject is the machine that was registered; software is named where the log names no person."""
    logged = registered(NOON, ("gone", "LAPTOP"), app="Provisioner")
    told = verdicts_of("CON005", seen_on(seen(OLD), seen(OLD, audit=[logged])))[f"event:{logged.id}"]

    assert told.message == f"registered {AT} by Provisioner; never present in any scan"
    assert (told.subject.type, told.subject.name) == ("connector", "LAPTOP")


ADMINS, MORE = team("Admins"), [team(f"Team {number}") for number in range(4)]


@pytest.mark.parametrize(
    ("owner", "groups", "expected"),
    [
        (EVE, [ADMINS], "owns the group Admins and can let themselves or others in"),
        (ANN, [ADMINS], "can register connectors, owns the group Admins and can let others in at any time"),
        (
            EVE,
            [ADMINS, *MORE],
            "owns the groups Admins, Team 0, Team 1 and 2 more and can let themselves or others in",
        ),
    ],
)
def test_owners_of_groups_on_a_path(owner: Any, groups: Any, expected: str) -> None:  # noqa: ANN401 - people, groups
    """Every owner is listed by the groups owned, also one who can register connectors."""
    directory = tenant(
        *(ANN, EVE, *groups),
        active=[grant(ANN, ADMIN), *(grant(one, ADMIN) for one in groups)],
        groups=[path_group(one, owners=[owner]) for one in groups],
    )

    assert verdicts("REG010", evidence(directory))[owner.id].message == expected
