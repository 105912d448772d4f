"""The doctor from the command line: installation, storage, credential, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectorwatch.doctor.installation import storage_checks
from connectorwatch.settings import Settings
from inventory.permissions import NEEDS
from simulator import DEMO_POLICY, Fault, FaultKind
from tests.connectorwatch.doctor.asking import contoso, doctor, missing, served, told
from tests.e2e.commands import run
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_three_commands_lead_to_a_working_doctor(tmp_path: Path) -> None:
    """`doctor --demo` needs nothing but the installation, and finds nothing missing."""
    ran = run("doctor", "--demo", "--out", str(tmp_path), settings={})

    assert ran.code == 0
    assert "Nothing is missing" in ran.stdout
    assert list(tmp_path.glob("_doctor*")) == []


def test_the_readme_leads_there() -> None:
    """README's first commands are the installation and this one."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = page.partition("```sh\n")[2].partition("```")[0].splitlines()

    assert [line.partition("  ")[0] for line in commands[:2]] == [
        "make setup && . .venv/bin/activate",
        "connectorwatch doctor --demo",
    ]


def test_the_token_is_never_printed(tmp_path: Path) -> None:
    """Neither the table nor the JSON holds the token."""
    with served() as settings:
        table, machine = doctor(settings, tmp_path), doctor(settings, tmp_path, "--json")

    for ran in (table, machine):
        assert settings["CONNECTORWATCH_GRAPH_TOKEN"] not in ran.stdout + ran.stderr
    assert json.loads(machine.stdout)["identity"]["kind"] == "app-only"


def test_few_and_small_requests(tmp_path: Path) -> None:
    """The whole examination takes some fifteen requests, whatever the tenant's size."""
    with served() as settings:
        assert told(settings, tmp_path)["requests"] <= 17


def test_without_a_token_the_rest_is_told_and_the_exit_code_is_1(tmp_path: Path) -> None:
    """No credential: nothing of Graph is known, everything else is."""
    settings = {"CONNECTORWATCH_CREDENTIAL": "token"}
    document = told(settings, tmp_path)

    assert document["code"] == 1
    assert [check["name"] for check in missing(document)] == ["sign-in"]
    assert "CONNECTORWATCH_GRAPH_TOKEN" in missing(document)[0]["said"]


def test_an_answer_that_is_not_graphs(tmp_path: Path) -> None:
    """A list that something else answered is told as failed, and the exit code is 4."""
    with served(faults=[Fault(path="/auditLogs/directoryAudits", kind=FaultKind.HTML)]) as settings:
        document = told(settings, tmp_path)

    (found,) = missing(document)
    assert (document["code"], found["costs"], found["code"]) == (4, ["CON005"], "not_json")
    assert found["mend"]


def test_a_token_of_another_tenant_is_told(tmp_path: Path) -> None:
    """Whoever signed in to the wrong tenant reads as whom, and to which."""
    with served() as settings:
        document = told({**settings, "CONNECTORWATCH_TENANT_ID": OTHER}, tmp_path)

    (found,) = missing(document)
    assert (document["code"], found["name"], document["identity"]["tenant"]) == (1, "sign-in", contoso().tenant.id)
    assert "token" in [check["name"] for check in document["checks"]]


@pytest.mark.slow
def test_what_fails_alike_is_told_once(tmp_path: Path) -> None:
    """A network that is away is one thing, with all its lists in their usual order and what rests on them."""
    with served() as settings:
        document = told({**settings, "CONNECTORWATCH_GRAPH_ROOT": "http://127.0.0.1:1"}, tmp_path)

    (found,) = missing(document)
    lists = ["organization", "connectors", "connector_groups", "private_access", "role_definitions", "role_assignments"]
    assert (found["name"], found["code"]) == ("12 kinds of list", "unreachable")
    assert found["lists"][:7] == [*lists, "role_assignments/plain"]
    assert [kind for kind in NEEDS if kind in found["lists"]] == [*lists, *found["lists"][7:]]
    assert "the root is http://127.0.0.1:1, set by CONNECTORWATCH_GRAPH_ROOT" in found["said"]
    assert "organization, connectors, connector groups" in found["said"]
    assert {"CON001", "GRP001", "REG001", "VER001"} < set(found["costs"])


