"""Checks that need no Graph: storage, queue, policy, catalogue of releases, list of tenants."""

from __future__ import annotations

import secrets
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import CatalogueError, ConflictError, DeliveryError, PolicyError, SettingsError, StorageError
from common.extras import missing_extras
from common.text import counted
from common.version import VERSION
from connectorwatch.channels.log_analytics import logs_table
from connectorwatch.delivery.open_routes import open_route, routing_of
from connectorwatch.delivery.subscriptions import LogsTableRoute
from connectorwatch.doctor.document import Check
from connectorwatch.platform.storage import folder_of, own_identity
from connectorwatch.service.queue import CONNECTION, StorageQueue
from connectorwatch.tenants.tenant_list import tenants_of
from connectorwatch.wiring import policy_of, releases_of, store_of
from policies.rules import RULE_IDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectorwatch.delivery.subscriptions import AnyRoute
    from connectorwatch.settings import Settings
    from findings.stores.ports import Store
    from policies.policy_file.read import LoadedPolicy

_PLACE = "_doctor"
"""Below this name the store is tried; it is removed again."""
_EVERYTHING = tuple(sorted(RULE_IDS))


def package_check() -> Check:
    """Return where this installation lies, which version it is, and which extras it does not have."""
    folder = Path(__file__).parents[2]
    python = ".".join(map(str, sys.version_info[:3]))
    message = f"connectorwatch {VERSION} in {folder}, Python {python}"
    if absent := missing_extras():
        message += f", without the {'extra' if len(absent) == 1 else 'extras'} {', '.join(absent)}"
    return Check(area="installation", name="package", state="ok", message=message)


def policy_checks(settings: Settings) -> tuple[LoadedPolicy | None, list[Check]]:
    """Return the policy, and the checks of it and of the release catalogue that it names."""
    try:
        loaded = policy_of(settings)
    except (PolicyError, SettingsError) as error:
        return None, [_broken("installation", "policy", str(error), "Correct the policy file.")]
    checks = [
        Check(area="installation", name="policy", state="ok", message=f"valid: {loaded.source}{_obsolete(loaded)}")
    ]
    try:
        releases = releases_of(loaded, settings)
    except CatalogueError as error:
        return loaded, [*checks, _broken("installation", "releases", str(error), "Correct the catalogue.")]
    message = f"{counted(len(releases.releases), 'release')}, as of {releases.revised}"
    return loaded, [*checks, Check(area="installation", name="releases", state="ok", message=message)]


def _obsolete(loaded: LoadedPolicy) -> str:
    """Return a remark on a setting of the policy that is accepted and does nothing; empty where none is there."""
    policies = (loaded.policy, *loaded.overrides.values())
    is_set = any("new_connector_days" in policy.model_fields_set for policy in policies)
    return "; new_connector_days does nothing any more and can be removed" if is_set else ""


def tenants_check(settings: Settings) -> list[Check]:
    """Return the check of the list of tenants, where there is one."""
    if settings.tenants is None:
        return []
    try:
        tenants = tenants_of(settings)
    except SettingsError as error:
        return [_broken("installation", "tenants", str(error), "Correct the list of tenants.")]
    return [Check(area="installation", name="tenants", state="ok", message=f"the list names {len(tenants)}")]


def route_checks(settings: Settings, environment: Mapping[str, str]) -> list[Check]:
    """Return whether each route of announcements is set up, and its address allowed; nothing is sent.

    Routes are the installation's, whichever tenant is asked about.
    """
    try:
        routes = routing_of(settings).routes
    except (PolicyError, SettingsError) as error:
        mend = "Correct the routes of the policy or of the list of tenants."
        return [Check(area="installation", name="routes", state="missing", message=str(error), mend=(mend,))]
    return [_route(route, settings, environment) for route in routes]


def _route(route: AnyRoute, settings: Settings, environment: Mapping[str, str]) -> Check:
    name = f"route {route.id}"
    kind = "the table in Log Analytics" if isinstance(route, LogsTableRoute) else route.kind
    try:
        if isinstance(route, LogsTableRoute):
            logs_table(settings, own_identity(settings))
        else:
            open_route(route, settings, environment)
    except (DeliveryError, SettingsError) as error:
        mend = "Set what the route needs; `notify --test` sends one message through each route."
        return Check(area="installation", name=name, state="missing", message=str(error), mend=(mend,))
    return Check(area="installation", name=name, state="ok", message=f"{kind} is set up (nothing was sent)")


def storage_checks(settings: Settings, environment: Mapping[str, str]) -> list[Check]:
    """Return whether a scan could be stored, and whether the queue of the cloud's service can be reached."""
    where = folder_of(settings)
    new = where is not None and not where.exists()
    try:
        store = store_of(settings)
        try_store(store)
    except (StorageError, SettingsError) as error:
        return [_broken("storage", "storage", str(error), "Mend CONNECTORWATCH_STORAGE, or the rights on it.")]
    finally:
        if where is not None and new:
            with suppress(OSError):  # not made, or something is in it by now
                where.rmdir()
    place = f"the folder {where}" if where is not None else "the storage account"
    message = f"{place} can be read and written, and notices when somebody else writes"
    checks = [Check(area="storage", name="storage", state="ok", message=message)]
    return checks if where is not None else [*checks, *_queue(settings, environment)]


def try_store(store: Store) -> None:
    """Write a document, read it, and make sure that writing over an unknown state is refused; leave nothing behind.

    Raises:
        StorageError: Storage refused, or does not return what was written.
    """
    store.check_writable()
    name, content = f"{_PLACE}/{secrets.token_hex(4)}.json", b"{}"
    etag = store.documents.write(name, content, None)
    try:
        stored = store.documents.read(name)
        if stored is None or stored.content != content:
            raise StorageError("Storage does not return what was written a moment before: choose another one.")
        store.documents.write(name, content, etag)
        _is_refused(store, name, etag)
    finally:
        store.forget(_PLACE)


def _is_refused(store: Store, name: str, etag: str) -> None:
    try:
        store.documents.write(name, b"[]", None)
    except ConflictError:
        return
    raise StorageError(
        f"Storage wrote over a document that was not to be there (tag {etag[:40]}): two scans at a time would lose "
        "findings. Choose another storage."
    )


def _queue(settings: Settings, environment: Mapping[str, str]) -> list[Check]:
    if not any(name.partition("__")[0] == CONNECTION for name in environment):
        message = f"{CONNECTION} names no storage here; only the service in the cloud needs a queue"
        return [Check(area="storage", name="queue", state="note", message=message)]
    try:
        exists = StorageQueue(environment, settings.cloud).exists()
    except (StorageError, SettingsError) as error:
        return [_broken("storage", "queue", str(error), f"Mend {CONNECTION}, or the rights on it.", stops=False)]
    message = "reachable" if exists else "reachable; the first request makes it"
    return [Check(area="storage", name="queue", state="ok", message=message)]


def _broken(area: str, name: str, message: str, mend: str, *, stops: bool = True) -> Check:
    values = {"area": area, "name": name, "state": "missing", "said": message, "mend": (mend,)}
    return Check.model_validate({**values, "stops": stops, "costs": _EVERYTHING if stops else ()})
