"""The settings, queues, tables and schedules that are deployed are those that the app knows."""

from __future__ import annotations

import json
import re

import pytest

from connectorwatch.platform.storage import managed_identity_of
from connectorwatch.service.queue import QUEUE
from connectorwatch.settings import PREFIX, Settings, load_settings
from findings.stores.azure import SCANS_CONTAINER, STATE_CONTAINER
from findings.views.tables import COLUMNS
from policies.policy_file.model import Policy
from tests.infra import reading
from tests.paths import ROOT
from tools.arm_expressions import CHINA, GOVERNMENT, PUBLIC
from tools.function_names import function_names
from tools.predicted import NAMES, app_settings, queries, resources

SCHEDULES = {
    "SCAN_SCHEDULE": "0 0 6 * * *",
    "DIGEST_SCHEDULE": "0 0 7 * * 1",
    "WATCHDOG_SCHEDULE": "0 30 * * * *",
    "RETENTION_SCHEDULE": "0 0 3 * * *",
    "DELIVERY_SCHEDULE": "0 */5 * * * *",
}
PLATFORM = {
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "AZURE_CLIENT_ID",
    "AZURE_TOKEN_CREDENTIALS",
    "AzureWebJobsStorage__blobServiceUri",
    "AzureWebJobsStorage__clientId",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__queueServiceUri",
    "AzureWebJobsStorage__tableServiceUri",
    "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID",
    "WEBSITE_AUTH_AAD_ALLOWED_TENANTS",
}
REFUSED_BY_FLEX = {
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_RUN_FROM_PACKAGE",
}
"""Settings that belong to older plans (Microsoft Learn, "Flex Consumption plan: deprecated properties", 2026-10)."""


def named(kind: str) -> set[str]:
    """Return the names of all parts of the storage account of a kind."""
    return {resource.name for resource in resources("smallest", f"Microsoft.Storage/storageAccounts/{kind}")}


@pytest.mark.parametrize("shape", NAMES)
def test_every_setting_of_ours_is_one_that_the_app_knows(shape: str) -> None:
    """An unknown setting with the prefix would stop the app, so none is deployed."""
    ours = {name for name in app_settings(shape) if name.startswith(PREFIX)}

    assert len(ours) >= 11
    assert ours <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("shape", "chosen"),
    [
        ("smallest", set()),
        ("private", set()),
        ("everything", {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"}),
    ],
)
def test_every_other_setting_is_a_schedule_or_the_platforms(shape: str, chosen: set[str]) -> None:
    """Nothing is deployed that nobody reads."""
    others = {name for name in app_settings(shape) if not name.startswith(PREFIX)}

    assert others == PLATFORM | SCHEDULES.keys() | chosen
    assert not others & REFUSED_BY_FLEX


@pytest.mark.parametrize("cloud", [PUBLIC, GOVERNMENT, CHINA])
@pytest.mark.parametrize("shape", ["smallest", "private"])
def test_the_app_accepts_the_settings_of_one_tenant_in_every_cloud(shape: str, cloud: str) -> None:
    """What the template makes of the settings is valid, empty values included, and names that cloud's Graph."""
    settings = load_settings(
        {name: value for name, value in app_settings(shape, cloud).items() if name.startswith(PREFIX)}
    )

    assert (settings.tenant_id, settings.tenants) == ("00000000-0000-0000-0000-000000000001", None)
    assert settings.cloud == {PUBLIC: "global", GOVERNMENT: "usgov", CHINA: "china"}[cloud]
    assert settings.credential == "managed_identity"


def test_the_app_accepts_the_settings_of_a_fleet() -> None:
    """Everything chosen is valid together; the platform replaces the references before the app starts."""
    given = app_settings("everything") | {
        f"{PREFIX}TEAMS_WEBHOOK_URL": "https://example.logic.azure.com/workflows/1",
        f"{PREFIX}LOGS_ENDPOINT": "https://dcr-cw-x.westeurope-1.ingest.monitor.azure.com",
        f"{PREFIX}LOGS_RULE_ID": "dcr-0123456789abcdef0123456789abcdef",
    }
    settings = load_settings({name: value for name, value in given.items() if name.startswith(PREFIX)})

    assert (settings.tenant_id, settings.credential) == (None, "federated")
    assert str(settings.tenants).endswith("/connectorwatch-config/tenants.yaml")


@pytest.mark.parametrize(
    ("cloud", "domain"),
    [(PUBLIC, "core.windows.net"), (GOVERNMENT, "core.usgovcloudapi.net"), (CHINA, "core.chinacloudapi.cn")],
)
def test_the_hosts_storage_is_named_by_addresses_of_its_cloud(cloud: str, domain: str) -> None:
    """The account's name alone would mean the public cloud, whatever cloud the app runs in."""
    settings = app_settings("smallest", cloud)
    found = {name: value for name, value in settings.items() if name.endswith("ServiceUri")}
    account = settings[f"{PREFIX}STORAGE"].removeprefix("https://").partition(".")[0]

    assert found == {
        f"AzureWebJobsStorage__{part}ServiceUri": f"https://{account}.{part}.{domain}"
        for part in ("blob", "queue", "table")
    }
    assert settings[f"{PREFIX}STORAGE"] == f"https://{account}.blob.{domain}"


def test_no_setting_that_is_a_secret_has_a_value() -> None:
    """What the app takes as a secret is a reference to Key Vault, but for the storage's address without a key."""
    secret = {
        f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)
    } | {"OTEL_EXPORTER_OTLP_HEADERS"}
    deployed = {name: value for name, value in app_settings("everything").items() if name in secret}

    assert deployed.pop(f"{PREFIX}STORAGE").startswith("https://")
    assert {
        name: re.sub(r"https://kv-cw-[a-z0-9]{13}\.example", "VAULT", value) for name, value in deployed.items()
    } == {
        f"{PREFIX}TEAMS_WEBHOOK_URL": "@Microsoft.KeyVault(SecretUri=VAULT/secrets/connectorwatch-teams-webhook-url)",
        "OTEL_EXPORTER_OTLP_HEADERS": "@Microsoft.KeyVault(SecretUri=VAULT/secrets/otel-exporter-otlp-headers)",
    }


