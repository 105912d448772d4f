"""What the deployment must not contain, and what it must."""

from __future__ import annotations

import re
from fnmatch import fnmatch

import pytest

from connectorwatch.settings import PREFIX, Settings
from tests.infra import reading
from tests.paths import ROOT

ROLES = {
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
}
"""Built-in roles (Microsoft Learn, "Azure built-in roles", 2026-10)."""
SECRET_LOOKING = re.compile(
    r"secret|password|passphrase|\bkey|key$|token|sas|webhookurl|connectionstring", re.IGNORECASE
)
NAME_LENGTHS = {
    "modules/identity.bicep": 128,
    "modules/storage.bicep": 24,
    "modules/vault.bicep": 24,
    "Microsoft.Insights/actionGroups": 260,
    "Microsoft.Insights/components": 260,
    "Microsoft.Insights/dataCollectionRules": 30,
    "Microsoft.Insights/scheduledQueryRules": 260,
    "Microsoft.Network/networkSecurityGroups": 80,
    "Microsoft.Network/privateEndpoints": 64,
    "Microsoft.Network/virtualNetworks": 64,
    "Microsoft.OperationalInsights/workspaces": 63,
    "Microsoft.Web/serverfarms": 40,
    "Microsoft.Web/sites": 60,
}
"""How long a name may be (Microsoft Learn, "Naming rules and restrictions for Azure resources", 2026-11). A data
collection rule of the kind Direct is not in that list; its 30 are what Azure's refusals say in public reports."""
NO_SECRETS = {"connectionString"}
"""An address: with local authentication off, which another test wants, nothing is opened with it."""


def test_every_role_is_a_known_one_and_named_beside_its_id() -> None:
    """A mistyped id would give another right, or none."""
    told = reading.role_constants()

    assert {identity: name for name, identity in told} == {identity: name for name, identity in ROLES.items()}


def test_no_role_is_named_in_another_way() -> None:
    """Every id of a role in the files is one of the constants that the test above compares."""
    ids = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", reading.everything())

    assert set(ids) == set(ROLES.values())


def test_every_role_assignment_says_why() -> None:
    """A role without a reason is one too many."""
    for file in reading.FILES:
        text = file.read_text(encoding="utf-8")
        given = len(re.findall(r"resource \w+ 'Microsoft.Authorization/roleAssignments@", text))
        assert text.count("// Why: ") >= given, file.name
    containers = re.findall(r"^    (.+)\n    container: ", reading.text_of("modules/storage-roles.bicep"), re.MULTILINE)
    assert len(containers) == 6
    assert all(line.startswith("// Why: ") for line in containers)


def test_no_role_reaches_the_whole_account_or_group() -> None:
    """Every assignment names its scope, and none is a storage account, a resource group or the subscription."""
    scopes = []
    for file in reading.FILES:
        blocks = re.split(r"(?=^resource )", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        given = [
            block for block in blocks if re.match(r"resource \w+ 'Microsoft.Authorization/roleAssignments@", block)
        ]
        scopes += [re.findall(r"^  scope: (\S+)$", block, re.MULTILINE) for block in given]

    places = ["containers[place]", "insights", "queue[place]", "rule", "table[place]", "vault"]
    assert sorted(scopes) == [[place] for place in places]


def test_no_parameter_output_or_setting_looks_like_a_secret() -> None:
    """Secrets are neither asked for nor told: who deploys never holds one."""
    text = reading.everything()
    names = set(re.findall(r"^(?:param|output) (\w+)", text, re.MULTILINE)) - NO_SECRETS

    assert [name for name in sorted(names) if SECRET_LOOKING.search(name)] == []
    assert "@secure" not in text
    assert not re.search(r"\blist(Keys|AccountSas|ServiceSas|Secrets?)\b", text, re.IGNORECASE)
    assert "getSecret(" not in text


def test_no_setting_that_is_a_secret_has_a_value() -> None:
    """What the app takes as a secret is never deployed as a value, but for the storage's address without a key."""
    secret = {
        f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)
    }
    deployed = {name: value for name, value in reading.app_settings().items() if name in secret}

    assert deployed == {f"{PREFIX}STORAGE": "'https://${storageName}.blob.${environment().suffixes.storage}'"}


