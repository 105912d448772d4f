"""The walk of applications of Private Access, of groups that may be empty, and of connectors that are too old."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connectorwatch.diagnosis.evidence import case_of
from connectorwatch.diagnosis.subject import Result
from connectorwatch.diagnosis.walk import walk
from inventory.models import CustomDomainCertificate, SingleSignOn
from tests.knowledge.walking import case, published, says
from tests.making import connector, evidence, group, holds, snapshot

if TYPE_CHECKING:
    from connectorwatch.diagnosis.walk import Walk

PRIVATE = {
    "application_type": "nonwebapp",
    "internal_url": "https://0b6d5a44-2f1e-4c3a-9b77-aa52f0c81d10/",
    "external_url": "https://0b6d5a44-2f1e-4c3a-9b77-aa52f0c81d10-contoso.msappproxy.net/",
    "external_authentication_type": "passthru",
}
"""How Graph publishes an application of Private Access."""


def _lines(walked: Walk) -> list[str]:
    return [line for _, look in walked.observations(Result.TO_RUN) for one in look.commands for line in one.lines]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"application_type": "quickaccessapp"},
        {"application_type": None, "is_accessible_via_ztna_client": True},
        {"application_server_timeout": None},
        {"application_server_timeout": "Default"},
        {"external_url": None},
        {"internal_url": None},
        {"verified_custom_domain_certificates_metadata": CustomDomainCertificate(expiry_date="2026-01-01T00:00:00Z")},
        {"single_sign_on_settings": SingleSignOn(single_sign_on_mode="onPremisesKerberos")},
    ],
)
def test_an_application_of_private_access(fields: dict[str, Any]) -> None:
    """The walk of one checks segments, names, the client and assignments, and nothing that web applications have."""
    walked = walk(case(published(**PRIVATE | fields)))
    said = " ".join(look.says for step in walked.steps for look in step.looks).casefold()

    assert walked.cause is None
    assert says(walked, Result.NOT_KNOWN) == []
    assert not any(word in said for word in ("certificate", "pre-authentication", "internal url", "85 seconds"))
    assert not any("0b6d5a44" in line or "Invoke-WebRequest" in line for line in _lines(walked))
    assert [step.title for step in walked.steps if step.step > 6] == [
        "Does the server reach the destinations of the application's segments",
        "Does the server resolve names inside, and what does the log say",
        "Does the client take the traffic into the tunnel",
        "Are users assigned, and is Quick Access out of the way",
    ]
    assert {"Test-NetConnection DESTINATION -Port PORT", "Resolve-DnsName DESTINATION"} <= set(_lines(walked))
    assert any("Policy tester" in line for line in _lines(walked))
    assert any("Users and groups" in line for line in _lines(walked))


def test_a_group_with_both_sorts_of_applications() -> None:
    """A group that carries a web application and one of Private Access has the steps of both."""
    apps = (published("Web", internal_url="https://web.contoso.com/"), published("Files", **PRIVATE))

    walked = walk(case(*apps, kind="group", name="Paris"))

    assert any("-Uri 'https://web.contoso.com/'" in line for line in _lines(walked))
    assert "Test-NetConnection DESTINATION -Port PORT" in _lines(walked)
    assert not any("0b6d5a44" in line for line in _lines(walked))


def test_a_group_of_private_access_alone() -> None:
    """A group that carries applications of Private Access alone has no time-out to look at."""
    walked = walk(case(published("Files", **PRIVATE), kind="group", name="Paris"))

    assert says(walked, Result.NOT_APPLICABLE) == [(9, "Applications of Private Access have no such time-out.")]


@pytest.mark.parametrize(
    ("symptoms", "result"),
    [
        ({"gateway-timeout"}, Result.SUSPECT),
        ({"gateway-timeout", "connector-timeout"}, Result.SUSPECT),
        ({"no-active-connector", "backend-timeout"}, Result.SUSPECT),
        ({"backend-timeout"}, Result.CAUSE),
        ({"connector-timeout"}, Result.CAUSE),
    ],
)
def test_gateway_time_out_proves_nothing(symptoms: set[str], result: Result) -> None:
    """Where the service reached no connector in time, the back end's time-out is never the proven cause."""
    asked = replace(case(published(application_server_timeout="Default")), symptoms=frozenset(symptoms))

    assert [step for step, _ in says(walk(asked), result)] == [9]
    assert (walk(asked).cause is not None) is (result is Result.CAUSE)


def test_default_group_without_applications() -> None:
    """The default group that carries nothing is no fault, with connectors or without; nor is one for maintenance."""
    default = group("Default", default=True)
    for members in ((), (connector("NEW01"),), (connector("NEW01", status="inactive"),)):
        walked = walk(case_of(evidence(snapshot({default: holds(*members)})), "group", "Default"))

        assert walked.cause is None
        assert says(walked, Result.RULED_OUT)[1][1].startswith("Group Default carries no application, and need not")


@pytest.mark.parametrize(
    ("versions", "advice", "never"),
    [
        (("1.5.2846.0",), "Add a connector of the newest version", "move"),
        (("1.5.2846.0", "1.5.1975.0"), "Leave them in the group until then", "move"),
        (("1.5.2846.0", "1.5.4522.0"), "Until then move the old ones to another group.", "Leave"),
    ],
)
def test_too_old_connectors(versions: tuple[str, ...], advice: str, never: str) -> None:
    """Connectors that are too old may leave the group only where another active one stays."""
    members = tuple(connector(f"PAR0{number}", version=version) for number, version in enumerate(versions))

    found = walk(case(published(**PRIVATE), members=members)).cause

    assert found is not None
    assert any(step.startswith(advice) for step in found.steps)
    assert not any(never in step for step in found.steps)
