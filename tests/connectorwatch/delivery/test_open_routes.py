"""From settings and policy to what arrives: routes that work, routes that do not, and what is told of those."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import SettingsError, UndeliverableError
from connectorwatch.delivery.open_routes import open_route, routes_of, routing_of
from connectorwatch.delivery.subscriptions import MissingRoute
from connectorwatch.scanning.latest_and_views import stored_state
from connectorwatch.service.delivery import deliver_all, deliver_of, send_digest
from connectorwatch.service.own_state import FLEET, change_fleet, read_fleet, tenant_subject, with_verdicts
from connectorwatch.service.own_state import NOT_SCANNED as RULE
from policies.policy_file.routes import RouteEntry, TeamsRoute, routes_of_entries
from policies.vocabulary import Outcome
from tests.connectorwatch.channels.workflow import SIGNATURE, error, status
from tests.connectorwatch.delivery.world import T, announced, environment, service
from tests.connectorwatch.service.making import NOW, B

if TYPE_CHECKING:
    from pathlib import Path

    from findings.state.record import FindingState
    from findings.stores.ports import Store
    from tests.connectorwatch.channels.workflow import Workflow

TWO = """
routes:
  - {id: ops, webhook: env:OPS, digest: false}
  - {id: night, webhook: env:NIGHT, digest: false}
"""


def cards(flow: Workflow) -> list[str]:
    """Return the cards that arrived, as text."""
    envelopes = [json.loads(heard.body) for heard in flow.heard]
    assert {part["contentType"] for one in envelopes for part in one["attachments"]} <= {
        "application/vnd.microsoft.card.adaptive"
    }
    return [json.dumps(one, ensure_ascii=False) for one in envelopes]


def trouble(store: Store, route: str) -> FindingState:
    """Return what the service says of a route."""
    return read_fleet(store).findings[f"SVC003/{route}"]


def test_without_routes_there_is_the_log(tmp_path: Path) -> None:
    """An installation that configures none has none, and what it has to tell goes to the log."""
    own = service(environment(tmp_path))
    announced(own.store)

    assert routes_of(own.settings) == ()
    assert deliver_all(own).sent == 1
    assert not send_digest(own).sent


def test_the_setting_makes_the_default_route(tmp_path: Path, flow: Workflow) -> None:
    """One setting is enough for cards; a card leads to the report, and 202 is recorded as accepted, not as shown."""
    own = service(
        environment(
            tmp_path, CONNECTORWATCH_TEAMS_WEBHOOK_URL=flow.url, CONNECTORWATCH_PUBLIC_URL="https://connectors.example/"
        )
    )
    announced(own.store)

    assert deliver_of(own, T).sent == 1

    (card,) = cards(flow)
    assert "Paris" in card
    assert SIGNATURE not in card
    receipts = stored_state(own.store, T)[0].announcement_memory.receipts
    assert [(one.lane, one.result) for one in receipts] == [("default", "accepted")]
    assert deliver_all(own).sent == 0


def test_a_policy_may_set_the_default_route_up(tmp_path: Path) -> None:
    """A route of that name in the policy takes the place of the usual one, and may use its address."""
    variables = environment(
        tmp_path,
        "routes: [{id: Default, webhook: env:CONNECTORWATCH_TEAMS_WEBHOOK_URL, severity: high}]",
        CONNECTORWATCH_TEAMS_WEBHOOK_URL="https://x.logic.azure.com/w",
    )
    own = service(variables)

    (route,) = routes_of(own.settings)
    assert isinstance(route, TeamsRoute)
    assert route.severity == "high"
    assert open_route(route, own.settings, variables) is not None


def test_routes_have_their_own_rules_severities_and_tenants(tmp_path: Path, flow: Workflow) -> None:
    """Each route hears what it asks for, and nothing else."""
    policy = f"""
routes:
  - {{id: all, webhook: env:OPS}}
  - {{id: versions, webhook: env:OPS, rules: [VER]}}
  - {{id: worst, webhook: env:OPS, severity: critical}}
  - {{id: other, webhook: env:OPS, tenants: [{B}]}}
