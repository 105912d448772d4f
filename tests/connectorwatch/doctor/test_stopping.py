"""How the doctor ends: with 1 exactly where a scan could not be made, and with what was not tried said as that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from common.errors import CredentialError, SettingsError
from connectorwatch.platform.credentials import credential_of, tenant_of
from connectorwatch.settings import Settings
from inventory.permissions import AUDIT, DIRECTORY, GROUP_ASSIGNMENTS, ROLE_ELIGIBILITIES
from simulator import DEMO_POLICY
from tests.connectorwatch.doctor.asking import contoso, doctor, missing, served, told
from tests.connectorwatch.doctor.test_tokens import APP, token
from tests.e2e.commands import AT, run

if TYPE_CHECKING:
    from pathlib import Path

    from connectorwatch.settings import Cloud

TENANT = "11111111-2222-4333-8444-555555555555"


def ends(settings: dict[str, str], folder: Path) -> int:
    """Return how a scan of the same Graph ends."""
    return run("scan", "--out", str(folder), "--policy", str(DEMO_POLICY), "--at", AT, settings=settings).code


@pytest.mark.parametrize(
    ("permissions", "code", "stopping"),
    [
        ((), 1, [AUDIT, DIRECTORY]),
        ((ROLE_ELIGIBILITIES, GROUP_ASSIGNMENTS), 1, [AUDIT, DIRECTORY]),
        ((AUDIT,), 4, []),
        ((DIRECTORY,), 4, []),
    ],
)
def test_no_list_that_can_be_read_stops_every_scan(
    permissions: tuple[str, ...], code: int, stopping: list[str], tmp_path: Path
) -> None:
    """The doctor ends with 1 where a scan does: lists that a scan never gets to are no help."""
    with served(permissions=permissions) as settings:
        document = told(settings, tmp_path / "doctor")
        scan = ends(settings, tmp_path / "scan")

    assert document["code"] == code
    assert (scan == 1) is (code == 1)
    assert sorted(check["missing"] for check in missing(document) if check["stops"]) == stopping


def test_what_stops_is_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    """Who reads the last line knows what has to be mended first."""
    with served(permissions=()) as settings:
        said = " ".join(doctor(settings, tmp_path).stdout.split())

    assert f"Nothing can be scanned until this is mended: {DIRECTORY}, {AUDIT}." in said
    assert "4 further things are missing; without them 7 rules cannot judge everything." in said


@pytest.mark.slow
def test_without_a_graph_the_doctor_ends_as_a_scan_does(tmp_path: Path) -> None:
    """A Graph that cannot be reached stops every scan."""
    with served() as settings:
        away = {**settings, "CONNECTORWATCH_GRAPH_ROOT": "http://127.0.0.1:1", "COLUMNS": "400"}
        ran, scan = doctor(away, tmp_path / "doctor"), ends(away, tmp_path / "scan")

    assert (ran.code, scan) == (1, 1)
    assert "http://127.0.0.1:1, set by CONNECTORWATCH_GRAPH_ROOT" in ran.stdout


def test_what_there_is_nothing_to_try_on_is_said(tmp_path: Path) -> None:
    """In a tenant without groups nobody is told that a scan can assess everything."""
    with served(contoso("empty")) as settings:
        document = told(settings, tmp_path)
        ran = doctor(settings | {"COLUMNS": "200"}, tmp_path)
    notes = {tuple(check["lists"]): check["said"] for check in document["checks"] if check["name"] == "not tried"}

    assert (document["code"], ran.code) == (0, 0)
    assert notes
    assert all("there is no" in said for said in notes.values())
    assert "Nothing is missing of what could be tried." in ran.stdout
    assert "assess everything" not in ran.stdout


def test_whether_the_role_is_held_is_not_known_without_the_permission(tmp_path: Path) -> None:
    """Graph refuses connectors with one code for want of either, so the second is said to show later."""
    with served(contoso(directory_role_can_read_connectors=False), permissions=[AUDIT]) as settings:
        found = {check["missing"]: check["said"] for check in missing(told(settings, tmp_path))}

    assert "whether the directory role is held shows only once the permission is there" in found[DIRECTORY]
    assert "directory role is held" not in found[ROLE_ELIGIBILITIES]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (
            {"CONNECTORWATCH_CREDENTIAL": "token", "CONNECTORWATCH_TENANT_ID": TENANT},
            f"get-access-token --tenant {TENANT} ",
        ),
        ({"CONNECTORWATCH_CREDENTIAL": "token"}, "get-access-token --tenant ID "),
        ({"CONNECTORWATCH_CREDENTIAL": "certificate"}, "choose another CONNECTORWATCH_CREDENTIAL (docs/settings.md)"),
    ],
)
def test_a_sign_in_that_fails_can_be_mended(settings: dict[str, str], says: str, tmp_path: Path) -> None:
    """Whoever cannot sign in is told what to run or to choose."""
    document = told(settings, tmp_path)

    (found,) = missing(document)
    assert (document["code"], found["name"], found["stops"]) == (1, "sign-in", True)
    assert says in found["mend"][0]


def signed_in(cloud: Cloud = "global", **claims: object) -> Settings:
    """Return settings with a token that says this."""
    return Settings(credential="token", graph_token=token(**{**APP, **claims}), cloud=cloud)  # type: ignore[arg-type]  # pydantic makes it a secret


@pytest.mark.parametrize(
    ("audience", "cloud"),
    [
        ("https://graph.microsoft.com", "global"),
        ("https://Graph.microsoft.com/", "global"),
        ("00000003-0000-0000-c000-000000000000", "china"),
        ("https://graph.microsoft.us", "usgov"),
        (None, "global"),
        (5, "global"),
    ],
)
async def test_a_token_for_graph_or_for_nobody_is_taken(audience: object, cloud: Cloud) -> None:
    """Graph's root of the cloud and its id name the same; a token that says nothing is Graph's to judge."""
    settings = signed_in(cloud, aud=audience)

    assert await tenant_of(credential_of(settings), settings) == "t"


@pytest.mark.parametrize(
    ("audience", "cloud"),
    [
        ("https://graph.microsoft.com", "usgov"),
        ("https://management.azure.com/", "global"),
        ("https://graph.microsoft.com.evil.example", "global"),
    ],
)
async def test_a_token_for_another_service_is_told_as_one(audience: str, cloud: Cloud) -> None:
    """Graph would say only that it does not take it; the token itself says for whom it is."""
    settings = signed_in(cloud, aud=audience, tid=TENANT)

    with pytest.raises(CredentialError) as refusal:
        await tenant_of(credential_of(settings), settings)
    assert f"The token is for {audience}, and not for Microsoft Graph (https://" in str(refusal.value)
    assert f"az account get-access-token --tenant {TENANT} --resource-type ms-graph" in str(refusal.value)


async def test_no_hostile_words_of_a_token_reach_a_command_or_a_terminal() -> None:
    """A tenant that is no id is left out of the command, and an audience is shown as text."""
    settings = signed_in(aud="a\x1b[2J" + "x" * 500, tid="x; rm -rf ~")

    with pytest.raises(CredentialError) as refusal:
        await tenant_of(credential_of(settings), settings)
    assert "\x1b" not in str(refusal.value)
    assert "rm -rf" not in str(refusal.value)
    assert len(str(refusal.value)) < 500


def test_scan_and_doctor_and_grant_tell_a_token_for_another_service(tmp_path: Path) -> None:
    """All three say the same of it, and the doctor that it stops everything."""
    text = token(**{**APP, "tid": TENANT, "aud": "https://management.azure.com", "exp": 9_999_999_999})
    settings = {"CONNECTORWATCH_CREDENTIAL": "token", "CONNECTORWATCH_GRAPH_TOKEN": text}
    document = told(settings, tmp_path / "doctor")
    scan = run("scan", "--out", str(tmp_path / "scan"), settings=settings)
    grant = run("grant", "--principal", TENANT, settings=settings)

    (found,) = missing(document)
    assert (document["code"], scan.code, grant.code) == (1, 1, 1)
    assert (found["name"], found["stops"], "The token is for" in found["said"]) == ("sign-in", True, True)
    assert all("The token is for https://management.azure.com" in ran.stderr for ran in (scan, grant))


@pytest.mark.parametrize(("content", "path_is_wrong"), [(b"no certificate", False), (None, True)])
def test_only_a_path_that_is_wrong_is_to_be_checked(content: bytes | None, path_is_wrong: bool, tmp_path: Path) -> None:  # noqa: FBT001 - expected
    """A file that was read and is of no use is where it should be."""
    file = tmp_path / "own.pem"
    if content is not None:
        file.write_bytes(content)
    settings = Settings(credential="certificate", tenant_id=TENANT, client_id=TENANT, certificate_path=str(file))

    with pytest.raises(SettingsError) as refusal:
        credential_of(settings)
    assert ("Check the path." in str(refusal.value), "without a password" in str(refusal.value)) == (
        path_is_wrong,
        not path_is_wrong,
    )
