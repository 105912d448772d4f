"""What CON001 tells from memory; CON004, GRP005, VER004 and VER005: what they ask and when they are silent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from policies.evaluate import enabled_rules
from policies.policy_file.model import Policy
from policies.rules import RULES
from tests.making import (
    AUTOMATIC,
    AUTOMATIC_BEFORE,
    NEWEST,
    NOW,
    RELEASES,
    TENANT,
    application,
    connector,
    evidence,
    group,
    holds,
    snapshot,
    unread,
    without,
)
from tests.policies.judging import said, verdicts
from tests.policies.snapshots import on, verdicts_of

if TYPE_CHECKING:
    from inventory.models import Connector
    from inventory.snapshot import Snapshot

PARIS, LYON = group("Paris"), group("Lyon")
UP, DOWN = connector("PAR01"), connector("PAR01", status="inactive")
WEB = application()
PASS, INFO, LOW, MEDIUM, NONE, OPEN = "pass", "fail info", "fail low", "fail medium", "not_applicable", "not_assessed"


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ({0: UP, 2: DOWN, 3: DOWN}, "since 22 November 2026, removal expected by 2 December 2026 at the latest"),
        ({0: DOWN}, "since 20 November 2026 or earlier, removal expected by 30 November 2026 at the latest"),
        ({0: UP, 1: DOWN, 11: DOWN}, "since 21 November 2026, removal is due any day"),
    ],
)
def test_since_when_it_is_inactive(looks: dict[float, Connector], expected: str) -> None:
    """An inactive connector tells since when, as far as memory reaches, and when it will vanish."""
    told = verdicts_of("CON001", {day: snapshot({PARIS: holds(one)}) for day, one in looks.items()})[UP.id]

    assert told.message == f"the connector is inactive; {expected}"


def test_dates_of_inactivity_are_shown_and_not_compared() -> None:
    """The dates stand beside the evidence, so that remembering more is no change of the finding."""
    told = verdicts_of("CON001", {0: snapshot({PARIS: holds(UP)}), 1: snapshot({PARIS: holds(DOWN)})})[UP.id]

    assert told.evidence == {"status": "inactive"}
    assert told.volatile == {"inactive_since": on(1).isoformat(), "removal_expected": on(11).isoformat()}


def off(name: str = "PAR01", ip: str = "203.0.113.7") -> Connector:
    """Return an inactive connector of that machine name."""
    return connector(name, key="twin", status="inactive", ip=ip)


@pytest.mark.parametrize(
    ("twin", "expected", "sure"),
    [
        (connector("par01 ", key="twin"), MEDIUM, True),
        (off(), LOW, True),
        (off(ip="192.0.2.1"), LOW, False),
        (connector("PAR01", key="twin", ip="192.0.2.1"), MEDIUM, False),
        (connector("PAR02", key="twin"), PASS, None),
    ],
)
def test_duplicate_machines(twin: Connector, expected: str, sure: object) -> None:
    """The same machine name is told, medium where both are active, and only possibly one machine where sites differ."""
    spoken = verdicts("CON004", evidence(snapshot({PARIS: holds(UP, twin)})))

    assert said("CON004", snapshot({PARIS: holds(UP, twin)})) == {UP.id: expected, "twin": expected}
    if sure is not None:
        assert spoken[UP.id].evidence == {"others": ["twin"], "surely_one": sure}
        assert spoken[UP.id].message.startswith("one machine" if sure else "possibly one machine")


def test_duplicates_that_cannot_be_told() -> None:
    """A connector without a name is no duplicate; without the list nobody knows."""
    assert said("CON004", snapshot({PARIS: holds(connector(None, key="c"), connector("", key="d"))})) == {
        "c": NONE,
        "d": NONE,
    }
    assert said("CON004", without(snapshot({PARIS: holds(UP)}), "connectors")) == {TENANT: OPEN}
    assert said("CON004", snapshot()) == {TENANT: NONE}


def machines(number: int) -> tuple[Connector, ...]:
    """Return as many machines."""
    return tuple(connector(f"PAR{index:02}") for index in range(number))


ON = {"rules": {"GRP005": {"enabled": True}}}


@pytest.mark.parametrize(
    ("seen", "more", "expected"),
    [
        (snapshot({PARIS: holds(*machines(3), apps=[WEB])}), {}, PASS),
        (snapshot({PARIS: holds(*machines(2), apps=[WEB])}), {}, INFO),
        (snapshot({PARIS: holds(*machines(2), apps=[WEB])}), {"preferred_active_connectors": 2}, PASS),
        (snapshot({PARIS: holds(*machines(2))}), {}, NONE),
        (snapshot({PARIS: holds(*machines(2), apps=[WEB])}), {"groups": {"Paris": {"purpose": "parking"}}}, NONE),
        (snapshot({PARIS: holds(*machines(2), apps=unread())}), {}, OPEN),
        (snapshot({PARIS: holds(members=unread(), apps=[WEB])}), {}, OPEN),
    ],
)
def test_headroom(seen: Snapshot, more: dict[str, object], expected: str) -> None:
    """A serving group should have a machine more than it needs, so that one can be updated."""
    assert said("GRP005", seen, ON | more) == {PARIS.id: expected}


def test_headroom_is_asked_only_when_the_policy_says_so() -> None:
    """The rule is off by itself."""
    assert "GRP005" not in {rule.id for rule in enabled_rules(RULES, Policy())}
    assert "GRP005" in {rule.id for rule in enabled_rules(RULES, Policy.model_validate(ON))}


@pytest.mark.parametrize(
    ("version", "grace", "expected", "lacks"),
    [
        (NEWEST, 0, PASS, None),
        (AUTOMATIC, 180, PASS, None),
        (AUTOMATIC, 164, INFO, [NEWEST]),
        (AUTOMATIC, 165, PASS, None),
        (AUTOMATIC_BEFORE, 180, LOW, [AUTOMATIC]),
        (AUTOMATIC_BEFORE, 164, LOW, [NEWEST, AUTOMATIC]),
        ("9.0.0.0", 0, PASS, None),
    ],
)
def test_behind_a_fix(version: str, grace: int, expected: str, lacks: object) -> None:
    """A fix is missed once it is out for longer than the grace: low where it installs itself, else info."""
    seen = snapshot({PARIS: holds(connector("PAR01", version=version))}, at=NOW)
    spoken = verdicts("VER004", evidence(seen, policy={"download_grace_days": grace}))[UP.id]

    assert said("VER004", seen, {"download_grace_days": grace}) == {UP.id: expected}
    assert spoken.evidence.get("lacks") == lacks


def test_a_catalogue_without_automatic_releases() -> None:
    """Where Microsoft installs nothing by itself, every missing fix has to be fetched."""
    fetched = RELEASES.model_copy(
        update={"releases": tuple(one.model_copy(update={"channel": "download"}) for one in RELEASES.releases)}
    )
    seen = snapshot({PARIS: holds(connector("PAR01", version=AUTOMATIC_BEFORE))})

    verdict = verdicts("VER004", evidence(seen, releases=fetched))[UP.id]
    assert verdict.severity == "info"
    assert verdict.message.endswith("; it has to be fetched, since Microsoft does not install it by itself")


@pytest.mark.parametrize(("days", "expected"), [(365, PASS), (366, INFO)])
def test_the_age_of_the_catalogue(days: int, expected: str) -> None:
    """The catalogue is trusted for a year after it was compared with Microsoft's page."""
    aged = RELEASES.model_copy(update={"revised": NOW.date() - timedelta(days=days)})
    spoken = verdicts("VER005", evidence(snapshot({PARIS: holds(UP)}), releases=aged))

    assert {TENANT: expected} == {
        own: INFO if one.outcome == "fail" else str(one.outcome) for own, one in spoken.items()
    }


def test_a_connector_newer_than_the_catalogue() -> None:
    """A version that the catalogue does not know proves that it is behind, also where not all connectors were read."""
    newer = snapshot({PARIS: holds(UP, connector("PAR02", version="9.0.0.0"), connector("PAR03", version="garbage"))})
    spoken = verdicts("VER005", evidence(newer))[TENANT]

    assert spoken.message == "connectors run 9.0.0.0, which the catalogue does not know"
    assert spoken.volatile == {"days_old": (NOW.date() - date(2026, 11, 1)).days, "versions": ["9.0.0.0"]}


def test_an_unread_fleet_and_the_catalogue() -> None:
    """A catalogue that is too old is too old whatever was read; that it knows all versions takes the list."""
    aged = RELEASES.model_copy(update={"revised": NOW.date() - timedelta(days=400)})
    blind = without(snapshot({PARIS: holds(UP)}), "connectors")

    assert said("VER005", blind) == {TENANT: OPEN}
    old = verdicts("VER005", evidence(blind, releases=aged))[TENANT]
    assert (old.outcome, old.partial) == ("fail", False)
