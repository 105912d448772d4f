"""The composition root: the only place that reads the environment and the clock and chooses adapters."""

from __future__ import annotations

import os
import re
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from common.errors import CatalogueError, SettingsError
from common.yaml_lines import MAX_BYTES
from connectorwatch.platform.blob_files import beside, is_blob, read_blob, shown_address
from connectorwatch.platform.storage import open_store
from connectorwatch.scanning.job import Scan
from connectorwatch.settings import Settings, load_settings
from policies.policy_file.read import LoadedPolicy, parse_policy, read_policy_file
from policies.releases.catalogue import Catalogue, built_in_catalogue, load_catalogue
from policies.rules import RULE_IDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from findings.stores.ports import Store

_LINE = re.compile(r"\bline (\d+)")
DEFAULT_POLICY = Path("policy.yaml")


@dataclass(frozen=True)
class Choices:
    """Options of the command line, which override the environment; None where not given."""

    tenant: str | None = None
    out: str | None = None
    policy: str | None = None
    at: datetime | None = None
    timeout: float | None = None
    progress: Callable[[str], None] = lambda _: None


def own_environment() -> dict[str, str]:
    """Return the environment of this process."""
    return dict(os.environ)


def settings_of(choices: Choices, environment: dict[str, str] | None = None) -> Settings:
    """Return the settings with the command line's choices in them.

    Raises:
        SettingsError: A setting is unknown or bad, or `--at` is used against the real Graph.
    """
    settings = load_settings(own_environment() if environment is None else environment)
    storage = None if choices.out is None else SecretStr(choices.out)
    overrides = {"tenant_id": choices.tenant, "storage": storage, "scan_timeout_seconds": choices.timeout}
    settings = settings.model_copy(update={name: value for name, value in overrides.items() if value is not None})
    if choices.policy is not None:
        settings = settings.naming_policy(choices.policy)
    if settings.tenant_id is not None:
        # An id is the same in either case; what is stored under it must be, too.
        settings = settings.model_copy(update={"tenant_id": settings.tenant_id.lower()})
    if choices.at is not None and settings.graph_root is None:
        raise SettingsError(
            "--at sets the time of a scan for tests and demos, and works against a loopback Graph only: leave it out."
        )
    return settings


def policy_of(settings: Settings) -> LoadedPolicy:
    """Return the policy that is set, else `policy.yaml` here, else the built-in one.

    Raises:
        PolicyError: The file that is set is missing or invalid.
        SettingsError: The blob that is set cannot be read.
    """
    if settings.policy is not None and is_blob(settings.policy):
        content = read_blob(settings.policy, settings, MAX_BYTES)[0]
        return parse_policy(content, shown_address(settings.policy), RULE_IDS)
    if settings.policy is not None:
        return read_policy_file(Path(settings.policy), RULE_IDS)
    if DEFAULT_POLICY.exists():
        return read_policy_file(DEFAULT_POLICY, RULE_IDS)
    return LoadedPolicy.built_in()


def releases_of(loaded: LoadedPolicy, settings: Settings) -> Catalogue:
    """Return the release catalogue that a policy points to, relative to its own place, else the built-in one.

    Raises:
        CatalogueError: The file or blob is missing, unreadable, or no catalogue.
    """
    if loaded.policy.releases is None:
        return built_in_catalogue()
    place = beside(loaded.source, loaded.policy.releases)
    try:
        if is_blob(place):
            content = read_blob(place, settings, MAX_BYTES)[0]
        else:
            _check_below(place, loaded, settings)
            with Path(place).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
    except SettingsError as error:
        raise CatalogueError(f"The release catalogue that {loaded.source} points to is missing. {error}") from error
    except (OSError, ValueError) as error:  # a name with a NUL in it is no OSError
        why = error.strerror if isinstance(error, OSError) else "no name of a file"
        raise CatalogueError(
            f"The release catalogue {place} cannot be read ({why}): correct `releases` in {loaded.source}, or leave it "
            "out to use the built-in catalogue."
        ) from error
    shown = shown_address(place) if is_blob(place) else place
    try:
        return load_catalogue(content, shown)
    except CatalogueError as error:
        # Not what stands there: a policy may point to what its author could not read, and this would read it out.
        lines = ", ".join(dict.fromkeys(_LINE.findall(str(error)))) or "1"
        raise CatalogueError(
            f"{shown}, which {loaded.source} points to, is no release catalogue: see line {lines}. What stands there "
            "is not shown; docs/rules.md says what a catalogue holds."
        ) from None


def _check_below(place: str, loaded: LoadedPolicy, settings: Settings) -> None:
    """Raise CatalogueError unless a file lies below its policy's folder, or a person named that policy here."""
    if settings.policy_is_named and loaded.source == settings.policy:
        return
    folder = Path(loaded.source).resolve().parent
    if not Path(place).resolve().is_relative_to(folder):
        raise CatalogueError(
            f"`releases` in {loaded.source} leads out of the policy's folder and is not followed: put the catalogue "
            "beside the policy, or name the policy with --policy."
        )


def store_of(settings: Settings) -> Store:
    """Return the store that the settings choose: a folder, or an Azure Storage account.

    Raises:
        SettingsError: The address or the connection string is not a whole one, or of another cloud than the settings.
    """
    return open_store(settings)


@asynccontextmanager
async def scanning(choices: Choices, environment: dict[str, str] | None = None) -> AsyncIterator[Scan]:
    """Yield everything one scan needs, wired by settings and choices, and close it afterwards.

    Raises:
        SettingsError, PolicyError, CatalogueError, CredentialError: What is missing, before Graph is asked for
            anything.
    """
    settings = settings_of(choices, environment)
    async with scanning_as(
        settings, store_of(settings), now=lambda: choices.at or datetime.now(UTC), progress=choices.progress
    ) as scan:
        yield replace(scan, own_clock=choices.at is None)


@asynccontextmanager
async def scanning_as(
    settings: Settings,
    store: Store,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Scan]:
    """Yield everything one scan needs, wired by one tenant's settings, and close it afterwards; see `scanning`."""
    loaded = policy_of(settings)
    # Imported here: commands that work offline should not wait for the network's libraries.
    from common.clock import Deadline
    from connectorwatch.platform.credentials import credential_of, tenant_in_time
    from inventory.gate import Gate
    from inventory.graph import GraphClient, Limits
    from inventory.sender import Sender
    from inventory.transport import MEBIBYTE, SdkTransport

    async with AsyncExitStack() as open_things:
        credential = await open_things.enter_async_context(credential_of(settings))
        deadline = Deadline(settings.scan_timeout_seconds)
        tenant_id = await tenant_in_time(credential, settings, deadline)
        policy = loaded.for_tenant(tenant_id)
        transport = SdkTransport(
            credential,
            settings.root,
            answer_limit=settings.answer_limit_mib * MEBIBYTE,
            timeout=settings.timeout_seconds,
        )
        open_things.push_async_callback(transport.close)
        exchange = Sender(transport, settings.root, Gate(settings.concurrency, deadline=deadline))
        limits = Limits(settings.page_limit, settings.item_limit, settings.patience_seconds)
        yield Scan(
            tenant_id=tenant_id,
            graph=GraphClient(exchange, limits),
            store=store,
            policy=policy,
            releases=releases_of(policy, settings),
            now=now,
            progress=progress,
            every=settings.logs_endpoint is not None,
        )
