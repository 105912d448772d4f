"""One examination from end to end: the installation, the credential, Graph. It changes nothing anywhere."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from common.errors import CredentialError, SettingsError
from connectorwatch.doctor.costs import costs_table
from connectorwatch.doctor.diagnose import clock_check, graph_checks, untried
from connectorwatch.doctor.document import Check, DoctorDocument, Identity
from connectorwatch.doctor.installation import package_check, policy_checks, route_checks, storage_checks, tenants_check
from connectorwatch.doctor.probes import Prober
from connectorwatch.doctor.remedies import COMMAND, Signer, for_sign_in, refused_sign_in
from connectorwatch.doctor.tokens import identity_of, token_checks
from connectorwatch.platform.credentials import credential_of, tenant_of
from connectorwatch.tenants.tenant_list import find_tenant
from inventory.gate import Gate
from inventory.sender import Sender
from inventory.transport import SdkTransport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

    from connectorwatch.doctor.costs import Costs
    from connectorwatch.doctor.probes import ProbeResults
    from connectorwatch.settings import Settings
    from policies.policy_file.read import LoadedPolicy

MOST_PATIENCE = 30.0
"""Seconds to wait for Graph, for one list: the command is interactive."""


class CachedCredential:
    """A credential that keeps its token, so that it can be read and no one has to sign in twice."""

    def __init__(self, credential: AsyncTokenCredential) -> None:
        self._credential = credential
        self.token: AccessToken | None = None

    @property
    def identity(self) -> Identity:
        """Whose token it is."""
        return identity_of(self.token.token if self.token else "")

    async def get_token(self, *scopes: str, claims: str | None = None, **options: Any) -> AccessToken:  # noqa: ANN401 - azure-core's signature
        """Return the token that was kept, or a new one where Graph challenged it."""
        if self.token is None or claims is not None:
            self.token = await self._credential.get_token(*scopes, claims=claims, **options)
        return self.token


@dataclass(frozen=True)
class _GraphResult:
    """The result of the checks that query Graph."""

    tenant: str | None
    identity: Identity | None
    requests: int
    checks: list[Check]


async def examine(settings: Settings, environment: Mapping[str, str]) -> DoctorDocument:
    """Run all checks and return their results.

    Args:
        settings: The installation's; `tenant_id` says which tenant of a list is asked.
        environment: Where the Functions host's storage is named.
    """
    tenant_settings = _of_tenant(settings)
    loaded, checks = policy_checks(tenant_settings)
    listed = tenants_check(settings)
    checks += listed
    if loaded is not None and all(check.state == "ok" for check in listed):
        checks += route_checks(settings, environment)
    result = (
        await _graph(tenant_settings, _costs(loaded, tenant_settings.tenant_id))
        if _asks_graph(settings)
        else _no_tenant()
    )
    storage = storage_checks(tenant_settings, environment)
    return DoctorDocument(
        tenant=result.tenant,
        graph=tenant_settings.root,
        identity=result.identity,
        requests=result.requests,
        checks=(package_check(), *checks, *storage, *result.checks),
    )


def _of_tenant(settings: Settings) -> Settings:
    """Return the settings of the tenant that is named; a list that cannot be read is reported by its own check."""
    if settings.tenants is None or settings.tenant_id is None:
        return settings
    try:
        tenant = find_tenant(settings, settings.tenant_id)
    except SettingsError:
        return settings
    return settings if tenant is None else tenant.settings


def _asks_graph(settings: Settings) -> bool:
    return settings.tenants is None or settings.tenant_id is not None


def _no_tenant() -> _GraphResult:
    message = (
        "many tenants are listed, and none was named: choose one, to look at its policy, credential and permissions"
    )
    note = Check(
        area="credential", name="tenant", state="note", message=message, mend=(f"{COMMAND} doctor --tenant ID",)
    )
    return _GraphResult(None, None, 0, [note])


def _costs(loaded: LoadedPolicy | None, tenant_id: str | None) -> Costs:
    table = costs_table()
    if loaded is None:
        return table
    return table.under((loaded.for_tenant(tenant_id) if tenant_id else loaded).policy)


async def _graph(settings: Settings, costs: Costs) -> _GraphResult:
    credential = None
    async with AsyncExitStack() as open_things:
        try:
            credential = CachedCredential(await open_things.enter_async_context(credential_of(settings)))
            signing = cast("AsyncTokenCredential", credential)
            tenant = await tenant_of(signing, settings)
        except (CredentialError, SettingsError) as error:
            return _refused(credential, error, settings, costs)
        identity = credential.identity
        transport = SdkTransport(signing, settings.root, timeout=settings.timeout_seconds)
        open_things.push_async_callback(transport.close)
        exchange = Sender(transport, settings.root, Gate(settings.concurrency))
        patience = min(settings.patience_seconds, MOST_PATIENCE)
        results = await Prober(exchange, patience, lambda: datetime.now(UTC)).probe()
    signer = Signer.of(identity, settings)
    return _GraphResult(tenant, identity, exchange.counts.requests, _graph_checks(results, signer, costs))


def _graph_checks(results: ProbeResults, signer: Signer, costs: Costs) -> list[Check]:
    return [
        *clock_check(results.dates),
        *token_checks(signer, datetime.now(UTC)),
        *graph_checks(tuple(results.outcomes.items()), signer, costs),
        *untried(results.outcomes),
    ]


def _refused(
    credential: CachedCredential | None, error: CredentialError | SettingsError, settings: Settings, costs: Costs
) -> _GraphResult:
    """Return what is known without a usable token; an unusable token is described as well."""
    has_token = credential is not None and credential.token is not None
    signer = Signer.of(credential.identity if credential is not None else Identity(kind="opaque"), settings)
    entry = refused_sign_in(str(error))
    missing = Check(
        area="credential",
        name="sign-in",
        state="missing",
        message=str(error) if entry is None else f"{entry.title}. {error}",
        stops=True,
        costs=costs.everything,
        mend=for_sign_in(signer, str(error)),
    )
    if not has_token:
        return _GraphResult(settings.tenant_id, None, 0, [missing])
    return _GraphResult(settings.tenant_id, signer.identity, 0, [*token_checks(signer, datetime.now(UTC)), missing])