def test_secrets_reach_the_app_by_reference_only() -> None:
    """The value of a setting from WEBHOOK_SETTINGS names a Key Vault secret and holds none."""
    app = reading.text_of("modules/app.bicep")

    assert "value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${toLower(replace(name, '_', '-'))})'" in app
    assert "keyVaultReferenceIdentity: identityId" in app


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("storage", "allowSharedKeyAccess: false"),
        ("storage", "allowBlobPublicAccess: false"),
        ("storage", "minimumTlsVersion: 'TLS1_2'"),
        ("storage", "supportsHttpsTrafficOnly: true"),
        ("storage", "isVersioningEnabled: true"),
        ("vault", "enableRbacAuthorization: true"),
        ("vault", "enablePurgeProtection: true"),
        ("monitoring", "DisableLocalAuth: true"),
        ("monitoring", "disableLocalAuth: true"),
        ("monitoring", "WorkspaceResourceId: workspace.id"),
        ("app", "httpsOnly: true"),
        ("app", "name: 'FC1'"),
        ("app", "version: '3.13'"),
        ("app", "type: 'UserAssignedIdentity'"),
        ("alerts", "skipQueryValidation: true"),
        ("auth", "unauthenticatedClientAction: 'AllowAnonymous'"),
        ("auth", "clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'"),
    ],
)
def test_what_must_be_there(file: str, line: str) -> None:
    """The properties that the service's safety rests on are set, once."""
    lines = [found.strip() for found in reading.text_of(f"modules/{file}.bicep").splitlines()]

    assert lines.count(line) == 1


def test_no_container_is_public_and_deleted_blobs_come_back() -> None:
    """Every container forbids public reading; blobs and containers are kept a while after deletion."""
    storage = reading.text_of("modules/storage.bicep")

    assert storage.count("publicAccess: 'None'") == storage.count("/containers@")
    assert storage.count("days: undeleteDays") == 2


def test_immutability_is_for_scans_alone_and_never_longer_than_retention() -> None:
    """The one policy hangs on the container of scans; days beyond retention are refused by a parameter that takes 0."""
    storage, main = reading.text_of("modules/storage.bicep"), reading.text_of("main.bicep")
    policies = re.findall(r"immutabilityPolicies@[^\n]+\n  parent: (\w+)\n", storage)

    assert policies == ["scans"]
    assert "resource scans" in storage.partition("name: 'connectorwatch-scans'")[0].rpartition("\n}\n")[2]
    assert "immutabilityDaysBeyondRetentionDays: max(0, immutabilityDays - retentionDays)" in main
    guard = storage.partition("param immutabilityDaysBeyondRetentionDays int")[0].rpartition("@maxValue(0)")[2]
    assert "\n\n" not in guard


def test_every_skipped_check_carries_its_reason() -> None:
    """`checkov:skip` is followed by the check and a sentence."""
    skips = re.findall(r"checkov:skip(.*)", reading.everything())

    assert skips
    assert [skip for skip in skips if not re.fullmatch(r"=CKV2?_AZURE_\d+:\w.{20,}", skip)] == []


def test_every_parameter_is_set_by_one_variable_that_the_docs_explain() -> None:
    """main.parameters.json and main.bicep agree, and docs/deploy.md names every variable."""
    variables = reading.environment_names()
    page = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")

    assert variables.keys() == reading.parameters().keys()
    assert [name for name, _ in variables.values() if f"`{name}`" not in page] == []


def test_defaults_stand_once() -> None:
    """Where both files give a default, they give the same one."""
    defaults = reading.parameters()
    different = {
        name: (told, defaults[name])
        for name, (_, told) in reading.environment_names().items()
        if told != (defaults[name] or "").strip("'")
    }

    assert different == {}


def test_no_azd_variable_is_taken_for_a_setting() -> None:
    """The values of azd can be loaded into a shell in which connectorwatch then refuses no unknown setting."""
    outputs = re.findall(r"^output (\w+)", reading.text_of("main.bicep"), re.MULTILINE)
    names = [*outputs, *(name for name, _ in reading.environment_names().values())]

    assert [name for name in names if name.startswith(PREFIX)] == []


def test_azd_finds_the_app_that_it_deploys_to() -> None:
    """The service in azure.yaml is the tag on the Functions app."""
    azure = (ROOT / "azure.yaml").read_text(encoding="utf-8")
    tag = re.search(r"'azd-service-name': '(\w+)'", reading.text_of("modules/app.bicep"))

    assert tag is not None
    assert f"\nservices:\n  {tag[1]}:\n" in azure
    assert (reading.INFRA / "main.bicep").exists()


def test_no_name_is_longer_than_azure_takes() -> None:
    """Names end in a suffix of 13 characters, and Azure refuses a resource whose name is too long."""
    names = {kind: re.sub(r"\$\{\w+\.name\}", "x" * 20, name) for kind, name in reading.made_names().items()}
    lengths = {kind: len(name.replace("${suffix}", "x" * 13)) for kind, name in names.items()}

    assert lengths.keys() == NAME_LENGTHS.keys()
    assert {kind: length for kind, length in lengths.items() if length > NAME_LENGTHS[kind]} == {}
    assert re.fullmatch(r"[a-z0-9]+\$\{suffix\}", names["modules/storage.bicep"])


@pytest.mark.parametrize("folder", [".venv", "connectorwatch_env", ".azure"])
def test_azd_uploads_no_folder_that_it_or_make_setup_made(folder: str) -> None:
    """With a .funcignore, azd leaves out what stands there and no virtual environment by itself."""
    patterns = (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()

    assert any(fnmatch(folder, pattern) for pattern in patterns)
