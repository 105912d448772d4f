"""Probe and scan a tenant as `doctor` and `scan` do, store nothing of it, and return the shape of all answers."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import jwt

from common.version import VERSION
from connectorwatch.doctor.probes import Prober
from connectorwatch.doctor.run import MOST_PATIENCE, CachedCredential
from connectorwatch.doctor.tokens import identity_of
from connectorwatch.platform.credentials import credential_of, tenant_of
from connectorwatch.recording.document import RecordedIdentity, Recording
from connectorwatch.recording.recorder import RecordingTransport
from connectorwatch.recording.vocabulary import OTHER, listed, vocabulary
from connectorwatch.wiring import policy_of
from inventory.collect import collect
from inventory.gate import Gate
from inventory.graph import GraphClient, Limits
from inventory.models import PrincipalId
from inventory.permissions import kind_of
from inventory.sender import Sender
from inventory.transport import MEBIBYTE, SdkTransport

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from azure.core.credentials_async import AsyncTokenCredential

    from connectorwatch.settings import Settings
    from inventory.snapshot import Snapshot
    from inventory.transport_port import Transport


@dataclass(frozen=True)
class Subject:
    """Which tenant is asked, and how.

    Attributes:
        root: The Graph root.
        tenant_id: The tenant; it is not written.
        token: The access token; only its kind, its listed permissions and its built-in roles are written.
        cloud: The name of the cloud.
        named: Principals that the policy names, which a scan looks up as well.
        concurrency: The most requests at a time.
        limits: What one list may cost.
    """

    root: str
    tenant_id: str
    token: str = ""
    cloud: str = "loopback"
    named: frozenset[PrincipalId] = frozenset()
    concurrency: int = 6
    limits: Limits = field(default_factory=Limits)


async def record(settings: Settings, now: Callable[[], datetime]) -> Recording:
    """Return the recording of the tenant that the settings name.

    Raises:
        SettingsError, PolicyError, CredentialError: What is missing, before Graph is asked for anything.
    """
    loaded = policy_of(settings)
    async with AsyncExitStack() as open_things:
        credential = CachedCredential(await open_things.enter_async_context(credential_of(settings)))
        signing = cast("AsyncTokenCredential", credential)
        tenant_id = await tenant_of(signing, settings)
        named = loaded.for_tenant(tenant_id).policy.named_principals()
        limit = settings.answer_limit_mib * MEBIBYTE
        transport = SdkTransport(signing, settings.root, answer_limit=limit, timeout=settings.timeout_seconds)
        open_things.push_async_callback(transport.close)
        subject = Subject(
            root=settings.root,
            tenant_id=tenant_id,
            token=credential.token.token if credential.token else "",
            cloud="loopback" if settings.graph_root else settings.cloud,
            named=frozenset(map(PrincipalId, named)),
            concurrency=settings.concurrency,
            limits=Limits(settings.page_limit, settings.item_limit, settings.patience_seconds),
        )
        return await observe(transport, subject, now)


async def observe(transport: Transport, subject: Subject, now: Callable[[], datetime]) -> Recording:
    """Return the recording of everything that doctor's probes and a scan are answered over a network."""
    recorder = RecordingTransport(transport, subject.root)
    sender = Sender(recorder, subject.root, Gate(subject.concurrency))
    await Prober(sender, min(subject.limits.patience, MOST_PATIENCE), now).probe()
    graph = GraphClient(sender, subject.limits)
    snapshot = await collect(graph, subject.tenant_id, now, named=subject.named)
    return Recording(
        version=VERSION,
        cloud=subject.cloud,
        identity=_identity(subject.token),
        sections=_sections(snapshot),
        exchanges=recorder.exchanges(),
        overlaps=recorder.overlaps.result(),
    )


def _sections(snapshot: Snapshot) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for section in snapshot.sections:
        counted.setdefault(kind_of(section.name), Counter())[section.status] += 1
    return {kind: dict(statuses) for kind, statuses in sorted(counted.items())}


def _identity(token: str) -> RecordedIdentity:
    identity, known = identity_of(token), vocabulary()
    permissions = {listed(name, known.permissions) for name in identity.permissions}
    roles = {known.roles.get(role, OTHER) if isinstance(role, str) else OTHER for role in _wids(token)}
    return RecordedIdentity(kind=identity.kind, permissions=tuple(sorted(permissions)), roles=tuple(sorted(roles)))


def _wids(token: str) -> list[object]:
    """Return the template ids of the directory roles that a token names (claim `wids`, Entra "access token claims")."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token, options={"verify_signature": False, "verify_exp": False, "verify_aud": False}
        )
    except jwt.InvalidTokenError:
        return []
    wids = claims.get("wids")
    return wids if isinstance(wids, list) else []
