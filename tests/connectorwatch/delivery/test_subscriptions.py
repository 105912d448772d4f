"""Which announcement goes over which lane, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectorwatch.channels.port import SERVICE
from connectorwatch.delivery.subscriptions import SENTINEL, WINDOW, AnyRoute, Routing, Subscription, Waiting
from findings.state.announcements import NotAssessed, OutboxEntry
from policies.policy_file.routes import GraphMailRoute, Person, QuietHours, TeamsRoute, WebhookRoute
from policies.vocabulary import Severity

NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)
A, B = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
NIGHT = QuietHours.model_validate({"from": "22:00", "to": "07:00", "zone": "UTC"})
SILENT = NIGHT.model_copy(update={"except_": None})


def entry(minutes: int = 0, severity: Severity | None = None, change: str = "new", **parts: object) -> OutboxEntry:
    """Return an announcement that is some minutes old."""
    changes = (
        [] if severity is None else [{"key": "GRP001/a", "rule": "GRP001", "change": change, "severity": severity}]
    )
    at = NOW - timedelta(minutes=minutes)
    return OutboxEntry.model_validate({"id": f"e{minutes}", "scan": "s", "at": at, "changes": changes, **parts})


LOST = (NotAssessed(rule="GRP001", subjects=1),)
DIGEST = entry(kind="digest")
OPS = TeamsRoute(id="ops", webhook="env:OPS")


@pytest.mark.parametrize(
    ("route", "subscriptions"),
    [
        (OPS, ["ops", "ops/service", "ops/digest"]),
        (TeamsRoute(id="ops", webhook="env:OPS", digest=False), ["ops", "ops/service"]),
        (TeamsRoute(id="ops", webhook="env:OPS", changes=False, service=False), ["ops/digest"]),
        (TeamsRoute(id="ops", webhook="env:OPS", changes=False, service=False, digest=False), []),
        (WebhookRoute(id="ops", webhook="env:OPS", secret="env:KEY"), ["ops", "ops/service", "ops/digest"]),
        (GraphMailRoute(id="ops", to=("a@b.example",), sender="c@d.example"), ["ops/digest"]),
    ],
)
def test_a_routes_subscriptions(route: AnyRoute, subscriptions: list[str]) -> None:
    """A route subscribes to each kind of message that is turned on; mail to the digest alone."""
    assert [subscription.key for subscription in Routing((route,)).subscriptions] == subscriptions


def test_the_table_hears_of_every_tenant_at_once_and_alone_of_the_inventory() -> None:
    """It waits for nobody, whatever routes a tenant names; what moved in the inventory alone is on no card."""
    routing = Routing((OPS, SENTINEL), {A: frozenset({"ops"})}, WINDOW)
    (subscription,) = (subscription for subscription in routing.subscriptions if subscription.route is SENTINEL)

    assert routing.subscriptions_of(A, entry(severity=Severity.LOW)) == frozenset({"ops", SENTINEL.id})
    assert routing.subscriptions_of(A, entry(inventory=1)) == frozenset({SENTINEL.id})
    assert routing.subscriptions_of(SERVICE, entry(severity=Severity.LOW)) == frozenset({"ops/service"})
    assert routing.subscriptions_of(A, entry(kind="scan")) == frozenset({SENTINEL.id})
    assert routing.due(subscription, [Waiting(A, (entry(inventory=1),))], NOW)


def test_what_goes_where() -> None:
    """Changes go to changes, lost permissions also to the service's lane, the service's own there alone, and so on."""
    routing = Routing((OPS,))

    assert routing.subscriptions_of(A, entry(severity=Severity.LOW)) == frozenset({"ops"})
    assert routing.subscriptions_of(A, entry(not_assessed=LOST)) == frozenset({"ops", "ops/service"})
    assert routing.subscriptions_of(SERVICE, entry(severity=Severity.LOW)) == frozenset({"ops/service"})
    assert routing.subscriptions_of(SERVICE, DIGEST) == frozenset({"ops/digest"})
    assert routing.subscriptions_of(A, entry(kind="poem")) is None
    assert (
        routing.subscriptions_of(A, entry(kind="scan"))
        == Routing().subscriptions_of(A, entry(kind="scan"))
        == frozenset()
    )
    assert Routing().subscriptions_of(A, entry()) == Routing().subscriptions_of(SERVICE, entry()) == frozenset({"log"})
    assert Routing().subscriptions_of(SERVICE, DIGEST) == frozenset()


def test_tenants_and_routes_choose_each_other() -> None:
    """A route hears the tenants that it names and that name it; without names it hears all."""
    north, south = (
        TeamsRoute(id="North", webhook="env:OPS", tenants=(A.upper(),)),
        TeamsRoute(id="south", webhook="env:OPS"),
    )
    routing = Routing((north, south), {B: frozenset({"south", "north"}), "c": frozenset({"north"})})

    assert routing.subscriptions_of(A, entry()) == frozenset({"North", "south"})
    assert routing.subscriptions_of(B, entry()) == frozenset({"south"})
    assert routing.subscriptions_of("c", entry()) == frozenset()


def test_a_lanes_wish() -> None:
    """A route's rules choose among what scans found, and say nothing about the service and the digest."""
    route = TeamsRoute(
        id="r", webhook="env:OPS", rules=("VER",), severity=Severity.HIGH, mentions=(Person(id="ada@x", name="Ada"),)
    )
    wishes = {subscription.kind: subscription.route_filter for subscription in Routing((route,)).subscriptions}

    assert (wishes["changes"].rules, wishes["service"].rules) == (("VER",), ())
    assert (wishes["changes"].threshold, wishes["changes"].mentions[0].name) == (Severity.HIGH, "Ada")


