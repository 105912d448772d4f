"""What the deployment tells the app is what the app reads."""

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
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__clientId",
    "AzureWebJobsStorage__credential",
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


def test_every_setting_of_ours_is_one_that_the_app_knows() -> None:
    """An unknown setting with the prefix would stop the app, so none is deployed."""
    ours = {name for name in reading.app_settings() if name.startswith(PREFIX)}

    assert ours
    assert ours <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_every_other_setting_is_a_schedule_or_the_platforms() -> None:
    """Nothing is deployed that nobody reads."""
    others = {name for name in reading.app_settings() if not name.startswith(PREFIX)}

    assert others == PLATFORM | SCHEDULES.keys()
    assert not others & REFUSED_BY_FLEX


def test_the_app_accepts_the_settings_of_one_tenant_and_of_a_fleet() -> None:
    """Both forms that the template makes of the settings are valid, empty values included."""
    one = {
        f"{PREFIX}STORAGE": "https://stcw.blob.core.windows.net",
        f"{PREFIX}CREDENTIAL": "managed_identity",
        f"{PREFIX}CLIENT_ID": "11111111-1111-1111-1111-111111111111",
        f"{PREFIX}IDENTITY_CLIENT_ID": "11111111-1111-1111-1111-111111111111",
        f"{PREFIX}TENANT_ID": "22222222-2222-2222-2222-222222222222",
        f"{PREFIX}TENANTS": "",
        f"{PREFIX}POLICY": "",
        f"{PREFIX}PUBLIC_URL": "",
        f"{PREFIX}WEBHOOK_HOSTS": "",
        f"{PREFIX}SPREAD_MINUTES": "60",
    }
    many = one | {
        f"{PREFIX}CREDENTIAL": "federated",
        f"{PREFIX}TENANT_ID": "",
        f"{PREFIX}TENANTS": "https://stcw.blob.core.windows.net/connectorwatch-config/tenants.yaml",
    }

    assert one.keys() == {name for name in reading.app_settings() if name.startswith(PREFIX)}
    assert load_settings(one).tenants is None
    assert load_settings(many).tenant_id is None


def test_schedules_are_those_of_the_contract_where_nobody_chooses() -> None:
    """Each schedule has its default in main.bicep, and the example for local use has the same."""
    main = reading.text_of("main.bicep")
    told = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper(): default
        for name, default in re.findall(r"^ +(\w+Schedule): empty\(\1\) \? '([^']+)' : \1$", main, re.MULTILINE)
    }
    local = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]

    assert told == SCHEDULES
    assert {name: local[name] for name in SCHEDULES} == SCHEDULES


def test_functions_are_started_by_the_schedules_that_are_deployed() -> None:
    """Every %NAME% in function_app.py is an app setting; without it the host would not start the function."""
    asked = set(re.findall(r"%(\w+)%", (ROOT / "function_app.py").read_text(encoding="utf-8")))

    assert asked
    assert asked <= reading.app_settings().keys()


def test_containers_are_those_that_app_and_host_use() -> None:
    """The app's two have the code's names; the others are the host's, the package's and the people's."""
    made = reading.named("Microsoft.Storage/storageAccounts/blobServices/containers")

    assert made == {
        STATE_CONTAINER,
        SCANS_CONTAINER,
        "connectorwatch-config",
        "app-package",
        "azure-webjobs-hosts",
        "azure-webjobs-secrets",
    }


def test_queues_are_the_apps_and_its_poison_queue() -> None:
    """The host moves what fails to the queue's name with -poison, and both exist before it asks."""
    assert reading.named("Microsoft.Storage/storageAccounts/queueServices/queues") == {QUEUE, f"{QUEUE}-poison"}


def test_tables_are_those_of_the_views() -> None:
    """Each view has its table."""
    assert reading.named("Microsoft.Storage/storageAccounts/tableServices/tables") == set(COLUMNS)


def test_roles_are_given_on_every_container_queue_and_table_that_is_made() -> None:
    """What is made and without a role would be refused at the first scan."""
    roles = reading.text_of("modules/storage-roles.bicep")
    made = [
        name
        for kind in ("blobServices/containers", "queueServices/queues", "tableServices/tables")
        for name in reading.named(f"Microsoft.Storage/storageAccounts/{kind}")
    ]

    assert len(made) == 11
    assert [name for name in made if f"'{name}'" not in roles] == []


def test_retention_is_the_policys_where_nobody_chooses() -> None:
    """The number that holds the immutability in check is the policy's default."""
    assert reading.parameters()["retentionDays"] == str(Policy().retention_days)
    assert reading.environment_names()["retentionDays"] == ("RETENTION_DAYS", str(Policy().retention_days))


def test_alerts_ask_for_functions_and_log_lines_that_exist() -> None:
    """A function or a log line that is renamed would silence its alert."""
    code = (ROOT / "function_app.py").read_text(encoding="utf-8")
    service = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "connectorwatch/service").glob("*.py"))
    for query in reading.queries():
        for phrase in re.findall(r'"([^"]+)"', query):
            assert f"def {phrase}(" in code or f'"{phrase}"' in service, phrase


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
