"""What other routes than Teams send: signed messages, and mail that needs a token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from common.errors import DeliveryError, UndeliverableError
from connectorwatch.channels.port import Message
from connectorwatch.delivery.open_routes import open_route, routes_of, routing_of, webhook_channel
from connectorwatch.service.delivery import deliver_all, send_digest
from connectorwatch.service.own_state import NOT_SCANNED as RULE
from connectorwatch.service.own_state import change_fleet, tenant_subject, with_verdicts
from connectorwatch.wiring import Choices, policy_of, settings_of
from policies.policy_file.routes import WebhookRoute
from policies.vocabulary import Outcome
from tests.connectorwatch.delivery.world import HIDDEN_SECRET, T, announced, environment, service
from tests.connectorwatch.service.making import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectorwatch.channels.workflow import Workflow

WEBHOOK = "routes: [{id: siem, kind: webhook, webhook: env:SIEM, secret: env:SIEM_SECRET}]"


def test_a_webhook_is_signed(tmp_path: Path, flow: Workflow) -> None:
    """The message is verified by the library that receivers use; one byte changed, it is not."""
    variables = environment(tmp_path, WEBHOOK, SIEM=flow.url, SIEM_SECRET=HIDDEN_SECRET)
    own = service(variables)
    announced(own.store)
    settings = settings_of(Choices(), variables)
    (route,) = routes_of(settings)
    assert isinstance(route, WebhookRoute)
    webhook_channel(route, settings, variables).test(route.id, lambda: Message("digest", NOW))
    heard = flow.heard[-1]

    assert Webhook(HIDDEN_SECRET).verify(heard.body, dict(heard.headers))["type"] == "connectorwatch.test"
    with pytest.raises(WebhookVerificationError):
        Webhook(HIDDEN_SECRET).verify(heard.body.replace(b"test", b"text"), dict(heard.headers))

    deliver_all(own)
    told = json.loads(flow.heard[-1].body)
    assert (told["schema"], told["type"]) == ("connectorwatch.webhook/v1", "connectorwatch.changes")
    (announcement,) = told["data"]["announcements"]
    assert announcement["tenant"] == {"id": T, "name": "Contoso"}
    (finding,) = announcement["findings"]
    assert (finding["key"], finding["change"], finding["subject"]["name"]) == ("GRP001/paris", "new", "Paris")
    assert finding["message"] == "one of two machines is active"


def test_a_webhooks_digest(tmp_path: Path, flow: Workflow) -> None:
    """It is told how each tenant stands, as the view has it, and what goes wrong with the service."""
    variables = environment(tmp_path, WEBHOOK, SIEM=flow.url, SIEM_SECRET=HIDDEN_SECRET)
    own = service(variables)
    announced(own.store)
    deliver_all(own)
    send_digest(own)

    told = json.loads(flow.heard[-1].body)
    assert told["type"] == "connectorwatch.digest"
    assert [row["tenant"] for row in told["data"]["tenants"]] == [T]

    verdict = RULE.verdict(Outcome.FAIL, tenant_subject(T, "Contoso"), "The tenant was never scanned.")
    change_fleet(own.store, lambda state: with_verdicts(state, "late-1", NOW, [verdict]))
    deliver_all(own)
    told = json.loads(flow.heard[-1].body)
    assert (told["type"], told["data"]["announcements"][0]["tenant"]["id"]) == ("connectorwatch.service", "_fleet")


def test_mail_by_graph_needs_a_token(tmp_path: Path) -> None:
    """Where none can be had mail waits, and what is missing is said."""
    variables = environment(
        tmp_path,
        "routes: [{id: boss, kind: mail, to: [boss@contoso.example], sender: c@contoso.example}]",
        CONNECTORWATCH_CREDENTIAL="token",
    )
    with pytest.raises(DeliveryError, match="CONNECTORWATCH_GRAPH_TOKEN must be set") as caught:
        _mail(variables)
    assert not isinstance(caught.value, UndeliverableError)
    with pytest.raises(DeliveryError, match=r"^there is no token for Graph \(CredentialUnavailableError\)$"):
        _mail(variables | {"CONNECTORWATCH_CREDENTIAL": "cli", "PATH": ""})


def _mail(variables: dict[str, str]) -> None:
    own = service(variables)
    (route,) = policy_of(own.settings).routes

    open_route(route, own.settings, variables).send(
        Message("digest", NOW, digest="d"), routing_of(own.settings).subscriptions[0].route_filter
    )