def test_principals_without_names_are_a_refusal(tmp_path: Path) -> None:
    """Where Graph gives ids alone, the lack is recognised."""
    names = ["Group.Read.All", "Organization.Read.All"]
    with served(contoso(permissions=tuple(names)), permissions=names) as settings:
        document = told(settings, tmp_path)

    assert "Directory.Read.All" in [check["missing"] for check in missing(document)]


@pytest.mark.parametrize("tenant", ["empty", "no-p2"])
def test_small_tenants_and_those_without_p2(tenant: str, tmp_path: Path) -> None:
    """Where there is no group or no licence, nothing is missing for that."""
    with served(contoso(tenant)) as settings:
        document = told(settings, tmp_path)

    assert missing(document) == []


def test_a_bad_policy_costs_everything(tmp_path: Path) -> None:
    """A mistake in the policy is told with its line, and Graph is asked all the same."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nunknown: 1\n", encoding="utf-8")
    with served() as settings:
        ran = run("doctor", "--out", str(tmp_path), "--policy", str(policy), "--json", settings=settings)
    document = json.loads(ran.stdout)

    assert ran.code == 1
    assert [check["name"] for check in missing(document)] == ["policy"]
    assert "line 2" in missing(document)[0]["said"]


def test_a_bad_catalogue(tmp_path: Path) -> None:
    """A catalogue of releases that is missing is told."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nreleases: nowhere.yaml\n", encoding="utf-8")
    with served() as settings:
        ran = run("doctor", "--out", str(tmp_path), "--policy", str(policy), "--json", settings=settings)

    assert [check["name"] for check in missing(json.loads(ran.stdout))] == ["releases"]


def test_storage_that_is_a_file(tmp_path: Path) -> None:
    """A store that cannot be written costs everything."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with served() as settings:
        document = told(settings, tmp_path / "file")

    (found,) = missing(document)
    assert (found["name"], len(found["costs"]) > 20) == ("storage", True)


def listed(folder: Path, *lines: str) -> dict[str, str]:
    """Return settings with a list of tenants."""
    path = folder / "tenants.yaml"
    path.write_text("\n".join(("version: 1", "tenants:", *lines)), encoding="utf-8")
    return {"CONNECTORWATCH_TENANTS": str(path)}


OTHER = "11111111-2222-4333-8444-555555555555"


def test_a_list_of_tenants_without_a_name(tmp_path: Path) -> None:
    """Where many are listed and none is named, the list is checked and nobody is asked."""
    document = told(listed(tmp_path, f"  - id: {OTHER}"), tmp_path)

    assert (document["code"], document["requests"], document["identity"]) == (0, 0, None)
    assert "the list names 1" in str(document["checks"])


def test_no_tenant_asked_is_no_clean_bill(tmp_path: Path) -> None:
    """Where Graph was not asked, nobody is told that a scan can assess everything."""
    ran = doctor(listed(tmp_path, f"  - id: {OTHER}"), tmp_path)

    assert "Graph was not asked" in ran.stdout
    assert "can assess everything" not in ran.stdout


def test_a_route_of_the_list_that_nobody_defines(tmp_path: Path) -> None:
    """What delivery could not open is missing, though no policy says anything wrong."""
    document = told(listed(tmp_path, f"  - id: {OTHER}", "    routes: [nobody]"), tmp_path)

    assert [check["name"] for check in missing(document)] == ["route nobody"]


LOGS = {
    "CONNECTORWATCH_LOGS_ENDPOINT": "https://x.westeurope-1.ingest.monitor.azure.com",
    "CONNECTORWATCH_LOGS_RULE_ID": "dcr-00000000000000000000000000000000",
}


@pytest.mark.parametrize(
    ("settings", "route", "expected"),
    [
        (LOGS, "soc", {"route log-analytics": "ok", "route soc": "missing"}),
        (
            {"CONNECTORWATCH_LOGS_RULE_ID": LOGS["CONNECTORWATCH_LOGS_RULE_ID"]},
            None,
            {"route log-analytics": "missing"},
        ),
        (LOGS, "log-analytics", {"routes": "missing"}),
    ],
)
def test_the_table_in_log_analytics(
    settings: dict[str, str], route: str | None, expected: dict[str, str], tmp_path: Path
) -> None:
    """It is no route of the policy: it is told as set up or not, and so is a route that takes its name."""
    routes = f"routes: [{{id: {route}, webhook: 'env:NOT_SET'}}]\n" if route else ""
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"version: 1\n{routes}", encoding="utf-8")
    asked = {**settings, **listed(tmp_path, f"  - id: {OTHER}")}
    ran = run("doctor", "--out", str(tmp_path), "--policy", str(policy), "--json", settings=asked)
    found = {check["name"]: check["state"] for check in json.loads(ran.stdout)["checks"] if "route" in check["name"]}

    assert found == expected


def test_a_tenant_of_the_list(tmp_path: Path) -> None:
    """A tenant that is named is asked with its own settings, and one that is not listed with the general ones."""
    own = contoso().tenant.id
    with served() as settings:
        general = {name: value for name, value in settings.items() if name != "CONNECTORWATCH_TENANT_ID"}
        for entry in (own, OTHER):
            document = told(general | listed(tmp_path, f"  - id: {entry}"), tmp_path, "--tenant", own)
            assert (document["code"], document["tenant"]) == (0, own)


def test_a_bad_list_of_tenants(tmp_path: Path) -> None:
    """A mistake in the list is told, and so is a credential that asks a person."""
    lines = (f"  - id: {OTHER}", "    credential: device_code")
    with served() as settings:
        document = told(settings | listed(tmp_path, *lines), tmp_path)

    (found,) = missing(document)
    assert found["name"] == "tenants"
    assert "asks a person to sign in" in found["said"]


def test_the_policy_decides_which_verdicts_are_lost(tmp_path: Path) -> None:
    """A rule that is switched off is not lost."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nrules: {CON005: {enabled: false}}\n", encoding="utf-8")
    with served(permissions=["Directory.Read.All"]) as settings:
        ran = run("doctor", "--out", str(tmp_path), "--policy", str(policy), "--json", settings=settings)
    audit = next(check for check in missing(json.loads(ran.stdout)) if check["missing"] == "AuditLog.Read.All")

    assert audit["costs"] == []