def test_schedules_are_those_of_the_contract_where_nobody_chooses() -> None:
    """Each schedule has its default, a chosen one is deployed, and the example for local use has the defaults, too."""
    local = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]

    for shape in ("smallest", "private"):
        assert {name: app_settings(shape)[name] for name in SCHEDULES} == SCHEDULES
    assert {name for name in SCHEDULES if app_settings("everything")[name] == SCHEDULES[name]} == set()
    assert {name: local[name] for name in SCHEDULES} == SCHEDULES


def test_functions_are_started_by_the_schedules_that_are_deployed() -> None:
    """Every %NAME% in function_app.py is an app setting; without it the host would not start the function."""
    asked = set(re.findall(r"%(\w+)%", (ROOT / "function_app.py").read_text(encoding="utf-8")))

    assert asked
    assert asked <= app_settings("smallest").keys()


def test_containers_are_those_that_app_and_host_use() -> None:
    """The app's two have the code's names; the others are the host's, the package's and the people's."""
    assert named("blobServices/containers") == {
        STATE_CONTAINER,
        SCANS_CONTAINER,
        "connectorwatch-config",
        "app-package",
        "azure-webjobs-hosts",
        "azure-webjobs-secrets",
    }


def test_queues_are_the_apps_and_its_poison_queue() -> None:
    """The host moves what fails to the queue's name with -poison, and both exist before it asks."""
    assert named("queueServices/queues") == {QUEUE, f"{QUEUE}-poison"}


def test_tables_are_those_of_the_views() -> None:
    """Each view has its table."""
    assert named("tableServices/tables") == set(COLUMNS)


def test_retention_is_the_policys_where_nobody_chooses() -> None:
    """The number that holds the immutability in check is the policy's default."""
    assert reading.environment_names()["retentionDays"] == ("RETENTION_DAYS", str(Policy().retention_days))


def test_the_alert_on_failures_names_every_function_of_the_app() -> None:
    """A function that nobody watches would fail without a word."""
    named_in = re.findall(r'"(\w+)"', queries("smallest")["function-fails"].partition(")")[0])

    assert tuple(named_in) == function_names()
    assert {"digest", "scan_tenant", "page"} <= set(named_in)


@pytest.mark.parametrize("shape", NAMES)
def test_alerts_ask_for_functions_and_log_lines_that_exist(shape: str) -> None:
    """A function or a log line that is renamed would silence its alert."""
    service = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "connectorwatch").rglob("*.py"))

    assert queries(shape).keys() == {"scan-given-up", "tenants-not-scanned", "silence", "function-fails"}
    for query in queries(shape).values():
        for phrase in set(re.findall(r'"([^"]+)"', query)) - {"4"}:
            assert phrase in function_names() or f'"{phrase}"' in service, phrase


@pytest.mark.parametrize(
    ("credential", "reader"),
    [("managed_identity", "app"), ("default", "app"), ("federated", "identity"), ("certificate", None)],
)
def test_lists_and_policies_are_read_by_the_identity_not_by_the_app_that_scans(
    credential: str, reader: str | None
) -> None:
    """In a fleet the client id is the multi-tenant app's, which is nobody's managed identity."""
    settings = load_settings(
        {
            f"{PREFIX}CREDENTIAL": credential,
            f"{PREFIX}CLIENT_ID": "app",
            f"{PREFIX}IDENTITY_CLIENT_ID": "identity",
        }
    )

    assert managed_identity_of(settings) == reader
