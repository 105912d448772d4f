"""Mistakes of each kind that matters, planted into a copy of infra/: `make infra` fails on each."""

from __future__ import annotations

import re

import pytest

from tests.infra import compiler
from tests.infra.compiler import Mistake

pytestmark = [pytest.mark.infra, compiler.needs_bicep]
APP, STORAGE, VAULT = "modules/app.bicep", "modules/storage.bicep", "modules/vault.bicep"
ROLES = "modules/storage-roles.bicep"
LINTED = {
    "grammar": (Mistake(APP, "  kind: 'functionapp'\n", "  kind 'functionapp'\n"), "BCP018"),
    "a name that is not there": (Mistake(APP, "serverFarmId: plan.id", "serverFarmId: plam.id"), "BCP057"),
    "a property that is not there": (Mistake(STORAGE, "allowBlobPublicAccess", "allowBlobPublicAcess"), "BCP089"),
    "a value that is refused": (Mistake(STORAGE, "accessTier: 'Hot'", "accessTier: 'Warm'"), "BCP036"),
    "a value of another type": (
        Mistake(VAULT, "enablePurgeProtection: true", "enablePurgeProtection: 'yes'"),
        "BCP036",
    ),
    "a property that is required": (Mistake(VAULT, "    tenantId: tenant().tenantId\n", ""), "BCP035"),
    "a property that can only be read": (
        Mistake(
            "modules/identity.bicep", "  tags: tags\n}", "  tags: tags\n  properties: {\n    clientId: 'x'\n  }\n}"
        ),
        "BCP073",
    ),
    "a resource type that is not there": (
        Mistake("modules/identity.bicep", "userAssignedIdentities@", "userAssignedIdentitys@"),
        "BCP081",
    ),
    "an API version that is not there": (Mistake(VAULT, "vaults@2026-05-15", "vaults@2026-05-16"), "BCP081"),
    "an API version that is old": (Mistake(VAULT, "vaults@2026-05-15", "vaults@2023-07-01"), "use-recent-api-versions"),
    "a module without a parameter": (Mistake("main.bicep", "    undeleteDays: undeleteDays\n", ""), "BCP035"),
    "a module with a parameter too many": (
        Mistake("main.bicep", "    undeleteDays: undeleteDays\n", "    undeleteDays: undeleteDays\n    other: 1\n"),
        "BCP037",
    ),
    "an output that is not there": (Mistake("main.bicep", "vault.outputs.uri", "vault.outputs.url"), "BCP083"),
    "a module that may be left out": (
        Mistake("main.bicep", "network.?outputs.appSubnetId ?? ''", "network.outputs.appSubnetId"),
        "BCP318",
    ),
    "a parameter that nobody uses": (
        Mistake(VAULT, "param name string\n", "param name string\nparam x string = ''\n"),
        "no-unused-params",
    ),
    "a circle": (Mistake(STORAGE, "  kind: 'StorageV2'", "  kind: blobs.name"), "BCP080"),
    "an address of the public cloud": (
        Mistake(APP, "${storageName}.blob.${storageSuffix}'", "${storageName}.blob.core.windows.net'"),
        "no-hardcoded-env-urls",
    ),
    "a secret that is given back": (
        Mistake(
            STORAGE, "output name string", "output key string = account.listKeys().keys[0].value\noutput name string"
        ),
        "outputs-should-not-contain-secrets",
    ),
    "a secret that is asked for in the open": (
        Mistake(APP, "param graphCloud string", "param clientSecret string\nparam graphCloud string"),
        "secure-secrets-in-params",
    ),
}
ALONGSIDE = {
    "grammar": ("BCP009",),
    "a module without a parameter": ("no-unused-params",),
    "a circle": ("BCP062", "BCP121", "BCP240"),
    "a secret that is asked for in the open": ("BCP035", "no-unused-params"),
}
"""What a mistake brings with it, beside the complaint about a module with errors (BCP104)."""
CHANGED = {
    "a setting": (
        Mistake(
            APP,
            "CONNECTORWATCH_SPREAD_MINUTES: '${spreadMinutes}'",
            "CONNECTORWATCH_SPREAD_MINUTES: '${spreadMinutes + 1}'",
        ),
        r'~ value: "60" => "61"',
    ),
    "where a role is given": (
        Mistake(ROLES, "scope: containers[place]", "scope: containers[0]"),
        r"- \S+/containers/connectorwatch-scans/providers/Microsoft.Authorization/roleAssignments/",
    ),
    "another role": (
        Mistake(
            ROLES, "'connectorwatch-state'\n    role: blobContributor", "'connectorwatch-state'\n    role: blobOwner"
        ),
        r"- \S+/containers/connectorwatch-state/providers/Microsoft.Authorization/roleAssignments/",
    ),
    "an alert": (
        Mistake("modules/alerts.bicep", "threshold: alert.threshold", "threshold: alert.threshold + 1"),
        r"~ threshold: 0 => 1",
    ),
    "a log that is left out": (
        Mistake(STORAGE, "log.category != 'StorageRead'", "log.category == 'StorageDelete'"),
        r'~ category: "StorageWrite" => "StorageDelete"',
    ),
    "a schedule": (
        Mistake("main.bicep", "'0 0 6 * * *' : scanSchedule", "'0 0 5 * * *' : scanSchedule"),
        r'~ value: "0 0 6 \* \* \*" => "0 0 5 \* \* \*"',
    ),
    "a queue's name": (
        Mistake(STORAGE, "name: 'scan-requests-poison'", "name: 'scan-requests-dead'"),
        r"- \S+/queues/scan-requests-poison",
    ),
}
"""Mistakes that compile, and the line of the comparison that shows each."""


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter prints of a copy for each mistake, all in one call, which takes seconds instead of a minute."""
    root = tmp_path_factory.mktemp("linted")
    places = {name: f"copy{number}" for number, name in enumerate(LINTED)}
    for name, place in places.items():
        compiler.copied(root / place, [LINTED[name][0]])
    lines = compiler.run("lint", "--pattern", root / "*/infra/main.bicep")[1].splitlines()
    return {name: "\n".join(line for line in lines if f"/{place}/" in line) for name, place in places.items()}


@pytest.mark.parametrize("name", LINTED)
def test_the_linter_sees(linted: dict[str, str], name: str) -> None:
    """Each mistake is named by the linter, by its code or its rule, and nothing else is wrong with its copy."""
    code = LINTED[name][1]
    found = set(re.findall(r"(?:Error|Warning) ([\w-]+):", linted[name]))

    assert code in found
    assert found <= {code, "BCP104", *ALONGSIDE.get(name, ())}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> str:
    """How the kept prediction differs from a copy with all mistakes that compile."""
    root = compiler.copied(tmp_path_factory.mktemp("changed"), [mistake for mistake, _ in CHANGED.values()])
    return compiler.validate(root, "smallest")


@pytest.mark.parametrize("line", [line for _, line in CHANGED.values()], ids=CHANGED)
def test_the_kept_prediction_shows_a_change_of(compared: str, line: str) -> None:
    """What compiles and deploys something else differs from the prediction that was kept, and the line says where."""
    assert re.search(rf"^ *{line}", compared, re.MULTILINE), compared
