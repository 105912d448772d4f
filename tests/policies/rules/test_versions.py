"""VER001 to VER004: is each connector's version supported, fit for its group, not left behind, not without fixes?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from inventory.models import PRIVATE_ACCESS_TAGS, Application
from tests.making import (
    AUTOMATIC,
    AUTOMATIC_BEFORE,
    NEWEST,
    RELEASES,
    TENANT,
    application,
    connector,
    evidence,
    group,
    holds,
    snapshot,
    tagged,
    unread,
    without,
)
from tests.policies.judging import said, short, verdicts

if TYPE_CHECKING:
    from inventory.models import Connector, TaggedPrincipal

PASS, NOT_APPLICABLE, NOT_ASSESSED, HIGH, MEDIUM = "pass", "not_applicable", "not_assessed", "fail high", "fail medium"
UNREADABLE = [None, "", "garbage", "1.5.4522", "1.5.4522.0.1", "1.5.x.0", "v1.5.4522.0", "1.5.-1.0", "1,5,4522,0"]
FUTURE = "9.0.0.0"
PARIS, LYON = group("Paris"), group("Lyon")
OLD, FIT = connector(version="1.5.3416.9"), connector(version="1.5.3417.0")
QUICK, WEB = application("Quick Access", kind="quickaccessapp"), application("Expenses")


@pytest.mark.parametrize("version", UNREADABLE)
@pytest.mark.parametrize("rule", ["VER001", "VER002", "VER003", "VER004"])
def test_no_readable_version(rule: str, version: str | None) -> None:
    """A connector that reports no four-part version is never passed by a rule about versions."""
    seen = snapshot({PARIS: holds(connector(version=version), apps=[QUICK])})

    assert said(rule, seen) == {"id-PAR01": NOT_ASSESSED}
    verdict = verdicts(rule, evidence(seen))["id-PAR01"]
    assert (verdict.message, verdict.evidence) == ("the connector reports no four-part version", {"version": version})


@pytest.mark.parametrize("rule", ["VER001", "VER002", "VER003", "VER004"])
def test_newer_than_the_catalogue(rule: str) -> None:
    """A version that the catalogue does not know yet passes."""
    seen = snapshot({PARIS: holds(connector(version=FUTURE), apps=[QUICK])})

    assert said(rule, seen) == {"id-PAR01": PASS}


@pytest.mark.parametrize("rule", ["VER001", "VER002", "VER003", "VER004"])
def test_connectors_unread(rule: str) -> None:
    """Without the list of connectors each rule says so of the tenant."""
    seen = without(snapshot({PARIS: holds(connector(version="1.0.0.0"), apps=[QUICK])}), "connectors")

    assert said(rule, seen) == {TENANT: NOT_ASSESSED}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.0.0.1", HIGH),
        ("1.5.36.0", HIGH),
        ("1.5.611.9999", HIGH),
        ("1.5.612.0", HIGH),
        (" 1.5.612.0 ", HIGH),
        ("1.5.0612.00", HIGH),
        ("1.5.612.1", PASS),
        ("1.5.1526.0", PASS),
        ("1.10.0.0", PASS),
        (NEWEST, PASS),
    ],
)
def test_supported(version: str, expected: str) -> None:
    """Versions up to the unsupported floor fail, compared by their numbers and not by their letters."""
    assert said("VER001", snapshot(connectors=[connector(version=version)])) == {"id-PAR01": expected}


def test_evidence_of_an_unsupported_version() -> None:
    """The evidence holds the version and the floor of the catalogue that judged."""
    found = verdicts("VER001", evidence(snapshot(connectors=[connector(version="1.5.402.0")])))["id-PAR01"]

    assert found.evidence == {"version": "1.5.402.0", "unsupported_up_to": "1.5.612.0"}


@pytest.mark.parametrize(
    "carried",
    [
        application(kind="nonwebapp"),
        application(kind="quickaccessapp"),
        application(kind="NonWebApp"),
        application(ztna=True),
        *(application(tags=("other", tag)) for tag in PRIVATE_ACCESS_TAGS),
        Application(id="a", tags=PRIVATE_ACCESS_TAGS[:1]),
    ],
    ids=["non-web", "quick access", "other case", "ZTNA", "tag 1", "tag 2", "tag 3", "tag 4", "tag, nothing published"],
)
def test_private_access_by_the_application(carried: Application) -> None:
    """An application of Private Access is known by its type, its ZTNA mark or its tags; the minimum is 1.5.3417.0."""
    seen = [snapshot({PARIS: holds(one, apps=[WEB, carried])}) for one in (OLD, FIT)]

    assert [said("VER002", one) for one in seen] == [{"id-PAR01": HIGH}, {"id-PAR01": PASS}]


def test_private_access_by_the_service_principal() -> None:
    """The tag may stand on the application's service principal alone, even where nothing is said of publishing."""
    silent = Application(id="a", app_id="app-a")
    seen = [snapshot({PARIS: holds(OLD, apps=[one])}, private_access=[tagged(one)]) for one in (WEB, silent)]

    assert [said("VER002", one) for one in seen] == [{"id-PAR01": HIGH}] * 2


