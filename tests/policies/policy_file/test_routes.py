"""Routes in the policy file: what they say is understood, what they must not say is refused, and no secret is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import PolicyError
from policies.policy_file.read import LoadedPolicy, parse_policy
from policies.policy_file.routes import (
    GraphMailRoute,
    Person,
    QuietHours,
    SmtpRoute,
    TeamsRoute,
    WebhookRoute,
    variable,
)
from policies.vocabulary import Severity

RULES = frozenset({"GRP001", "VER003"})
TENANT = "3f1c2b7a-5d0e-4c7b-9a55-0c6f1e2d3b4a"
SECRET = "https://prod-1.westeurope.logic.azure.com/workflows/abc?sig=planted-signature"


def loaded(text: str) -> LoadedPolicy:
    """Return the policy that a text says."""
    return parse_policy(text, "policy.yaml", RULES)


def complaint(text: str) -> str:
    """Return what is said when a text is refused as a policy."""
    with pytest.raises(PolicyError) as caught:
        loaded(text)
    return str(caught.value)


def one(keys: str) -> str:
    """Return a policy with one route that has these keys besides an id and a webhook."""
    return f"routes:\n  - id: ops\n    webhook: env:OPS\n    {keys}\n"


def test_everything_is_understood() -> None:
    """Each key of a route arrives, and those left out have their defaults."""
    text = f"""
routes:
  - id: ops
    kind: teams
    webhook: env:OPS_WEBHOOK
    severity: high
    rules: [VER, GRP001, SVC003]
    tenants: [{TENANT.upper()}]
    mentions: [{{id: ada@contoso.example, name: Ada}}]
    quiet: {{from: "22:00", to: "07:00", zone: Europe/Berlin, except: high}}
    digest: false
    service: false
  - {{id: siem, kind: webhook, webhook: env:SIEM, secret: env:SIEM_SECRET, changes: false}}
  - {{id: boss, kind: mail, to: [boss@contoso.example], sender: c@contoso.example, smtp: "mail.example:25", user: u,
     password: env:SMTP_PASSWORD}}
  - {{id: main, webhook: env:CONNECTORWATCH_TEAMS_WEBHOOK_URL}}
