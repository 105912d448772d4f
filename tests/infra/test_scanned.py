"""What checkov says of the predicted deployments, where every value is known. Run by `make infra`.

It reads no modules inside a compiled template, and not all of Bicep's grammar, but a template of plain resources whole.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra import compiler
from tests.infra.compiler import Mistake
from tools.predicted import NAMES, SHAPES

if TYPE_CHECKING:
    from pathlib import Path

CHECKOV = os.environ.get("CHECKOV", "checkov")
pytestmark = [
    pytest.mark.infra,
    compiler.needs_bicep,
    pytest.mark.skipif(shutil.which(CHECKOV) is None and not os.environ.get("CI"), reason="checkov is not here"),
]
ACCEPTED = {
    "CKV_AZURE_17": "Machines prove themselves with a function key, people by signing in; neither has a certificate.",
    "CKV_AZURE_212": "The plan scales to zero between scans, which is its price; a timer wakes it.",
    "CKV_AZURE_213": "Flex Consumption has no health check; api/health and the alert on silence stand for it.",
    "CKV_AZURE_222": "People and machines reach the pages and the API here; a key or sign-in lets them in.",
    "CKV_AZURE_225": "Flex Consumption starts elsewhere by itself when a zone fails; a late scan shows as SVC002.",
}
"""What the scanner wants and the deployments do not have, with the reason."""
ZONES = {"CKV_AZURE_206": "ZRS is replication over three zones; the check asks for another region."}
"""The same where storage is not replicated to another region."""
_NO_SITE = "A check for sites, which the settings of sign-in are not; the site itself passes it."
SIGN_IN = {
    "CKV_AZURE_13": "platform.enabled is what this asks for; the check knows the older form of these settings.",
    **dict.fromkeys(("CKV_AZURE_63", "CKV_AZURE_65", "CKV_AZURE_66", "CKV_AZURE_80", "CKV_AZURE_88"), _NO_SITE),
}
"""The same where people sign in."""
CLOSED = {"CKV_AZURE_36": "No Microsoft service is let past the firewall: logs are sent by the platform itself."}
"""The same with private networking."""
OPEN = {
    "CKV_AZURE_59": "Without a virtual network the app has no address that could be allowed; roles alone let in.",
    "CKV_AZURE_35": "The same.",
    "CKV_AZURE_109": "The same, for Key Vault.",
    "CKV_AZURE_189": "The same, for Key Vault.",
}
"""The same for a deployment without private networking."""
PLANTED = {
    "CKV_AZURE_3": Mistake(
        "modules/storage.bicep", "supportsHttpsTrafficOnly: true", "supportsHttpsTrafficOnly: false"
    ),
    "CKV_AZURE_34": Mistake("modules/storage.bicep", "publicAccess: 'None'", "publicAccess: 'Blob'"),
    "CKV_AZURE_44": Mistake("modules/storage.bicep", "minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: 'TLS1_0'"),
    "CKV_AZURE_35": Mistake("main.bicep", "privateNetworking ? 'Deny' : 'Allow'", "'Allow'"),
    "CKV_AZURE_59": Mistake("main.bicep", "privateNetworking ? 'Disabled' : 'Enabled'", "'Enabled'"),
    "CKV_AZURE_110": Mistake("modules/vault.bicep", "    enablePurgeProtection: true\n", ""),
    "CKV_AZURE_78": Mistake("modules/app.bicep", "ftpsState: 'Disabled'", "ftpsState: 'AllAllowed'"),
    "CKV_AZURE_70": Mistake("modules/app.bicep", "httpsOnly: true", "httpsOnly: false"),
}
"""Mistakes that compile, by the check that has to see each."""


def as_template(snapshot: Path) -> dict[str, Any]:
    """Return a prediction as a template of plain resources, which is what the scanner reads."""
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": json.loads(snapshot.read_text(encoding="utf-8"))["predictedResources"],
    }


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The checks that fail, by kept shape, and of one that is predicted anew with mistakes planted."""
    bad = compiler.copied(tmp_path_factory.mktemp("bad"), PLANTED.values())
    code, printed = compiler.predict(bad, "private")
    assert code == 0, printed
    folder = tmp_path_factory.mktemp("templates")
    kept = {shape: SHAPES / f"{shape}.snapshot.json" for shape in NAMES}
    for name, snapshot in {**kept, "planted": bad / compiler.SHAPES / "private.snapshot.json"}.items():
        (folder / f"{name}.json").write_text(json.dumps(as_template(snapshot), indent=1), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - the scanner that make installed
        [CHECKOV, "--directory", folder, "--framework", "arm", "--output", "json", "--skip-download"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0, done.stderr
    assert report["summary"]["passed"] > 100
    found: dict[str, set[str]] = {path.stem: set() for path in folder.iterdir()}
    for check in report["results"]["failed_checks"]:
        found[check["file_path"].removeprefix("/").removesuffix(".json")].add(check["check_id"])
    return found


@pytest.mark.parametrize(
    ("shape", "accepted"),
    [
        ("smallest", {**ACCEPTED, **ZONES, **OPEN}),
        ("private", {**ACCEPTED, **ZONES, **CLOSED}),
        ("everything", {**ACCEPTED, **CLOSED, **SIGN_IN}),
    ],
)
def test_what_the_scanner_wants_is_there_or_has_its_reason(
    failed: dict[str, set[str]], shape: str, accepted: dict[str, str]
) -> None:
    """A failing check without a reason is a mistake, and so is a reason that nothing asks for any more."""
    assert failed[shape] == accepted.keys()


@pytest.mark.parametrize("check", PLANTED)
def test_the_scanner_sees_what_is_planted(failed: dict[str, set[str]], check: str) -> None:
    """A mistake that the compiler takes is seen by the scanner, in the deployment that results."""
    assert check in failed["planted"]