@pytest.mark.parametrize(
    ("apps", "marked"),
    [
        pytest.param([], [], id="none"),
        pytest.param([WEB], [], id="web"),
        pytest.param([WEB], [tagged(QUICK)], id="another application's principal is tagged"),
        pytest.param([application(kind=None, ztna=False)], [], id="published without a type"),
        pytest.param([application(tags=("WindowsAzureActiveDirectoryOnPremApp",))], [], id="another tag"),
        pytest.param([Application(id="a", app_id="app-a", tags=())], [], id="not published, and no tags"),
    ],
)
def test_no_private_access(apps: list[Application], marked: list[TaggedPrincipal]) -> None:
    """Where its group carries no Private Access application, no version is too old for it."""
    seen = snapshot({PARIS: holds(OLD, apps=apps), LYON: holds(apps=[QUICK])}, private_access=marked)

    assert said("VER002", seen) == {"id-PAR01": NOT_APPLICABLE}


@pytest.mark.parametrize(
    "silent",
    [Application(id="a", tags=()), Application(id="a")],
    ids=["no application id", "nothing but an id"],
)
def test_application_that_says_nothing(silent: Application) -> None:
    """An application without settings whose service principal is not known may be one of Private Access."""
    assert said("VER002", snapshot({PARIS: holds(OLD, apps=[silent])})) == {"id-PAR01": NOT_ASSESSED}


def test_application_without_settings() -> None:
    """The tags of its service principal say what it is; where these were not read, nothing does."""
    stub = Application(id="a", app_id="app-a")

    assert said("VER002", snapshot({PARIS: holds(OLD, apps=[stub])})) == {"id-PAR01": NOT_APPLICABLE}
    assert said("VER002", snapshot({PARIS: holds(OLD, apps=[stub])}, private_access=[tagged(stub)])) == {
        "id-PAR01": HIGH
    }
    assert said("VER002", snapshot({PARIS: holds(OLD, apps=[stub])}, private_access=unread())) == {
        "id-PAR01": NOT_ASSESSED
    }


@pytest.mark.parametrize("one", [OLD, FIT], ids=["old", "fit"])
def test_fitness_unread(one: Connector) -> None:
    """Without the group's connectors, its applications or the tagged principals nothing is claimed."""
    seen = [
        snapshot({PARIS: holds(one, apps=unread())}),
        snapshot({PARIS: holds(members=unread(), apps=[QUICK])}, connectors=[one]),
        snapshot({PARIS: holds(one, apps=[WEB])}, private_access=unread()),
        without(snapshot({PARIS: holds(one, apps=[QUICK])}), "connector_groups"),
    ]

    assert [said("VER002", each) for each in seen] == [{"id-PAR01": NOT_ASSESSED}] * 4


def test_proven_private_access_needs_nothing_else() -> None:
    """An application that says itself what it is proves the failure, whatever of the others could not be read."""
    seen = [
        snapshot({PARIS: holds(OLD, apps=[WEB, QUICK])}, private_access=unread()),
        snapshot({PARIS: holds(OLD, apps=unread()), LYON: holds(OLD, apps=[QUICK])}),
        snapshot({PARIS: holds(OLD, apps=unread()), LYON: holds(OLD, apps=[WEB])}, private_access=[tagged(WEB)]),
    ]

    assert [said("VER002", each) for each in seen] == [{"id-PAR01": HIGH}] * 3


def test_connector_in_two_lists_carries_for_both_groups() -> None:
    """A connector that stands in two groups' lists has to be fit for what either carries, and is judged once."""
    groups = {PARIS: holds(OLD, apps=[WEB]), LYON: holds(OLD, apps=[QUICK])}
    half_seen = {PARIS: holds(OLD, apps=[WEB]), LYON: holds(OLD, apps=unread())}

    assert said("VER002", snapshot(groups)) == {"id-PAR01": HIGH}
    assert said("VER002", snapshot(half_seen)) == {"id-PAR01": NOT_ASSESSED}


def test_connector_in_no_group() -> None:
    """A connector that no group's list holds carries nothing."""
    assert said("VER002", snapshot({PARIS: holds(apps=[QUICK])}, connectors=[OLD])) == {"id-PAR01": NOT_APPLICABLE}


def test_evidence_of_an_unfit_version() -> None:
    """The evidence holds the version and the minimum of the catalogue that judged."""
    found = verdicts("VER002", evidence(snapshot({PARIS: holds(OLD, apps=[QUICK])})))["id-PAR01"]

    assert found.evidence == {"version": "1.5.3416.9", "minimum": "1.5.3417.0"}


