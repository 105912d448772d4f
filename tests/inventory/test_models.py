"""Records: strict in what they know, open to what they do not."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, ValidationError

from inventory import models
from inventory.audit.models import AuditEvent
from inventory.models import (
    Application,
    Connector,
    ConnectorGroup,
    OnPremisesPublishing,
    Organization,
    Principal,
    Record,
    RoleDefinition,
    RoleGrant,
    TaggedPrincipal,
)

EVENT = '{"id":"e","activityDateTime":"2026-11-18T09:05:12Z","activityDisplayName":"x"'
RECORDS = [kind for kind in vars(models).values() if isinstance(kind, type) and issubclass(kind, Record)]


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_records_are_frozen_and_open(kind: type[BaseModel]) -> None:
    """No record can be changed, and fields that are not known are ignored."""
    assert (kind.model_config["frozen"], kind.model_config["extra"], kind.model_config["strict"]) == (
        True,
        "ignore",
        True,
    )


def test_names_are_graphs() -> None:
    """Fields are read under Graph's names, also where Graph has its own idea of capitals."""
    publishing = {"isAccessibleViaZTNAClient": True, "applicationType": "nonwebapp"}
    read = Application.model_validate_json(
        f'{{"id":"a","appId":"b","onPremisesPublishing":{publishing}}}'.replace("'", '"').replace("True", "true")
    )

    assert read.on_premises_publishing is not None
    assert (read.app_id, read.on_premises_publishing.is_accessible_via_ztna_client) == ("b", True)


def test_how_an_application_is_published() -> None:
    """The certificate of its domain and its single sign-on are read; odd dates cost nothing, keys stay behind."""
    told = {
        "isOnPremPublishingEnabled": False,
        "singleSignOnSettings": {
            "singleSignOnMode": "onPremisesKerberos",
            "kerberosSignOnSettings": {"kerberosServicePrincipalName": "http/pay"},
        },
        "verifiedCustomDomainCertificatesMetadata": {"subjectName": "CN=pay", "expiryDate": "datetime-value"},
        "verifiedCustomDomainKeyCredential": {"value": "secret"},
    }
    read = OnPremisesPublishing.model_validate_json(json.dumps(told))

    assert read.single_sign_on_settings is not None
    assert read.single_sign_on_settings.kerberos_sign_on_settings is not None
    assert read.verified_custom_domain_certificates_metadata is not None
    assert read.is_on_prem_publishing_enabled is False
    assert read.single_sign_on_settings.kerberos_sign_on_settings.kerberos_service_principal_name == "http/pay"
    assert read.verified_custom_domain_certificates_metadata.expiry_date == "datetime-value"
    assert "secret" not in read.model_dump_json()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Organization, '{"id":"t","verifiedDomains":null}'),
        (TaggedPrincipal, '{"id":"s","appId":"a","tags":null}'),
        (RoleDefinition, '{"id":"r","isBuiltIn":true,"rolePermissions":null}'),
        (RoleDefinition, '{"id":"r","isBuiltIn":true,"rolePermissions":[{"allowedResourceActions":null}]}'),
        (Application, '{"id":"a","tags":null,"onPremisesPublishing":null}'),
        (Principal, '{"id":"p","identities":null}'),
        (AuditEvent, f"{EVENT}}}"),
        (AuditEvent, f'{EVENT},"targetResources":null}}'),
    ],
)
def test_null_for_a_list(kind: type[Record], body: str) -> None:
    """Graph sends null for an empty list on some services."""
    assert isinstance(kind.model_validate_json(body), kind)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Connector, '{"id":"c","status":1}'),
        (Connector, '{"id":"c","status":"active","machineName":7}'),
        (ConnectorGroup, '{"id":"g","connectorGroupType":"applicationProxy","isDefault":"false"}'),
        (ConnectorGroup, '{"id":"g","connectorGroupType":"applicationProxy","isDefault":0}'),
        (ConnectorGroup, '{"id":"g","connectorGroupType":null,"isDefault":false}'),
        (TaggedPrincipal, '{"id":"s","tags":[1]}'),
        (TaggedPrincipal, '{"id":"s","tags":"x"}'),
        (RoleDefinition, '{"id":"r","isBuiltIn":"true"}'),
        (RoleDefinition, '{"id":"r","isBuiltIn":true,"rolePermissions":[{"allowedResourceActions":"x"}]}'),
        (RoleGrant, '{"principalId":null,"roleDefinitionId":"r"}'),
        (RoleGrant, '{"principalId":"p","roleDefinitionId":"r","endDateTime":"soon"}'),
        (RoleGrant, '{"principalId":"p","roleDefinitionId":"r","endDateTime":1795154400}'),
        (RoleGrant, '{"principalId":"p","roleDefinitionId":"r\' or 1 eq 1"}'),
        (Principal, '{"id":"p","accountEnabled":"yes"}'),
        (Principal, '{"id":"p","accountEnabled":1}'),
    ],
)
def test_nothing_is_guessed(kind: type[Record], body: str) -> None:
    """A value of another type is a fault, never converted: "false" is not false and 0 is not either."""
    with pytest.raises(ValidationError):
        kind.model_validate_json(body)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-11-18T09:05:12.1234567Z", "2026-11-18T09:05:12.123456+00:00"),
        ("2026-11-18T09:05:12Z", "2026-11-18T09:05:12+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_moments(text: str, kept: str) -> None:
    """Graph's moments have seven digits after the point, and the first and last year there are."""
    grant = RoleGrant.model_validate_json(f'{{"principalId":"p","roleDefinitionId":"r","endDateTime":"{text}"}}')

    assert grant.end_date_time is not None
    assert grant.end_date_time.isoformat() == kept


@pytest.mark.parametrize(
    ("name", "key"), [("Host.Contoso.com ", "host.contoso.com"), ("STRASSE", "strasse"), (None, "")]
)
def test_a_machine_names_key(name: str | None, key: str) -> None:
    """Machine names are compared without case and without blanks around them."""
    told = {"id": "c", "status": "active", "machineName": name}

    assert Connector.model_validate(told).name_key == key


@pytest.mark.parametrize(
    ("kind", "ours"), [("applicationProxy", True), ("APPLICATIONPROXY", True), ("syncFabric", False), ("", False)]
)
def test_whose_group_it_is(kind: str, *, ours: bool) -> None:
    """Groups of type applicationProxy are ours, in whatever case the type is written."""
    told = {"id": "g", "connectorGroupType": kind, "isDefault": False}

    assert ConnectorGroup.model_validate(told).is_application_proxy is ours


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (TaggedPrincipal, '{"id":"s","tags":[]}'),
        (RoleDefinition, '{"id":"r","isBuiltIn":true}'),
        (RoleDefinition, '{"id":"r","isBuiltIn":true,"rolePermissions":[{"condition":null}]}'),
    ],
)
def test_a_record_without_what_decides_is_unreadable(kind: type[Record], body: str) -> None:
    """A role without its permissions, and a tagged service principal without its application, prove nothing."""
    with pytest.raises(ValidationError):
        kind.model_validate_json(body)
