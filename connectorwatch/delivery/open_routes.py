"""From settings, policy and list of tenants to routes and their channels. Secrets come from the environment alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from pydantic import ValidationError

from common.errors import CredentialError, DeliveryError, SettingsError, UndeliverableError
from connectorwatch.channels.logline import LogChannel
from connectorwatch.delivery.deliver import DeliveryContext
from connectorwatch.delivery.subscriptions import (
    DEFAULT,
    SENTINEL,
    WINDOW,
    AnyRoute,
    LogRoute,
    LogsTableRoute,
    MissingRoute,
    Routing,
)
from connectorwatch.platform.redaction import hide
from connectorwatch.tenants.tenant_list import tenants_of
from connectorwatch.wiring import policy_of
from policies.policy_file.routes import (
    DEFAULT_WEBHOOK,
    GraphMailRoute,
    Route,
    SmtpRoute,
    TeamsRoute,
    WebhookRoute,
    variable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connectorwatch.channels.log_analytics import LogsTableChannel
    from connectorwatch.channels.mail import MailChannel
    from connectorwatch.channels.port import Channel
    from connectorwatch.channels.posting import Poster
    from connectorwatch.channels.teams import TeamsChannel
    from connectorwatch.channels.webhook import WebhookChannel
    from connectorwatch.settings import Settings
    from findings.stores.ports import Store
    from policies.policy_file.routes import RouteOptions

DEFAULT_ROUTE = TeamsRoute(id=DEFAULT, webhook=f"env:{DEFAULT_WEBHOOK}")
"""The route of the setting for a Teams workflow."""


def _now() -> datetime:
    return datetime.now(UTC)


def routes_of(settings: Settings) -> tuple[AnyRoute, ...]:
    """Return all routes: those of the policy file, and `default` where its setting is there and no route is of that id.

    Raises:
        PolicyError, SettingsError: The policy is missing or has mistakes.
    """
    routes: tuple[AnyRoute, ...] = policy_of(settings).routes
    if settings.logs_endpoint or settings.logs_rule_id:
        if any(route.id.lower() == SENTINEL.id for route in routes):
            raise SettingsError(
                f"The policy has a route {SENTINEL.id}, which is what the table in Log Analytics is called: rename it."
            )
        routes = (*routes, SENTINEL)
    if settings.teams_webhook_url is None or any(route.id.lower() == DEFAULT for route in routes):
        return routes
    return (DEFAULT_ROUTE, *routes)


def routing_of(settings: Settings) -> Routing:
    """Return which announcement goes where. A route that only the list of tenants names is one, too.

    Raises:
        PolicyError, SettingsError: The policy or the list of tenants is missing or has mistakes.
    """
    routes = routes_of(settings)
    if settings.tenants is None:
        return Routing(routes)
    listed = {tenant.id: tenant.routes for tenant in tenants_of(settings) if tenant.routes}
    named = {tenant_id: frozenset(name.lower() for name in names) for tenant_id, names in listed.items()}
    known = {route.id.lower() for route in routes}
    unknown = sorted({name for names in named.values() for name in names} - known)
    missing = tuple(
        _unknown(name, [tenant_id for tenant_id, names in named.items() if name in names]) for name in unknown
    )
    return Routing((*routes, *missing), named, WINDOW if len(tenants_of(settings)) > 1 else timedelta(0))


def _unknown(name: str, tenants: Sequence[str]) -> MissingRoute:
    try:
        return MissingRoute(id=name, tenants=tuple(tenants))
    except ValidationError:
        raise SettingsError(
            f"The list of tenants names a route for {tenants[0]} that cannot be one: use the id of a route of the "
            "policy, which has letters, digits, '.', '_' and '-'."
        ) from None


def delivery_context(
    settings: Settings, store: Store, environment: Mapping[str, str], now: Callable[[], datetime] = _now
) -> DeliveryContext:
    """Return what a delivery needs.

    Args:
        settings: The installation's settings.
        store: Where the outboxes are.
        environment: Holds what routes name.
        now: The clock.

    Raises:
        PolicyError, SettingsError: The policy or the list of tenants is missing or has mistakes.
    """
    routing = routing_of(settings)
    if not routing.routes:
        return DeliveryContext(store, now)

    def open_channel(route: AnyRoute) -> Channel:
        if isinstance(route, LogsTableRoute):
            return logs_table_channel(settings, store)
        return open_route(route, settings, environment)

    return DeliveryContext(store, now, routing, open_channel, settings.public_url)


def logs_table_channel(settings: Settings, store: Store) -> LogsTableChannel:
    """Return the channel that writes changes to a table in Log Analytics; see `open_route`."""
    from connectorwatch.channels.log_analytics import LogsTableChannel, logs_table
    from connectorwatch.platform.storage import own_identity

    try:
        return LogsTableChannel(store, logs_table(settings, own_identity(settings)))
    except SettingsError as error:
        raise UndeliverableError(str(error)) from error


def open_route(
    route: Route | LogRoute | MissingRoute,
    settings: Settings,
    environment: Mapping[str, str],
) -> Channel:
    """Return the channel of a route.

    Raises:
        UndeliverableError: It is not set up: a variable is missing, or its address is not allowed.
    """
    match route:
        case TeamsRoute():
            return teams_channel(route, settings, environment)
        case WebhookRoute():
            return webhook_channel(route, settings, environment)
        case SmtpRoute() | GraphMailRoute():
            return mail_channel(route, settings, environment)
        case LogRoute():
            return LogChannel()
        case MissingRoute():
            raise UndeliverableError(
                f"The list of tenants names the route {route.id} and the policy has none of that id: correct one of "
                "them."
            )
        case _ as unreachable:
            assert_never(unreachable)


def teams_channel(route: TeamsRoute, settings: Settings, environment: Mapping[str, str]) -> TeamsChannel:
    """Return the channel that posts cards for a route; see `open_route`."""
    from connectorwatch.channels.teams import TeamsChannel

    return TeamsChannel(_poster(route, settings, environment))


def webhook_channel(route: WebhookRoute, settings: Settings, environment: Mapping[str, str]) -> WebhookChannel:
    """Return the channel that posts signed messages for a route; see `open_route`."""
    from connectorwatch.channels.webhook import WebhookChannel, signer

    secret = _value(route, route.secret, settings, environment)
    return WebhookChannel(_poster(route, settings, environment), signer(secret, variable(route.secret)))


def mail_channel(route: SmtpRoute | GraphMailRoute, settings: Settings, environment: Mapping[str, str]) -> MailChannel:
    """Return the channel that sends a route's mail; see `open_route`."""
    from connectorwatch.channels.mail import GraphMailer, MailChannel, SmtpMailer

    sender = route.sender
    if isinstance(route, GraphMailRoute):
        return MailChannel(GraphMailer(settings.root, sender, lambda: _token(settings)), sender, route.to)
    password = _value(route, route.password, settings, environment) if route.password else ""
    return MailChannel(SmtpMailer(route.smtp, route.user, password), sender, route.to)