def day(year: int, month: int, number: int) -> datetime:
    """Return the last second of a day."""
    return datetime(year, month, number, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("version", "at", "grace", "expected"),
    [
        # 1.5.4522.0 was released on 2025-10-10, so with 60 days of grace its last free day is 2025-12-09.
        (AUTOMATIC_BEFORE, day(2025, 12, 9), 60, PASS),
        (AUTOMATIC_BEFORE, day(2025, 12, 10), 60, MEDIUM),
        (AUTOMATIC, day(2025, 12, 10), 60, PASS),
        ("1.5.4521.9", day(2025, 12, 10), 60, MEDIUM),
        ("1.5.4363.9", day(2025, 12, 9), 60, MEDIUM),
        # 1.5.4364.0 was released on 2025-06-25: its last free day is 2025-08-24.
        ("1.5.612.0", day(2025, 8, 24), 60, PASS),
        ("1.5.612.0", day(2025, 8, 25), 60, MEDIUM),
        (AUTOMATIC_BEFORE, day(2025, 10, 10), 0, PASS),
        (AUTOMATIC_BEFORE, day(2025, 10, 11), 0, MEDIUM),
        (AUTOMATIC_BEFORE, day(2026, 11, 20), 3650, PASS),
        # 1.5.4892.0 must be downloaded, so it is expected of nobody.
        (AUTOMATIC, day(2026, 11, 20), 60, PASS),
        ("1.5.4594.0", day(2026, 11, 20), 60, PASS),
    ],
)
def test_outdated(version: str, at: datetime, grace: int, expected: str) -> None:
    """A connector is outdated when it is older than what Microsoft installs by itself and had time to install."""
    seen = snapshot(connectors=[connector(version=version)], at=at)

    assert said("VER003", seen, {"auto_upgrade_grace_days": grace}) == {"id-PAR01": expected}


def test_the_day_is_counted_in_utc() -> None:
    """The same moment is the same day in whatever zone it was written."""
    moment = day(2025, 12, 9).astimezone(timezone(timedelta(hours=5)))
    seen = snapshot(connectors=[connector(version=AUTOMATIC_BEFORE)], at=moment)

    assert said("VER003", seen) == {"id-PAR01": PASS}


def test_a_catalogue_without_automatic_releases_expects_nothing() -> None:
    """Where Microsoft installs nothing by itself nobody can be late."""
    none = RELEASES.model_copy(update={"releases": tuple(r for r in RELEASES.releases if r.channel != "auto_upgrade")})
    judged = evidence(snapshot(connectors=[connector(version="1.5.36.0")]), releases=none)

    assert short(verdicts("VER003", judged)["id-PAR01"]) == PASS


LATE, AHEAD = connector("PAR01", version=AUTOMATIC_BEFORE), connector("PAR02", version=AUTOMATIC)
ODD = connector("PAR03", version=None)
SUSPECT = "the updater may not work, since a peer in the group has the version"


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        pytest.param([LATE, AHEAD], True, id="a peer has it"),
        pytest.param([LATE, ODD, AHEAD], True, id="one of two has it"),
        pytest.param([LATE, connector("PAR02", version=NEWEST)], True, id="a peer has a newer one"),
        pytest.param([LATE, connector("PAR02", version=AUTOMATIC_BEFORE)], False, id="the peer is late as well"),
        pytest.param([LATE, ODD], False, id="the peer has no version"),
        pytest.param([LATE], False, id="alone"),
        pytest.param(None, None, id="the group was not read"),
    ],
)
def test_peer_ahead(peers: list[Connector] | None, expected: bool | None) -> None:  # noqa: FBT001 - the table's answer
    """It is told whether another connector of the group has the version, or that nobody could see; never compared."""
    held = holds(members=unread()) if peers is None else holds(*peers)
    seen = snapshot({PARIS: held, LYON: holds(connector("LYO01"))}, connectors=[LATE])
    found = verdicts("VER003", evidence(seen))["id-PAR01"]

    assert found.evidence == {"version": "1.5.4364.0", "expected": "1.5.4522.0", "expected_since": "2025-10-10"}
    assert found.volatile["peer_has_it"] is expected
    assert found.volatile["likely_cause"] == (SUSPECT if expected else "unknown")
    assert not found.partial
    assert ("updater may not work" in found.message) == bool(expected)


@pytest.mark.parametrize("peers", [(AHEAD,), ()], ids=["a peer has it", "alone"])
def test_inactive_connector_stays_behind(peers: tuple[Connector, ...]) -> None:
    """A connector out of contact cannot be updated, so its updater is not blamed, whatever its peers have."""
    late = connector("PAR01", version=AUTOMATIC_BEFORE, status="inactive")
    found = verdicts("VER003", evidence(snapshot({PARIS: holds(late, *peers)})))["id-PAR01"]

    assert found.volatile["likely_cause"] == "connector is inactive"
    assert "suspect" not in found.message


def test_days_behind_are_an_age() -> None:
    """The days since the expected release grow by themselves, so they are shown and never compared."""
    found = verdicts("VER003", evidence(snapshot(connectors=[LATE])))["id-PAR01"]

    assert found.volatile["days_behind"] == 406
