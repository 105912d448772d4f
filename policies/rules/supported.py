"""Rules about supported versions and about versions that can carry Private Access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import NotReadError
from inventory.models import PRIVATE_ACCESS_TAGS
from policies.frameworks import controls
from policies.releases.catalogue import parse_version
from policies.rule import Judgement, Rule, failed, not_applicable, not_assessed, passed
from policies.rules.subjects import connectors
from policies.rules.version_words import CONFIGURE, HISTORY, UPDATE_STEPS, VERSION, unreadable
from policies.runbooks import Runbook
from policies.vocabulary import Severity

if TYPE_CHECKING:
    from inventory.models import Application, Connector
    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence


PRIVATE_ACCESS_TYPES = frozenset({"nonwebapp", "quickaccessapp"})
"""applicationType of Private Access applications (Graph beta onPremisesPublishing)."""


def _supported(evidence: Evidence, connector: Connector) -> Judgement:
    version = parse_version(connector.version)
    if version is None:
        return unreadable(connector)
    floor = evidence.releases.unsupported_up_to
    if version <= evidence.releases.unsupported_floor:
        return failed(
            Severity.HIGH,
            f"version {connector.version} is unsupported ({floor} and older)",
            version=connector.version,
            unsupported_up_to=floor,
        )
    return passed(f"version {connector.version} is supported", version=connector.version)


VER001 = Rule(
    id="VER001",
    title="Connector version is supported",
    subject="connector",
    severity=Severity.HIGH,
    why="Microsoft asks to update these versions at once and helps nobody who runs them.",
    runbook=Runbook(
        summary="Update the connector now.",
        steps=(
            *UPDATE_STEPS,
            (
                "If {machine} is too old for it, install a connector on a new server, move it into {group}, and switch "
                "the old one off once the new one is active."
            ),
        ),
        links=(HISTORY, CONFIGURE),
    ),
    subjects=connectors,
    check=_supported,
    when_empty="the tenant has no connectors",
    controls=controls(nist="SA-22 SI-2", iso="A.8.8", cis="2.2 12.1"),
    evidence={**VERSION, "unsupported_up_to": "the newest version that Microsoft does not support"},
)


def says_private_access(application: Application) -> bool:
    """Whether an application's own record shows that it is a Private Access application."""
    publishing = application.on_premises_publishing
    if publishing and (publishing.application_type or "").casefold() in PRIVATE_ACCESS_TYPES:
        return True
    if publishing and publishing.is_accessible_via_ztna_client:
        return True
    return bool(set(application.tags or ()).intersection(PRIVATE_ACCESS_TAGS))


def says_nothing(application: Application) -> bool:
    """Whether the data read neither shows nor excludes that an application is a Private Access application.

    Its service principal's tags exclude it, wherever these were read and the application says which one is its own: no
    Private Access application is without one of them (Maester, 2026-08).
    """
    return application.on_premises_publishing is None and application.app_id is None


def _serves_private_access(snapshot: Snapshot, connector: Connector) -> bool | None:
    """Whether a connector's group carries a Private Access application; None if an application's kind is not known.

    One such application is proof, even if other lists were not read.

    Raises:
        NotReadError: No such application was read, and a list was not read.
    """
    carried: list[Application] = []
    unread: NotReadError | None = None
    for group_id in snapshot.groups_holding(connector.id):
        try:
            carried += snapshot.applications(group_id)
        except NotReadError as error:
            unread = error
    if any(map(says_private_access, carried)):
        return True
    if any(application.app_id in snapshot.private_access_app_ids for application in carried):
        return True
    if unread is not None:
        raise unread
    return None if any(map(says_nothing, carried)) else False


def _fit(evidence: Evidence, connector: Connector) -> Judgement:
    version = parse_version(connector.version)
    if version is None:
        return unreadable(connector)
    serves = _serves_private_access(evidence.snapshot, connector)
    if serves is None:
        return not_assessed("an application of its group does not say what kind it is", version=connector.version)
    if not serves:
        return not_applicable("its group carries no Private Access application")
    minimum = evidence.releases.private_access_minimum
    if version < evidence.releases.private_access_floor:
        return failed(
            Severity.HIGH,
            f"version {connector.version} cannot carry Private Access, which needs {minimum}",
            version=connector.version,
            minimum=minimum,
        )
    return passed(f"version {connector.version} can carry Private Access", version=connector.version)


VER002 = Rule(
    id="VER002",
    title="Connector version is fit for what its group carries",
    subject="connector",
    severity=Severity.HIGH,
    why="A connector older than Private Access takes its share of the group's connections and fails them.",
    runbook=Runbook(
        summary="Update the connector, or move it to a group without Private Access applications.",
        steps=(
            "If the connector should not carry Private Access, move it from {group} to a group without it.",
            "Otherwise update it; any version from {minimum} on will do.",
            *UPDATE_STEPS,
        ),
        links=(CONFIGURE, HISTORY),
    ),
    subjects=connectors,
    check=_fit,
    when_empty="the tenant has no connectors",
    controls=controls(nist="CM-6", iso="A.8.9", cis="12.1"),
    evidence={**VERSION, "minimum": "the oldest version that can carry Private Access"},
)