def _poster(route: TeamsRoute | WebhookRoute, settings: Settings, environment: Mapping[str, str]) -> Poster:
    from connectorwatch.channels.address import checked, parts_of
    from connectorwatch.channels.posting import Poster

    url = checked(_value(route, route.webhook, settings, environment), variable(route.webhook), settings.hosts)
    hide(*parts_of(url))
    return Poster(url)


def _value(route: RouteOptions, reference: str, settings: Settings, environment: Mapping[str, str]) -> str:
    """Return the secret that a route refers to, and hide it from every log."""
    name = variable(reference)
    setting = settings.teams_webhook_url if name == DEFAULT_WEBHOOK else None
    value = setting.get_secret_value() if setting else environment.get(name, "")
    if not value.strip():
        raise UndeliverableError(f"{name}, which the route {route.id} names, is not set: set it.")
    hide(value, value.strip())
    return value.rstrip("\r\n")  # as a file ends that was put into a vault


def _token(settings: Settings) -> str:
    """Return a token for Graph, of the identity that the settings choose."""
    from azure.core.exceptions import AzureError

    from connectorwatch.platform.credentials import credential_of

    async def token() -> str:
        async with credential_of(settings) as credential:
            return (await credential.get_token(f"{settings.root}/.default")).token

    try:
        return asyncio.run(token())
    except SettingsError as error:
        raise DeliveryError(str(error)) from None
    except (AzureError, CredentialError) as error:
        raise DeliveryError(f"there is no token for Graph ({type(error).__name__})") from None
