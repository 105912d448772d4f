"""The list for a firewall, held against a list made by hand from Microsoft's pages."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.console import Console

from connectorwatch.knowledge.allowlist import Allowlist, allowlist, allowlist_csv, print_allowlist

if TYPE_CHECKING:
    from connectorwatch.knowledge.model import Cloud, Need

SIGN_IN = {
    "secure.aadcdn.microsoftonline-p.com",
    "*.msauth.net",
    "*.msauthimages.net",
    "*.msecnd.net",
    "*.msftauth.net",
    "*.msftauthimages.net",
    "*.phonefactor.net",
    "enterpriseregistration.windows.net",
    "management.azure.com",
}
SERVICE = {"*.msappproxy.net", "*.servicebus.windows.net"}
CERTIFICATES = {
    "crl3.digicert.com",
    "crl4.digicert.com",
    "ocsp.digicert.com",
    "crl.microsoft.com",
    "oneocsp.microsoft.com",
    "ocsp.msocsp.com",
}
LATER = SIGN_IN | {"login.windows.net", "*.microsoftonline.com", "*.microsoftonline-p.com"}
BOTH_PORTS = {"ctldl.windowsupdate.com", "www.microsoft.com"}
GONE = {"policykeyservice.dc.ad.msft.net"}
GLOBAL = {(host, 443) for host in SERVICE | LATER | BOTH_PORTS | GONE} | {
    (host, 80) for host in CERTIFICATES | BOTH_PORTS
}
USGOV = {
    (host, 443)
    for host in SIGN_IN
    | GONE
    | {"*.msappproxy.us", "*.servicebus.usgovcloudapi.net", "login.windows.us"}
    | {"*.microsoftonline.us", "*.microsoftonline-p.us"}
} | {
    (host, 80)
    for host in (
        "mscrl.microsoft.us",
        "crl.microsoft.us",
        "ocsp.msocsp.us",
        "www.microsoft.us",
        "ctldl.windowsupdate.us",
    )
}


def pairs(listed: Allowlist) -> set[tuple[str, int]]:
    """Return hosts with ports."""
    return {(host.host, port) for host in listed.hosts for port in host.ports}


def printed(listed: Allowlist) -> str:
    """Return the table at 80 columns."""
    file = io.StringIO()
    print_allowlist(listed, Console(file=file, width=80))
    return file.getvalue()


@pytest.mark.parametrize(("cloud", "expected"), [("global", GLOBAL), ("usgov", USGOV)])
def test_whole_list(cloud: Cloud, expected: set[tuple[str, int]]) -> None:
    """Each cloud's list is the one that Microsoft publishes, on the ports it publishes, each host once."""
    listed = allowlist(cloud)

    assert pairs(listed) == expected
    assert len({host.host for host in listed.hosts}) == len(listed.hosts)


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        ("always", SERVICE | CERTIFICATES | LATER | BOTH_PORTS),
        ("registration", LATER | BOTH_PORTS | GONE | CERTIFICATES | {"*.msappproxy.net"}),
    ],
)
def test_what_it_is_needed_for(need: Need, expected: set[str]) -> None:
    """What one source wants after registration is in both lists, and so is what registration needs of the others."""
    assert {host.host for host in allowlist("global", need).hosts} == expected


def test_path_becomes_the_host() -> None:
    """A path is the host with a remark, and says where sources disagree."""
    (host,) = [one for one in allowlist("global").hosts if one.host == "www.microsoft.com"]

    assert host.remark == "Only /pkiops is fetched; a firewall rule names the host."
    assert len(host.disputed) == 2
    assert not host.wildcard


def test_host_that_has_left_the_list() -> None:
    """A host that the newest list has no more is there, optional, with both opinions."""
    (host,) = [one for one in allowlist("global").hosts if one.host in GONE]

    assert (host.optional, host.later, len(host.disputed)) == (True, False, 2)


@pytest.mark.parametrize("cloud", ["global", "usgov"])
def test_csv(cloud: Cloud) -> None:
    """The CSV has one row a host and port, with source and date, and nothing that a spreadsheet computes."""
    rows = list(csv.DictReader(io.StringIO(allowlist_csv(allowlist(cloud)))))

    assert {(row["host"], int(row["port"])) for row in rows} == (GLOBAL if cloud == "global" else USGOV)
    assert all(row["source"].startswith("https://") and row["checked"] for row in rows)
    assert {row["wildcard"] for row in rows if row["host"].startswith("*")} == {"True"}
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())


def test_json() -> None:
    """The JSON has its schema, cloud and hosts with both dates."""
    told = json.loads(allowlist("usgov").model_dump_json())

    assert (told["schema"], told["cloud"]) == ("connectorwatch.allowlist/v1", "usgov")
    assert {"host", "ports", "need", "purpose", "source", "page_date", "checked"} <= told["hosts"][0].keys()


def test_table() -> None:
    """The table shows purpose, need, ports and remarks at 80 columns, and below it what is disputed, with dates."""
    shown = printed(allowlist("global"))

    assert shown.startswith("Outbound TCP from each connector server, cloud global: 23 hosts\n")
    assert "All traffic between connector and service: always\n  *.msappproxy.net          443" in shown
    assert "Sign-in and registration: to register, perhaps later" in shown
    assert "[1] Sources disagree:" in shown
    assert "Configure connectors, page of 2026-05-26, checked 2026-11-20" in shown
    assert [line for line in shown.splitlines() if cell_len(line) > 80 and not line.startswith("  https://")] == []


def test_table_without_disputes() -> None:
    """A group's common remark is said once, and where nothing is disputed no note is."""
    shown = printed(allowlist("usgov"))

    assert " ".join(shown.split()).count("443 follows from its table of ports.") == 1
    assert "Sources disagree" not in shown


def test_no_wildcards_no_word_about_them() -> None:
    """A list without wildcards says nothing about firewalls without them."""
    listed = allowlist("global")
    plain = listed.model_copy(update={"hosts": tuple(host for host in listed.hosts if not host.wildcard)})

    assert "without wildcards" in printed(listed)
    assert "without wildcards" not in printed(plain)