"""
    own = service(environment(tmp_path, policy, OPS=flow.url))
    announced(own.store)

    deliver_all(own)

    assert len(cards(flow)) == 1
    receipts = stored_state(own.store, T)[0].announcement_memory.receipts
    told = {one.lane: one.result for one in receipts}
    assert told == {"all": "accepted", "versions": "nothing", "worst": "nothing"}


def test_a_route_that_refuses_is_a_finding_told_over_the_others(tmp_path: Path, flow: Workflow) -> None:
    """SVC003 opens with the reason, other routes tell of it and the route itself does not; a success resolves it."""
    variables = environment(tmp_path, TWO, OPS=flow.url, NIGHT=f"{flow.url}&night")
    own = service(variables)
    announced(own.store)
    flow.answers[:] = [error(404, "WorkflowNotFound")]

    done = deliver_all(own)

    assert (done.sent, done.failed) == (3, 1)  # the change over `night`, SVC003 over `night`, none of it over `ops`
    found = trouble(own.store, "ops")
    assert (found.state, found.severity, found.subject.type, found.evidence) == (
        "open", "medium", "route", {"kind": "refused"}
    )  # fmt: skip
    assert "it answered 404 WorkflowNotFound: it is gone" in found.message
    assert [heard.path.endswith("&night") for heard in flow.heard] == [False, True, True]
    assert "SVC003" in cards(flow)[2]
    assert stored_state(own.store, T)[0].outbox == ()
    assert read_fleet(own.store).outbox == ()
    assert deliver_all(own).routes == {}

    announced(own.store, 2)
    deliver_all(service(variables, NOW + timedelta(days=1)))
    assert trouble(own.store, "ops").state == "resolved"


def test_the_same_trouble_is_no_news(tmp_path: Path, flow: Workflow) -> None:
    """A route that refuses every day opens one finding, and writes nothing more."""
    variables = environment(tmp_path, CONNECTORWATCH_TEAMS_WEBHOOK_URL=flow.url)
    own = service(variables)
    flow.answers[:] = [status(400)] * 9
    for day in range(3):
        announced(own.store, day)
        deliver_all(service(variables, NOW + timedelta(days=day)))

    fleet = read_fleet(own.store)
    assert (len(fleet.scans), trouble(own.store, "default").state) == (1, "open")
    assert len(flow.heard) == 3


def test_trouble_of_a_route_that_is_no_more_is_over(tmp_path: Path, flow: Workflow) -> None:
    """When a route is taken out of the policy, what was said of it resolves."""
    own = service(environment(tmp_path, TWO, OPS=flow.url))
    announced(own.store)
    deliver_all(own)
    assert (trouble(own.store, "night").state, trouble(own.store, "night").evidence) == ("open", {"kind": "unusable"})
    assert "NIGHT, which the route night names, is not set: set it." in trouble(own.store, "night").message

    deliver_all(service(environment(tmp_path, "routes: [{id: ops, webhook: env:OPS}]", OPS=flow.url)))
    assert trouble(own.store, "night").state == "resolved"


@pytest.mark.parametrize(
    ("route", "variables", "said"),
    [
        ({"webhook": "env:OPS"}, {}, "OPS, which the route ops names, is not set: set it."),
        ({"webhook": "env:OPS"}, {"OPS": "  "}, "is not set"),
        ({"webhook": "env:OPS"}, {"OPS": "https://contoso.webhook.office.com/x"}, "make a Workflow"),
        ({"kind": "webhook", "webhook": "env:OPS", "secret": "env:S"}, {"OPS": "https://127.0.0.1/x"}, "S, which"),
        ({"kind": "webhook", "webhook": "env:OPS", "secret": "env:S"}, {"S": "whsec_!!!"}, "S holds no secret of"),
        ({"kind": "webhook", "webhook": "env:OPS", "secret": "env:S"}, {"S": "a"}, "S holds no secret of"),
        ({"kind": "webhook", "webhook": "env:OPS", "secret": "env:S"}, {"S": "YWJj"}, "S holds no secret of"),
        ({"kind": "mail", "to": ["c@d.de"], "sender": "a@b.de", "smtp": "x", "password": "env:P"}, {}, "P, which"),
    ],
)
def test_a_route_that_is_not_set_up_says_what_is_missing(
    tmp_path: Path, route: dict[str, Any], variables: dict[str, str], said: str
) -> None:
    """What is missing or wrong is told by the variable's name, never by its value."""
    variables = environment(tmp_path, **{"OPS": "https://127.0.0.1/x", **variables} if "S" in variables else variables)
    own = service(variables)

    (opened,) = routes_of_entries([RouteEntry(id="ops", **route)])
    with pytest.raises(UndeliverableError) as caught:
        open_route(opened, own.settings, variables)
    assert said in str(caught.value)


def test_a_route_that_only_the_list_of_tenants_names_is_reported(tmp_path: Path) -> None:
    """Opening a route that the policy lacks names both places where the mistake may be."""
    variables = environment(tmp_path)

    with pytest.raises(UndeliverableError, match=r"names the route ops and the policy has none of that id"):
        open_route(MissingRoute(id="ops"), service(variables).settings, variables)


def fleet(tmp_path: Path, flow: Workflow, routes: str = "") -> dict[str, str]:
    """Return the environment of an installation with two tenants."""
    entries = f"tenants:\n  - {{id: {T}{routes}}}\n  - {{id: {B}}}\n"
    (tmp_path / "tenants.yaml").write_text(entries, encoding="utf-8")
    named = {"CONNECTORWATCH_TENANTS": str(tmp_path / "tenants.yaml")}
    return environment(tmp_path, **named, CONNECTORWATCH_TEAMS_WEBHOOK_URL=flow.url)


