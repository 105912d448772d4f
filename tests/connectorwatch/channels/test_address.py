"""Which addresses may be posted to, and that a refusal shows no more of one than its host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import http_client
from common.errors import UndeliverableError
from connectorwatch.channels.address import checked, parts_of

TAIL = "/workflows/0a1b2c3d4e5f60718293a4b5c6d7e8f9/triggers/manual/paths/invoke?api-version=1&sig=planted-signature"
NONE: frozenset[str] = frozenset()


def refusal(address: str, hosts: frozenset[str] = NONE) -> str:
    """Return what is said when an address is refused."""
    with pytest.raises(UndeliverableError) as caught:
        checked(address, "OPS_WEBHOOK", hosts)
    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "default66cf5074.5a.environment.api.powerplatform.com",
        "default66cf5074.5a.environment.api.powerplatform.com:443",
        "prod-12.westeurope.logic.azure.com:443",
        "PROD-12.WestEurope.Logic.Azure.Com",
        "default66cf5074.b.environment.api.gov.powerplatform.microsoft.us",
        "default66cf5074.b.environment.api.high.powerplatform.microsoft.us:443",
        "default66cf5074.b.environment.api.appsplatform.us",
        "prod-58.usgovtexas.logic.azure.us",
    ],
)
def test_workflows_may_be_posted_to(host: str) -> None:
    """Workflows of Microsoft's cloud and of its US government twins are allowed without being listed."""
    assert str(checked(f" https://{host}{TAIL}\n", "OPS", NONE).raw_path, "ascii") == TAIL


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "OPS_WEBHOOK holds no address of the form https://HOST/…: copy it again."),
        ("planted", "no address of the form"),
        (f"http://prod-12.westeurope.logic.azure.com{TAIL}", "no address of the form"),
        (f"ftp://prod-12.westeurope.logic.azure.com{TAIL}", "no address of the form"),
        (f"https://user:planted@prod-12.westeurope.logic.azure.com{TAIL}", "no address of the form"),
        (f"https:///planted{TAIL}", "no address of the form"),
        (f"https://[::planted{TAIL}", "holds no address: copy it again"),
        (f"https://a:b{TAIL}", "holds no address: copy it again"),
        ("https://planted.example\x00/", "holds no address: copy it again"),
        (f"https://contoso.webhook.office.com{TAIL}", "make a Workflow in the Teams channel and use its address"),
        (f"https://contoso.webhook.office365.us{TAIL}", "which Microsoft has switched off"),
        (f"https://logic.azure.com{TAIL}", "leads to logic.azure.com, which is no host of Teams Workflows"),
        (f"https://evil-logic.azure.com{TAIL}", "leads to evil-logic.azure.com"),
        (f"https://x.logic.azure.com.evil.example{TAIL}", "leads to x.logic.azure.com.evil.example"),
        (f"https://x.logic.azure.com:8443{TAIL}", "leads to x.logic.azure.com"),
        (f"https://hooks.example{TAIL}", "list the host in CONNECTORWATCH_WEBHOOK_HOSTS"),
        (f"http://127.0.0.1:8080{TAIL}", "no address of the form"),
    ],
)
def test_what_may_not_be_posted_to(address: str, said: str) -> None:
    """Other hosts, other schemes, credentials and what is no address at all are refused with the way out."""
    assert said in refusal(address)


def test_the_operator_lists_hosts() -> None:
    """A listed host is allowed over https, with any port; a star stands for every host below, not for that one."""
    hosts = frozenset({"hooks.example", "*.corp.example"})
    for host in ("hooks.example", "HOOKS.example.", "hooks.example:8443", "a.corp.example", "a.b.corp.example"):
        assert checked(f"https://{host}/x", "OPS", hosts).scheme == "https"
    for host in ("corp.example", "evilcorp.example", "a.hooks.example"):
        refusal(f"https://{host}{TAIL}", hosts)
    refusal(f"http://hooks.example{TAIL}", hosts)


def test_loopback_is_for_tests() -> None:
    """Plain http goes to this machine alone, and only where that is listed."""
    assert checked("http://127.0.0.1:5/x", "OPS", frozenset({"127.0.0.1"})).port == 5
    refusal(f"http://10.0.0.1{TAIL}", frozenset({"10.0.0.1"}))


@given(st.text(max_size=40))
def test_no_text_is_more_than_refused(text: str) -> None:
    """Whatever stands in the variable is an address that is allowed, or a refusal, and never anything else."""
    try:
        url = checked(f"https://{text}", "OPS", NONE)
    except UndeliverableError:
        return
    assert url.host.endswith((".com", ".us"))


def test_what_an_address_is_known_by() -> None:
    """The whole, its path and what stands in its query are hidden in logs, but no version and no date."""
    parts = parts_of(http_client.URL(f"https://x.logic.azure.com{TAIL}&date=2026-11-20"))

    assert "planted-signature" in parts
    assert {"1", "2026-11-20", ""}.isdisjoint(parts)


@pytest.mark.parametrize(
    "host", ["a..logic.azure.com", ".logic.azure.com", f"{'a' * 64}.logic.azure.com", "a." * 130 + "logic.azure.com"]
)
def test_a_host_that_no_resolver_can_ask_for(host: str) -> None:
    """An empty or endless label is no name of a host, though its end is that of Workflows, or listed."""
    assert "name of a host" in refusal(f"https://{host}{TAIL}")
    assert "name of a host" in refusal(f"https://{host}{TAIL}", frozenset({"*.azure.com"}))


@pytest.mark.parametrize("host", ["10.0.0.7", "[2001:db8::7]", "my_host.example", "bücher.example"])
def test_listed_hosts_of_any_kind(host: str) -> None:
    """An address of a machine, or a name in any script, can be listed."""
    assert checked(f"https://{host}/x", "OPS_WEBHOOK", frozenset({host.strip("[]")})).host == host.strip("[]")
