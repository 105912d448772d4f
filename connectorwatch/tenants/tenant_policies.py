"""The policies of many tenants: each file or blob is read once, and what it says of single tenants holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from common.errors import PolicyError, SettingsError
from connectorwatch.wiring import policy_of
from policies.policy_file.model import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectorwatch.settings import Settings
    from connectorwatch.tenants.tenant_list import Tenant
    from policies.policy_file.read import LoadedPolicy

log = structlog.get_logger(__name__)


class Policies:
    """The policies read so far; most tenants share one."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._read: dict[str | None, LoadedPolicy] = {}
        self._mistaken: dict[str | None, PolicyError | SettingsError] = {}

    def of(self, settings: Settings) -> Policy:
        """Return the policy that settings name, as it holds in the tenant that they name.

        Raises:
            PolicyError, SettingsError: It has mistakes or cannot be read; see `policy_of`.
        """
        named = settings.policy
        if named in self._mistaken:
            raise self._mistaken[named]
        if named not in self._read:
            try:
                self._read[named] = policy_of(settings)
            except (PolicyError, SettingsError) as error:
                self._mistaken[named] = error
                raise
        loaded = self._read[named]
        return loaded.policy if settings.tenant_id is None else loaded.for_tenant(settings.tenant_id).policy

    def forget_mistakes(self) -> None:
        """Read policies again that could not be read: they may be corrected by now."""
        self._mistaken.clear()


def scan_ages(tenants: Iterable[Tenant], policies: Policies) -> Mapping[str, timedelta]:
    """Return how old each tenant's newest scan may be, by tenant id.

    Where a policy cannot be read, the default applies; the tenant's own scan reports the mistake.
    """
    policies.forget_mistakes()
    ages: dict[str, timedelta] = {}
    logged: set[str | None] = set()
    for tenant in tenants:
        try:
            policy = policies.of(tenant.settings)
        except (PolicyError, SettingsError) as error:
            policy = Policy()
            if tenant.settings.policy not in logged:
                logged.add(tenant.settings.policy)
                log.warning(
                    "a policy cannot be read, so the default age of scans holds", tenant=tenant.id, why=str(error)
                )
        ages[tenant.id] = timedelta(hours=policy.max_scan_age_hours)
    return ages