def test_changes_of_many_tenants_are_one_card(tmp_path: Path, flow: Workflow) -> None:
    """A fleet's changes are gathered for ten minutes and told at once; nothing is told at the end of a scan."""
    variables = fleet(tmp_path, flow)
    own = service(variables)
    announced(own.store, tenant=T, name="Contoso")
    announced(own.store, tenant=B, at=NOW + timedelta(minutes=9), name="Fabrikam")

    assert deliver_of(own, T).sent == 0
    assert deliver_all(service(variables, NOW + timedelta(minutes=9))).sent == 0
    assert deliver_all(service(variables, NOW + timedelta(minutes=10))).sent == 2

    (card,) = cards(flow)
    assert ("Contoso" in card, "Fabrikam" in card) == (True, True)


def test_a_tenant_may_name_its_routes(tmp_path: Path, flow: Workflow) -> None:
    """A route that the list names and nobody defines is trouble, and keeps what it should tell for a day."""
    variables = fleet(tmp_path, flow, ", routes: [Nobody]")
    own = service(variables, NOW + timedelta(hours=1))
    announced(own.store, tenant=T)
    announced(own.store, tenant=B)

    assert deliver_all(own).sent == 1

    assert "The list of tenants names the route nobody" in trouble(own.store, "nobody").message
    assert len(stored_state(own.store, T)[0].outbox) == 1
    assert routing_of(own.settings).subscriptions_of(B, stored_state(own.store, T)[0].outbox[0]) == frozenset(
        {"default"}
    )


def test_a_tenant_names_no_nonsense(tmp_path: Path, flow: Workflow) -> None:
    """What cannot be a route's id is refused with the tenant that names it."""
    own = service(fleet(tmp_path, flow, ", routes: [../../state]"))

    with pytest.raises(SettingsError, match=f"names a route for {T} that cannot be one"):
        deliver_all(own)


def test_the_services_own_news(tmp_path: Path, flow: Workflow) -> None:
    """What is wrong with the service is told over routes that want to hear it, and over no other."""
    policy = TWO.replace("id: night", "id: night, service: false")
    own = service(environment(tmp_path, policy, OPS=flow.url, NIGHT=f"{flow.url}&night"))
    verdict = RULE.verdict(Outcome.FAIL, tenant_subject(T, "Contoso"), "The tenant was never scanned.")
    change_fleet(own.store, lambda state: with_verdicts(state, "late-1", NOW, [verdict]))

    assert deliver_of(own, FLEET).sent == 1

    (card,) = cards(flow)
    assert "never scanned" in card
    assert not flow.heard[0].path.endswith("&night")


def test_a_digest_is_sent_once_a_week(tmp_path: Path, flow: Workflow) -> None:
    """However often the timer fires, a route has one digest a week, and another one where somebody asks for it."""
    variables = environment(tmp_path, CONNECTORWATCH_TEAMS_WEBHOOK_URL=flow.url)
    own = service(variables)
    announced(own.store)
    deliver_all(own)
    flow.heard.clear()

    assert [send_digest(own).sent for _ in range(2)] == [1, 0]
    assert send_digest(own, again=True).sent == 1
    assert send_digest(service(variables, NOW + timedelta(days=7))).sent == 1
    assert len(cards(flow)) == 3


def test_a_digest_that_fails_is_tried_again(tmp_path: Path, flow: Workflow) -> None:
    """It waits in the service's outbox like everything else."""
    variables = environment(tmp_path, CONNECTORWATCH_TEAMS_WEBHOOK_URL=flow.url)
    flow.answers[:] = [status(429, Retry_After="3600")]

    assert send_digest(service(variables)).failed == 1
    assert deliver_all(service(variables, NOW + timedelta(minutes=59))).sent == 0
    assert deliver_all(service(variables, NOW + timedelta(hours=1))).sent == 1


def test_quiet_hours_hold_and_then_tell(tmp_path: Path, flow: Workflow) -> None:
    """What happens at night is told in the morning, in one card."""
    policy = "routes: [{id: ops, webhook: env:OPS, quiet: {from: '22:00', to: '08:00', zone: Europe/Berlin}}]"
    variables = environment(tmp_path, policy, OPS=flow.url)  # NOW is 07:00 in Berlin
    own = service(variables)
    announced(own.store, 1)
    announced(own.store, 2)

    assert deliver_all(own).sent == 0
    assert deliver_all(service(variables, NOW + timedelta(hours=1))).sent == 2
    assert len(cards(flow)) == 1
