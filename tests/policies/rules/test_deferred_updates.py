"""VER003 where the tenant defers updates: the connector stays outdated, and its updater is not blamed."""

from __future__ import annotations

import pytest
from pydantic_core import to_json

from inventory.updates.configuration import UpdaterConfiguration
from tests.making import AUTOMATIC, AUTOMATIC_BEFORE, NOW, connector, evidence, group, holds, snapshot
from tests.policies.judging import short, verdicts

LATE, AHEAD = connector("PAR01", version=AUTOMATIC_BEFORE), connector("PAR02", version=AUTOMATIC)
SEEN = snapshot({group("Paris"): holds(LATE, AHEAD)})
BLAME = "; another connector of its group has it, so this server's updater may not work"


def updater(until: object = None, *, override: object = False, window: object = None) -> UpdaterConfiguration:
    """Return an updater's settings as Graph sends them."""
    fields = {"allowUpdateConfigurationOverride": override, "deferUpdateDateTime": until, "updateWindow": window}
    return UpdaterConfiguration.model_validate_json(to_json(fields))


@pytest.mark.parametrize(
    ("settings", "ending"),
    [
        pytest.param(None, BLAME, id="not read"),
        pytest.param(updater(), BLAME, id="no date"),
        pytest.param(updater("0001-01-01T00:00:00Z"), BLAME, id="never"),
        pytest.param(updater("0001-01-01T00:00:00+14:00"), BLAME, id="before all dates"),
        pytest.param(updater("2026-11-20T06:00:00Z"), BLAME, id="just over"),
        pytest.param(updater("2026-12-24T12:00:00Z"), "; updates are deferred until 24 December 2026", id="deferred"),
        pytest.param(updater("2026-12-24T12:00"), "; updates are deferred until 24 December 2026", id="no zone"),
        pytest.param(
            updater("2026-12-24T00:01:51.6975020+03:00"), "; updates are deferred until 23 December 2026", id="a zone"
        ),
        pytest.param(updater("2026-12-24T12:00:00Z", override=True), BLAME, id="overridden"),
        pytest.param(updater("2026-12-24T12:00:00Z", override=None), "until 24 December 2026", id="override null"),
        pytest.param(updater("soon"), BLAME, id="no date at all"),
        pytest.param(updater(""), BLAME, id="empty"),
    ],
)
def test_deferral(settings: UpdaterConfiguration | None, ending: str) -> None:
    """A date to come is told instead of the updater, whose fault is no more than possible; the verdict stays."""
    found = verdicts("VER003", evidence(SEEN.model_copy(update={"updater": settings})))["id-PAR01"]

    assert short(found) == "fail medium"
    assert found.message.endswith(ending)
    assert ("updates_deferred_until" in found.volatile) == ("deferred" in ending or "until" in ending)
    assert found.volatile["likely_cause"] == (
        "the updater may not work, since a peer in the group has the version"
        if ending == BLAME
        else "updates are deferred by the tenant"
    )


def test_what_is_deferred_is_never_compared() -> None:
    """Reading the settings or not, and a date that moves, change no finding."""
    settings = (None, updater("2026-12-24T12:00:00Z"), updater("2027-12-24T12:00:00Z"))
    found = [verdicts("VER003", evidence(SEEN.model_copy(update={"updater": one}))) for one in settings]

    assert found[0]["id-PAR01"].evidence == found[1]["id-PAR01"].evidence == found[2]["id-PAR01"].evidence


@pytest.mark.parametrize(
    ("window", "hours"),
    [
        ({"updateWindowStartTime": "0:00:00", "updateWindowEndTime": "23:59:00.0000000"}, "0:00 to 23:59"),
        ({"updateWindowStartTime": "02:00:00", "updateWindowEndTime": None}, None),
        ({"updateWindowStartTime": "=cmd", "updateWindowEndTime": "04:00:00"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_window(window: object, hours: str | None) -> None:
    """The hours of updates are shown where both ends are times."""
    found = verdicts("VER003", evidence(SEEN.model_copy(update={"updater": updater(window=window)})))["id-PAR01"]

    assert updater(window=window).hours == hours
    assert found.volatile.get("update_window") == hours


def test_no_deferral_is_told_of_what_is_up_to_date() -> None:
    """A connector that has the expected version passes as ever."""
    later = SEEN.model_copy(update={"updater": updater("2026-12-24T12:00:00Z")})

    assert short(verdicts("VER003", evidence(later))["id-PAR02"]) == "pass"
    assert updater("2026-12-24T12:00:00Z").deferred_until(NOW) is not None
