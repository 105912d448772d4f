"""Which identity may do what in the predicted deployments: a role on single things, each with its reason."""

from __future__ import annotations

import re

import pytest

from tests.infra import reading
from tests.infra.reading import ACCOUNT, SITE, VAULT, within, without_suffix
from tools.predicted import ASSIGNMENT, NAMES, ROLES, assignments, below, only, resources


@pytest.mark.parametrize("shape", NAMES)
def test_every_role_is_a_known_one(shape: str) -> None:
    """A mistyped id would give another right, or none."""
    assert {given.role for given in assignments(shape)} <= set(ROLES.values())


def test_every_id_of_a_role_in_the_files_has_its_name_beside_it() -> None:
    """The name of a built-in role stands on the line before its id, and there is no other id."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in reading.FILES)
    named = re.findall(r"^// (.+)\nvar \w+ = '([0-9a-f-]{36})'$", text, re.MULTILINE)
    ids = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)

    assert {identity: name for name, identity in named} == ROLES
    assert set(ids) == set(ROLES)


def test_every_role_assignment_says_why() -> None:
    """A role without a reason is one too many."""
    for file in reading.FILES:
        text = file.read_text(encoding="utf-8")
        given = len(re.findall(rf"resource \w+ '{ASSIGNMENT}@[^']+' = ", text))
        assert text.count("// Why: ") >= given, file.name
    roles = (reading.INFRA / "modules/storage-roles.bicep").read_text(encoding="utf-8")
    containers = re.findall(r"^    (.+)\n    container: ", roles, re.MULTILINE)
    assert len(containers) == 5
    assert all(line.startswith("// Why: ") for line in containers)


@pytest.mark.parametrize("shape", NAMES)
def test_no_role_reaches_a_whole_account_vault_or_group(shape: str) -> None:
    """Each is on a container, a queue, a table, a secret, or the one component or rule that takes telemetry."""
    parts = {without_suffix(shape, given.scope.rpartition("/")[0]) for given in assignments(shape)}

    assert parts <= {
        f"{ACCOUNT}/stcw/blobServices/default/containers",
        f"{ACCOUNT}/stcw/queueServices/default/queues",
        f"{ACCOUNT}/stcw/tableServices/default/tables",
        f"{VAULT}/kv-cw-/secrets",
        "Microsoft.Insights/components",
        "Microsoft.Insights/dataCollectionRules",
    }


@pytest.mark.parametrize("shape", NAMES)
def test_every_container_queue_and_table_has_exactly_one_role(shape: str) -> None:
    """One without a role would be refused at the first scan; a second role would be more than is needed."""
    stored = [
        f"{ACCOUNT}/{part}" for part in ("blobServices/containers", "queueServices/queues", "tableServices/tables")
    ]
    made = sorted(below(resource.identity) for kind in stored for resource in resources(shape, kind))
    given = sorted(held.scope for held in assignments(shape) if held.scope.startswith(f"{ACCOUNT}/"))

    assert len(made) == 14
    assert given == made


def test_each_secret_has_a_role_of_its_own_and_no_other_can_be_read() -> None:
    """Only what WEBHOOK_SETTINGS names is readable; with nothing named there is no role in Key Vault at all."""
    roles = [held for held in assignments("everything") if "KeyVault" in held.scope]
    vault = only("everything", VAULT).name

    assert {held.role for held in roles} == {"Key Vault Secrets User"}
    assert sorted(held.scope.removeprefix(f"{VAULT}/{vault}/") for held in roles) == [
        "secrets/connectorwatch-teams-webhook-url",
        "secrets/otel-exporter-otlp-headers",
    ]
    assert [held for held in assignments("smallest") if "KeyVault" in held.scope] == []


@pytest.mark.parametrize(("shape", "separate"), [("smallest", False), ("private", True), ("everything", True)])
def test_the_apps_identity_has_no_role_on_its_package_where_another_identity_deploys_it(
    shape: str, *, separate: bool
) -> None:
    """The platform fetches the package with the deployment identity, which has no other role."""
    site = only(shape, SITE)
    app = f"id-connectorwatch-{site.name.rpartition('-')[2]}"
    package = f"id-connectorwatch-package-{site.name.rpartition('-')[2]}" if separate else app
    fetches = within(site.properties, "functionAppConfig.deployment.storage.authentication")

    assert [held.who for held in assignments(shape) if held.scope.endswith("/app-package")] == [package]
    assert [held.who for held in assignments(shape) if not held.scope.endswith("/app-package")] == [app] * (
        len(assignments(shape)) - 1
    )
    assert (fetches["type"], fetches["userAssignedIdentityResourceId"].rpartition("/")[2]) == (
        "UserAssignedIdentity",
        package,
    )
    assert {name.rpartition("/")[2] for name in site.body["identity"]["userAssignedIdentities"]} == {app, package}
    assert site.properties["keyVaultReferenceIdentity"].rpartition("/")[2] == app