def test_an_account_without_a_queue_is_a_note(tmp_path: Path) -> None:
    """Where storage is a folder no queue is looked for."""
    assert [check.name for check in storage_checks(Settings(storage=str(tmp_path)), {})] == ["storage"]  # type: ignore[arg-type]  # pydantic makes it a secret


def test_the_policy_of_the_demo_is_named(tmp_path: Path) -> None:
    """The demo says which policy it reads."""
    with served() as settings:
        ran = doctor(settings, tmp_path)

    assert DEMO_POLICY.name in "".join(ran.stdout.split())


def test_a_table_for_people(tmp_path: Path) -> None:
    """Many rules are told as ranges, the command that mends stands on a line of its own, once, and can be copied."""
    with served(permissions=[]) as settings:
        ran = doctor(settings | {"COLUMNS": "80"}, tmp_path)
    lines = ran.stdout.splitlines()

    assert ran.code == 1
    assert "CON001 to CON" in ran.stdout
    assert sum(line.startswith("connectorwatch grant --principal ") for line in lines) == 1
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("https://prod-1.westeurope.logic.azure.com/workflows/x?sig=a-secret-signature", "ok"),
        ("https://evil.example/hook?sig=a-secret-signature", "missing"),
    ],
)
def test_the_host_of_a_webhook(address: str, state: str, tmp_path: Path) -> None:
    """An address of Teams Workflows is allowed and another is not; no card is sent, and the address is not shown."""
    with served() as settings:
        ran = doctor({**settings, "CONNECTORWATCH_TEAMS_WEBHOOK_URL": address}, tmp_path, "--json")
    found = {check["name"]: check for check in json.loads(ran.stdout)["checks"]}

    assert (found["route default"]["state"], ran.code) == (state, 0 if state == "ok" else 4)
    assert "a-secret-signature" not in ran.stdout