"""
    ops, siem, boss, main = loaded(text).routes

    assert ops == TeamsRoute(
        id="ops",
        webhook="env:OPS_WEBHOOK",
        severity=Severity.HIGH,
        rules=("VER", "GRP001", "SVC003"),
        tenants=(TENANT.upper(),),
        mentions=(Person(id="ada@contoso.example", name="Ada"),),
        quiet=QuietHours.model_validate({"from": "22:00", "to": "07:00", "zone": "Europe/Berlin", "except": "high"}),
        digest=False,
        service=False,
    )
    assert (ops.covers(TENANT), ops.covers("another"), siem.covers("another")) == (True, False, True)
    assert isinstance(siem, WebhookRoute)
    assert isinstance(boss, SmtpRoute)
    assert isinstance(main, TeamsRoute)
    assert (siem.kind, siem.secret, siem.changes, siem.severity) == ("webhook", "env:SIEM_SECRET", False, Severity.LOW)
    assert (boss.to, boss.smtp, boss.user) == (("boss@contoso.example",), "mail.example:25", "u")
    assert variable(main.webhook) == "CONNECTORWATCH_TEAMS_WEBHOOK_URL"


@pytest.mark.parametrize(
    ("keys", "kind", "subscribed"),
    [
        ("webhook: env:A", TeamsRoute, ("changes", "service", "digest")),
        ("kind: teams, webhook: env:A, service: false", TeamsRoute, ("changes", "digest")),
        ("kind: webhook, webhook: env:A, secret: env:S", WebhookRoute, ("changes", "service", "digest")),
        ("kind: mail, to: [a@b.example], sender: c@d.example", GraphMailRoute, ("digest",)),
        ("kind: mail, to: [a@b.example], sender: c@d.example, smtp: mail.example", SmtpRoute, ("digest",)),
        ("kind: mail, to: [a@b.example], sender: c@d.example, digest: false", GraphMailRoute, ()),
    ],
)
def test_a_route_is_of_its_kind(keys: str, kind: type, subscribed: tuple[str, ...]) -> None:
    """The kind, and for mail its server, decide what a route is and which messages it can receive."""
    (route,) = loaded(f"routes: [{{id: ops, {keys}}}]").routes

    assert (type(route), route.subscribed) == (kind, subscribed)


def test_routes_judge_nothing() -> None:
    """Routes are no part of the policy that judges and is stored, and a bare heading is none."""
    assert "routes" not in loaded(one("severity: high")).policy.model_dump()
    assert loaded("routes:\n").routes == ()


@pytest.mark.parametrize("key", ["webhook", "secret", "password"])
@pytest.mark.parametrize(
    "value", [SECRET, f"[{SECRET}]", f"env:{SECRET}", "env:", "'env:A B'", "5", "true", f"env:A\n{SECRET}"]
)
def test_a_secret_in_the_file_is_refused_with_its_line_and_not_shown(key: str, value: str) -> None:
    """Whatever stands where the name of a variable belongs is refused, and the complaint does not repeat it."""
    said = complaint(f"routes:\n  - id: ops\n    {key}: {value!r}\n".replace("'[", "[").replace("]'", "]"))

    assert f"line 3, routes.0.{key}: must be env:NAME" in said
    assert "planted" not in said
    assert "logic.azure.com" not in said


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("webhook: env:CONNECTORWATCH_TENANT_ID", "names that begin with CONNECTORWATCH_ are settings"),
        ("rules: [VER003, XYZ001]", 'routes.0.rules: unknown rule "XYZ001", known are'),
        ("rules: [VER03]", 'did you mean "VER003"?'),
        ("tenants: [contoso]", 'routes.0.tenants: must be ids of tenants; it says "contoso"'),
        ("severity: bad", "routes.0.severity: must be 'critical', 'high'"),
        ("digset: true", 'routes.0.digset: unknown key, did you mean "digest"?'),
        ("secret: env:S", "routes.0.secret: a route of the kind teams has none"),
        ("smtp: mail.example", "routes.0.smtp: a route of the kind teams has none"),
        ("kind: pager", "routes.0.kind: must be"),
        ("kind: webhook", "line 2, routes.0: a route of the kind webhook needs secret; add it"),
        ("quiet: {from: '22:00', to: '25:00', zone: UTC}", "routes.0.quiet.to: "),
        ("quiet: {from: '22:00', to: '23:00', zone: Middle/Earth}", "must be the IANA name of a time zone"),
        ("quiet: {from: '22:00', to: '23:00', zone: ../../etc/passwd}", "must be the IANA name of a time zone"),
        ("quiet: {from: '22:00', to: '23:00'}", "routes.0.quiet.zone: is missing"),
        ("mentions: [{id: 'a b', name: x}]", "routes.0.mentions.0.id: "),
    ],
)
def test_what_makes_no_sense_is_refused(keys: str, said: str) -> None:
    """A mistake in a route is told with its place, and with what is allowed."""
    text = one(keys).replace("    webhook: env:OPS\n", "") if keys.startswith("webhook") else one(keys)
    assert said in complaint(text)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("sender: c@contoso.example", "routes.0: a route of the kind mail needs to; add it"),
        ("to: [a@b.example]", "routes.0: a route of the kind mail needs sender; add it"),
        ("to: ['a@b.example\\nBcc: x@y.example'], sender: c@d.example", "routes.0.to: must be a mail address"),
        ('to: ["a@b.example\\r\\nBcc: x@y.example"], sender: c@d.example', "routes.0.to: must be a mail address"),
        ("to: [a@b.example], sender: 'X <c@d.example>'", "routes.0.sender: must be a mail address"),
        ("to: [a@b.example], sender: c@d.example, smtp: 'a b'", "routes.0.smtp: must be a host"),
        ("to: [a@b.example], sender: c@d.example, smtp: a..b", "routes.0.smtp: must be a host"),
        ("to: [a@b.example], sender: c@d.example, smtp: 'a.b:65536'", "routes.0.smtp: must be a host"),
        ("to: [a@b.example], sender: c@d.example, smtp: 'a.b:0'", "routes.0.smtp: must be a host"),
        (
            "to: [a@b.example], sender: c@d.example, webhook: env:A",
            "routes.0.webhook: a route of the kind mail has none",
        ),
    ],
)
def test_mail_needs_addresses_and_nothing_else(keys: str, said: str) -> None:
    """Addresses are plain ones, so that no line of a header can be smuggled in."""
    assert said in complaint(f"routes:\n  - {{id: boss, kind: mail, {keys}}}\n")


def test_an_id_is_there_once() -> None:
    """Two routes may not share an id, whatever its case."""
    text = "routes:\n  - {id: ops, webhook: env:A}\n  - {id: Ops, webhook: env:B}\n"
    assert "line 3, routes.1.id: the same id as on line 2" in complaint(text)


@pytest.mark.parametrize("text", ["routes: 5", "routes: [5]", "routes: [[]]", "routes: [{id: 5}]", "routes: {a: b}"])
def test_what_is_no_list_of_routes_is_refused(text: str) -> None:
    """Whatever stands in place of routes is a complaint, never a traceback."""
    assert "policy.yaml" in complaint(text)


def test_a_tenants_override_has_no_routes() -> None:
    """Routes stand at the top of the base file alone."""
    assert "unknown key" in complaint(f"tenants:\n  {TENANT}:\n    routes: []\n")


def quiet(begin: str, end: str, zone: str = "Europe/Berlin") -> QuietHours:
    """Return quiet hours."""
    return QuietHours.model_validate({"from": begin, "to": end, "zone": zone})


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2026-11-20T20:59:59+00:00", False),
        ("2026-11-20T21:00:00+00:00", True),
        ("2026-11-21T05:59:59+00:00", True),
        ("2026-11-21T06:00:00+00:00", False),
        # In summer the same hours of the wall clock are an hour earlier in UTC.
        ("2026-07-20T19:59:59+00:00", False),
        ("2026-07-20T20:00:00+00:00", True),
        ("2026-07-21T04:59:59+00:00", True),
        ("2026-07-21T05:00:00+00:00", False),
        # The night on which the clock goes from 02:00 to 03:00, and the one on which 02:30 comes twice.
        ("2026-03-29T04:59:59+00:00", True),
        ("2026-03-29T05:00:00+00:00", False),
        ("2026-10-25T05:59:59+00:00", True),
        ("2026-10-25T06:00:00+00:00", False),
    ],
)
def test_quiet_hours_follow_the_clock_on_the_wall(moment: str, holds: bool) -> None:  # noqa: FBT001 - one case a line
    """From 22 to 7 in Berlin, in winter, in summer, and in both nights in which the clocks are changed."""
    assert quiet("22:00", "07:00").holds(datetime.fromisoformat(moment)) is holds


def test_quiet_hours_within_a_day() -> None:
    """Hours that end on the day they begin on, and hours without length, which are none."""
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert quiet("12:00", "13:00", "UTC").holds(noon)
    assert not quiet("12:30", "13:00", "UTC").holds(noon)
    assert not quiet("12:00", "12:00", "UTC").holds(noon)


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
    st.times(),
    st.times(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_quiet_hours_always_end(moment: datetime, begin: object, end: object, zone: str) -> None:
    """Whatever the hours and the zone, within a day and an hour there is a moment outside of them."""
    hours = quiet(f"{begin:%H:%M}", f"{end:%H:%M}", zone)
    now = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    assert any(not hours.holds(now + timedelta(minutes=step)) for step in range(25 * 60))
