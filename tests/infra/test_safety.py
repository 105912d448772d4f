"""What the predicted deployments must not contain, and what they must."""

from __future__ import annotations

import re
from fnmatch import fnmatch

import pytest

from tests.infra import reading
from tests.infra.reading import ACCOUNT, SITE, VAULT, within, without_suffix
from tests.paths import ROOT
from tools.arm_expressions import CHINA, GOVERNMENT, PUBLIC, evaluated
from tools.predicted import DIAGNOSTICS, NAMES, below, document, only, resources

CONTAINERS = f"{ACCOUNT}/blobServices/containers"
NAME_LENGTHS = {
    "Microsoft.Insights/actionGroups": 260,
    "Microsoft.Insights/components": 260,
    "Microsoft.Insights/dataCollectionRules": 30,
    "Microsoft.Insights/scheduledQueryRules": 260,
    "Microsoft.KeyVault/vaults": 24,
    "Microsoft.ManagedIdentity/userAssignedIdentities": 128,
    "Microsoft.Network/networkSecurityGroups": 80,
    "Microsoft.Network/privateEndpoints": 64,
    "Microsoft.Network/virtualNetworks": 64,
    "Microsoft.OperationalInsights/workspaces": 63,
    "Microsoft.Storage/storageAccounts": 24,
    "Microsoft.Web/serverfarms": 40,
    "Microsoft.Web/sites": 60,
}
"""How long a name may be (Microsoft Learn, "Naming rules and restrictions for Azure resources", 2026-11). A data
collection rule of the kind Direct is not in that list; its 30 are what Azure's refusals say in public reports."""


@pytest.mark.parametrize("shape", NAMES)
@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        (ACCOUNT, "allowSharedKeyAccess", False),
        (ACCOUNT, "allowBlobPublicAccess", False),
        (ACCOUNT, "minimumTlsVersion", "TLS1_2"),
        (ACCOUNT, "supportsHttpsTrafficOnly", True),
        (f"{ACCOUNT}/blobServices", "isVersioningEnabled", True),
        (f"{ACCOUNT}/blobServices", "deleteRetentionPolicy.enabled", True),
        (f"{ACCOUNT}/blobServices", "containerDeleteRetentionPolicy.enabled", True),
        (VAULT, "enableRbacAuthorization", True),
        (VAULT, "enablePurgeProtection", True),
        (VAULT, "networkAcls.bypass", "None"),
        ("Microsoft.Insights/components", "DisableLocalAuth", True),
        ("Microsoft.OperationalInsights/workspaces", "features.disableLocalAuth", True),
        (SITE, "httpsOnly", True),
        (SITE, "siteConfig.ftpsState", "Disabled"),
        (SITE, "siteConfig.minTlsVersion", "1.2"),
        (SITE, "functionAppConfig.runtime", {"name": "python", "version": "3.13"}),
    ],
)
def test_what_must_be_there(shape: str, kind: str, path: str, value: object) -> None:
    """The properties that the service's safety rests on are set in every shape."""
    assert [within(resource.properties, path) for resource in resources(shape, kind)] == [value]


@pytest.mark.parametrize("shape", NAMES)
def test_nobody_deploys_with_a_password_and_telemetry_goes_to_the_workspace(shape: str) -> None:
    """Both kinds of publishing passwords are off, and no alert is refused by a workspace that is a minute old."""
    passwords = resources(shape, f"{SITE}/basicPublishingCredentialsPolicies")
    workspace = only(shape, "Microsoft.OperationalInsights/workspaces").identity
    rules = resources(shape, "Microsoft.Insights/scheduledQueryRules")

    assert {one.name: one.properties for one in passwords} == {"ftp": {"allow": False}, "scm": {"allow": False}}
    assert only(shape, "Microsoft.Insights/components").properties["WorkspaceResourceId"] == workspace
    assert [(rule.properties["skipQueryValidation"], rule.properties["scopes"]) for rule in rules] == [
        (True, [workspace])
    ] * 4


def test_sign_in_lets_machines_through_and_proves_itself_without_a_secret() -> None:
    """Who is not signed in reaches the host; the identity stands where a client secret would."""
    auth = only("everything", f"{SITE}/config").properties

    assert auth["globalValidation"]["unauthenticatedClientAction"] == "AllowAnonymous"
    registration = within(auth, "identityProviders.azureActiveDirectory.registration")
    assert registration["clientSecretSettingName"] == "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID"
    assert resources("smallest", f"{SITE}/config") == []


@pytest.mark.parametrize("shape", NAMES)
def test_no_container_is_public(shape: str) -> None:
    """Every container forbids public reading."""
    assert [container.properties for container in resources(shape, CONTAINERS)] == [{"publicAccess": "None"}] * 6


def test_immutability_is_for_scans_alone() -> None:
    """State changes all day and could not live under such a policy; without the choice there is none."""
    (policy,) = resources("everything", f"{CONTAINERS}/immutabilityPolicies")

    assert policy.identity.endswith("/containers/connectorwatch-scans/immutabilityPolicies/default")
    assert policy.properties == {"immutabilityPeriodSinceCreationInDays": 400, "allowProtectedAppendWrites": False}
    assert resources("smallest", f"{CONTAINERS}/immutabilityPolicies") == []