def due(routing: Routing, *entries: OutboxEntry, now: datetime = NOW) -> list[str]:
    """Return the announcements that are to be told over the first lane."""
    return [found.id for _, found in routing.due(routing.subscriptions[0], [Waiting(A, entries)], now)]


def test_one_tenant_does_not_wait() -> None:
    """Where there is one tenant only, what it has to tell is told at once."""
    assert due(Routing((OPS,)), entry(0)) == ["e0"]


def test_a_fleet_gathers_for_ten_minutes() -> None:
    """Nothing is told until the oldest announcement is ten minutes old, and then all at once."""
    fleet = Routing((OPS,), window=WINDOW)

    assert due(fleet, entry(9), entry(0)) == []
    assert due(fleet, entry(10), entry(0)) == ["e10", "e0"]
    tried = entry(0).tried("ops", NOW - timedelta(minutes=5))
    assert due(fleet, tried, entry(1)) == ["e0", "e1"]  # what has been tried has waited
    assert due(Routing(window=WINDOW), entry(0)) == ["e0"]  # the log gathers nothing
    digest = Subscription(OPS, "digest")
    assert fleet.due(digest, [Waiting(SERVICE, (DIGEST,))], NOW) == [(SERVICE, DIGEST)]


@pytest.mark.parametrize(
    ("hours", "told", "heard"),
    [
        (NIGHT, entry(severity=Severity.HIGH), False),
        (NIGHT, entry(severity=Severity.CRITICAL), True),
        (NIGHT, entry(severity=Severity.CRITICAL, change="resolved"), False),
        (NIGHT, entry(not_assessed=LOST), False),
        (SILENT, entry(severity=Severity.CRITICAL), False),
        (NIGHT.model_copy(update={"except_": Severity.LOW}), entry(severity=Severity.HIGH), True),
        (None, entry(severity=Severity.LOW), True),
    ],
)
def test_quiet_hours(hours: QuietHours | None, told: OutboxEntry, heard: bool) -> None:  # noqa: FBT001 - one case a line
    """At night only what is bad enough is told, unless nothing is; what waits is told in the morning."""
    routing = Routing((TeamsRoute(id="ops", webhook="env:OPS", quiet=hours),))

    assert bool(due(routing, told)) is heard
    assert due(routing, told, now=NOW + timedelta(hours=8)) == ["e0"]


entries = st.builds(
    lambda minutes, change, delivered, tried: (
        entry(minutes, change).delivered_to("ops", NOW)
        if delivered
        else entry(minutes, change).tried("ops", NOW - timedelta(minutes=tried))
        if tried
        else entry(minutes, change)
    ),
    st.integers(0, 30),
    st.sampled_from([None, *Severity]),
    st.booleans(),
    st.integers(0, 3),
)


@given(
    st.lists(st.tuples(st.sampled_from([A, B]), st.lists(entries, max_size=4)), max_size=4),
    st.sampled_from([None, NIGHT, SILENT]),
    st.sampled_from([WINDOW, timedelta(0)]),
    st.sampled_from([(), (A,)]),
)
def test_batching_always(
    tenants: list[tuple[str, list[OutboxEntry]]],
    hours: QuietHours | None,
    window: timedelta,
    only: tuple[str, ...],
) -> None:
    """All or nothing of what may be told goes out at once; nothing that was told, and nothing older is left behind."""
    routing = Routing((TeamsRoute(id="ops", webhook="env:OPS", quiet=hours, tenants=only),), window=window)
    subscription = routing.subscriptions[0]
    waiting = [Waiting(tenant, tuple(each)) for tenant, each in tenants]
    told = routing.due(subscription, waiting, NOW)
    may = [
        (one.id, each)
        for one in waiting
        for each in one.entries
        if routing.concerns(subscription, one.id, each)
        and each.is_free("ops", NOW)
        and not subscription.is_quiet(each, NOW)
    ]

    assert told in ([], may)
    assert not [each for _, each in told if "ops" in each.delivered]
    if not told:
        assert all(NOW - each.at < window and not each.attempts for _, each in may)
    later = routing.due(subscription, waiting, NOW + timedelta(hours=12))
    assert {id(each) for _, each in later} >= {id(each) for _, each in may}
