"""The policies of many tenants: each file is read once, mistakes blind nobody, and overrides hold."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from common.errors import PolicyError
from connectorwatch.settings import Settings
from connectorwatch.tenants.tenant_policies import Policies, scan_ages
from connectorwatch.web.app import context_of
from tests.connectorwatch.service.making import A, B, service

if TYPE_CHECKING:
    from pathlib import Path

HOUR = timedelta(hours=1)
TEXT = f"max_scan_age_hours: 200\ntenants:\n  {A}:\n    max_scan_age_hours: 10\n"


def settings(path: Path, text: str, tenant: str | None = None) -> Settings:
    """Return settings that name a policy of this text, and maybe a tenant."""
    path.write_text(text, encoding="utf-8")
    return Settings(policy=str(path), tenant_id=tenant)


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """Whichever tenant asks first, the file is not needed any more for the next one."""
    policies, path = Policies(), tmp_path / "p.yaml"
    named = settings(path, TEXT, A)
    first = policies.of(named)
    path.unlink()

    others = [policies.of(named.model_copy(update={"tenant_id": tenant})) for tenant in (A, B, None)]

    assert [policy.max_scan_age_hours for policy in (first, *others)] == [10, 10, 200, 200]


def test_a_mistake_is_read_once_until_it_is_asked_anew(tmp_path: Path) -> None:
    """A file with a mistake is not read for each tenant, and can be mended."""
    policies, path = Policies(), tmp_path / "p.yaml"
    named = settings(path, "max_scan_age_hours: 0\n")
    with pytest.raises(PolicyError, match="max_scan_age_hours"):
        policies.of(named)
    path.write_text(TEXT, encoding="utf-8")

    with pytest.raises(PolicyError, match="max_scan_age_hours"):
        policies.of(named)
    policies.forget_mistakes()
    assert policies.of(named).max_scan_age_hours == 200


def test_a_mistake_is_logged_once(tmp_path: Path) -> None:
    """Many tenants that share a policy with a mistake have the default, and one line tells of it."""
    (tmp_path / "p.yaml").write_text("max_scan_age_hours: 0\n", encoding="utf-8")
    own, _ = service(tmp_path, A, B, settings={"policy": str(tmp_path / "p.yaml")})

    with capture_logs() as logs:
        ages = scan_ages(own.tenants(), Policies())

    assert (ages, len(logs)) == ({A: 50 * HOUR, B: 50 * HOUR}, 1)


def test_the_web_service_knows_each_tenants_age(tmp_path: Path) -> None:
    """What handlers work with holds the age for all, and those of single tenants."""
    (tmp_path / "p.yaml").write_text(TEXT, encoding="utf-8")
    own, _ = service(tmp_path, A, B, settings={"policy": str(tmp_path / "p.yaml")})

    site = context_of(own)

    assert (site.max_age, site.max_ages()) == (200 * HOUR, {A: 10 * HOUR, B: 200 * HOUR})