@pytest.mark.parametrize("shape", NAMES)
def test_who_read_and_changed_what_is_logged(shape: str) -> None:
    """Blobs, tables, queues, secrets and the host have logs; reading a queue is left out, the host does it all day."""
    workspace = only(shape, "Microsoft.OperationalInsights/workspaces").identity
    logged = {
        without_suffix(shape, below(setting.scope)): [
            log["category"] for log in setting.properties["logs"] if log["enabled"]
        ]
        for setting in resources(shape, DIAGNOSTICS)
    }

    assert logged == {
        f"{ACCOUNT}/stcw/blobServices/default": ["StorageRead", "StorageWrite", "StorageDelete"],
        f"{ACCOUNT}/stcw/tableServices/default": ["StorageRead", "StorageWrite", "StorageDelete"],
        f"{ACCOUNT}/stcw/queueServices/default": ["StorageWrite", "StorageDelete"],
        f"{VAULT}/kv-cw-": ["AuditEvent"],
        f"{SITE}/func-connectorwatch-": ["FunctionAppLogs"],
    }
    assert {setting.properties["workspaceId"] for setting in resources(shape, DIAGNOSTICS)} == {workspace}


@pytest.mark.parametrize("shape", NAMES)
def test_storage_and_vault_are_closed_to_the_internet_exactly_where_the_network_is_private(shape: str) -> None:
    """With private networking both refuse public addresses; without it the app has no address that could be allowed."""
    private = shape != "smallest"
    for kind in (ACCOUNT, VAULT):
        held = only(shape, kind).properties
        found = (held["publicNetworkAccess"], held["networkAcls"]["defaultAction"])
        assert found == (("Disabled", "Deny") if private else ("Enabled", "Allow"))
    assert (only(shape, SITE).properties.get("virtualNetworkSubnetId") is not None) == private


@pytest.mark.parametrize("shape", ["private", "everything"])
@pytest.mark.parametrize(
    ("cloud", "zones"),
    [
        (
            PUBLIC,
            [
                "privatelink.blob.core.windows.net",
                "privatelink.queue.core.windows.net",
                "privatelink.table.core.windows.net",
                "privatelink.vaultcore.azure.net",
            ],
        ),
        (
            GOVERNMENT,
            [
                "privatelink.blob.core.usgovcloudapi.net",
                "privatelink.queue.core.usgovcloudapi.net",
                "privatelink.table.core.usgovcloudapi.net",
                "privatelink.vaultcore.usgovcloudapi.net",
            ],
        ),
        (
            CHINA,
            [
                "privatelink.blob.core.chinacloudapi.cn",
                "privatelink.queue.core.chinacloudapi.cn",
                "privatelink.table.core.chinacloudapi.cn",
                "privatelink.vaultcore.azure.cn",
            ],
        ),
    ],
)
def test_each_private_endpoint_has_the_zone_of_its_cloud(shape: str, cloud: str, zones: list[str]) -> None:
    """The zones are those that Microsoft documents for each cloud, and each endpoint is for the resource it names.

    Microsoft Learn, "Azure Private Endpoint private DNS zone values", 2026-11.
    """
    made = [evaluated(zone.body["name"], cloud) for zone in resources(shape, "Microsoft.Network/privateDnsZones")]
    endpoints = [
        endpoint.properties["privateLinkServiceConnections"][0]["properties"]
        for endpoint in resources(shape, "Microsoft.Network/privateEndpoints")
    ]
    account, vault = only(shape, ACCOUNT).identity, only(shape, VAULT).identity

    assert made == zones
    assert [(held["groupIds"], held["privateLinkServiceId"]) for held in endpoints] == [
        (["blob"], account),
        (["queue"], account),
        (["table"], account),
        (["vault"], vault),
    ]


@pytest.mark.parametrize("shape", NAMES)
def test_no_name_is_longer_than_azure_takes(shape: str) -> None:
    """Azure refuses a resource whose name is too long, in the middle of a deployment."""
    lengths = [(made.type, len(made.name)) for made in resources(shape) if made.type in NAME_LENGTHS]

    assert len(lengths) >= 11
    assert [pair for pair in lengths if pair[1] > NAME_LENGTHS[pair[0]]] == []
    assert re.fullmatch(r"[a-z0-9]+", only(shape, ACCOUNT).name)


@pytest.mark.parametrize("shape", NAMES)
def test_no_output_looks_like_a_secret(shape: str) -> None:
    """What a deployment gives back is printed by azd and kept in its files."""
    outputs = document(shape)["outputs"]

    assert outputs.keys() == {
        "AZURE_RESOURCE_GROUP",
        "APP_NAME",
        "APP_URL",
        "APP_PRINCIPAL_ID",
        "APP_CLIENT_ID",
        "STORAGE_ACCOUNT",
        "VAULT_NAME",
    }


def test_azd_finds_the_app_that_it_deploys_to() -> None:
    """The service in azure.yaml is the tag on the Functions app."""
    azure = (ROOT / "azure.yaml").read_text(encoding="utf-8")

    assert f"\nservices:\n  {only('smallest', SITE).body['tags']['azd-service-name']}:\n" in azure


@pytest.mark.parametrize("folder", [".venv", "connectorwatch_env", ".azure"])
def test_azd_uploads_no_folder_that_it_or_make_setup_made(folder: str) -> None:
    """With a .funcignore, azd leaves out what stands there and no virtual environment by itself."""
    patterns = (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()

    assert any(fnmatch(folder, pattern) for pattern in patterns)


def test_every_linter_rule_that_is_off_says_why_and_the_others_are_errors() -> None:
    """Only one rule is a warning, which `make infra` refuses as well."""
    rules = reading.linter_rules()
    levels = {name: rule["level"] for name, rule in rules.items()}

    assert len(rules) > 40
    assert {name for name, level in levels.items() if level == "warning"} == {"use-recent-api-versions"}
    assert {name for name, rule in rules.items() if rule["level"] != "error" and len(rule["reason"]) < 60} == set()
    assert {name for name, level in levels.items() if level == "off"} == {
        "stacks-extensibility-compat",
        "use-description-params",
        "use-recent-module-versions",
    }
