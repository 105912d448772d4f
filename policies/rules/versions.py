"""Rules about connector versions, measured against the release catalogue that lies in the evidence."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from inventory.errors import NotReadError
from inventory.models import PRIVATE_ACCESS_TAGS
from policies.model import Judgement, Rule, Severity, failed, not_applicable, not_assessed, passed
from policies.releases import parse_version
from policies.rules.subjects import connectors
from policies.runbooks import Runbook

if TYPE_CHECKING:
    from inventory.models import Application, Connector
    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence
    from policies.releases import Version

HISTORY = "https://learn.microsoft.com/en-us/entra/global-secure-access/reference-version-history"
CONFIGURE = "https://learn.microsoft.com/en-us/entra/global-secure-access/how-to-configure-connectors"

PRIVATE_ACCESS_TYPES = frozenset({"nonwebapp", "quickaccessapp"})
"""applicationType of Private Access applications (Graph beta onPremisesPublishing)."""

UPDATE_STEPS = (
    "Download the current connector from the Microsoft Entra admin center.",
    (
        "Update one server of a group at a time, so that another one carries its applications; a maintenance group can "
        "hold its connector meanwhile."
    ),
    "On {machine}, run the installer over {version}.",
    (
        "If it was older than 1.5.3829.0, restart the server, and carry settings made by hand over to the new folders "
        "and registry keys."
    ),
    "See that both services run, `Get-Service WAPCSvc, WAPCUpdaterSvc`, and that the next scan shows the new version.",
)
"""How one connector is updated. Names, and the restart, of 1.5.3829.0: "version history" (2026-06-08)."""

VERSION = {"version": "the version that the connector reports"}


def _unreadable(connector: Connector) -> Judgement:
    return not_assessed("the connector reports no four-part version", version=connector.version)


def _supported(evidence: Evidence, connector: Connector) -> Judgement:
    version = parse_version(connector.version)
    if version is None:
        return _unreadable(connector)
    floor = evidence.releases.unsupported_up_to
    if version <= evidence.releases.unsupported_floor:
        return failed(
            Severity.HIGH,
            f"version {connector.version} is unsupported; {floor} and older are",
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
    nobody="the tenant has no connectors",
    evidence={**VERSION, "unsupported_up_to": "the newest version that Microsoft does not support"},
)


def says_private_access(application: Application) -> bool:
    """Whether an application itself says that it is one of Private Access."""
    publishing = application.on_premises_publishing
    if publishing and (publishing.application_type or "").casefold() in PRIVATE_ACCESS_TYPES:
        return True
    if publishing and publishing.is_accessible_via_ztna_client:
        return True
    return bool(set(application.tags or ()).intersection(PRIVATE_ACCESS_TAGS))


def _says_nothing(application: Application) -> bool:
    """Whether nothing that was read says or denies that an application is one of Private Access."""
    return application.on_premises_publishing is None and (application.tags is None or application.app_id is None)


def _serves_private_access(snapshot: Snapshot, connector: Connector) -> bool | None:
    """Whether a connector's group carries a Private Access application; None where one of them says nothing.

    One application is proof enough, so it counts before anything that was not read.

    Raises:
        NotReadError: What was read proves nothing, and not everything was read.
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
    return None if any(map(_says_nothing, carried)) else False


def _fit(evidence: Evidence, connector: Connector) -> Judgement:
    version = parse_version(connector.version)
    if version is None:
        return _unreadable(connector)
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
    nobody="the tenant has no connectors",
    evidence={**VERSION, "minimum": "the oldest version that can carry Private Access"},
)


def _peer_is_ahead(snapshot: Snapshot, connector: Connector, expected: Version) -> bool | None:
    """Whether another connector of its group has the expected version; None where the group could not be read."""
    peers = snapshot.peers(connector)
    if peers is None:
        return None
    versions = (parse_version(peer.version) for peer in peers)
    return any(version is not None and version >= expected for version in versions)


def _likely_cause(connector: Connector, *, peer_is_ahead: bool | None) -> str:
    """Return why a connector probably stayed behind; whoever is out of contact cannot be updated at all."""
    if not connector.is_active:
        return "connector is inactive"
    return "updater is suspect, since a peer in the group has the version" if peer_is_ahead else "unknown"


def _outdated(evidence: Evidence, connector: Connector) -> Judgement:
    version = parse_version(connector.version)
    if version is None:
        return _unreadable(connector)
    today, grace = evidence.snapshot.taken_at.astimezone(UTC).date(), evidence.policy.auto_upgrade_grace_days
    expected = evidence.releases.expected(today, grace)
    if expected is None or expected.released is None:
        return passed("no release that Microsoft installs by itself is older than the grace", version=connector.version)
    if version >= expected.number:
        return passed(f"version {connector.version}; {expected.version} is expected", version=connector.version)
    peer = _peer_is_ahead(evidence.snapshot, connector, expected.number)
    suspect = peer and connector.is_active
    hint = "; another connector of its group has it, so this server's updater is suspect" if suspect else ""
    judgement = failed(
        Severity.MEDIUM,
        f"version {connector.version} is older than {expected.version}, which Microsoft installs by itself{hint}",
        version=connector.version,
        expected=expected.version,
        expected_since=expected.released.isoformat(),
    )
    # Beside the evidence: a night on which the group could not be read changes nothing about the connector.
    return judgement.with_aside(
        days_behind=(today - expected.released).days,
        peer_has_it=peer,
        likely_cause=_likely_cause(connector, peer_is_ahead=peer),
    )


VER003 = Rule(
    id="VER003",
    title="Connector is not outdated",
    subject="connector",
    severity=Severity.MEDIUM,
    why="Microsoft updates connectors by itself; one that stays behind has an updater that does not work.",
    runbook=Runbook(
        summary="Bring the connector up to date, and find out why Microsoft's updates did not reach it.",
        steps=(
            "On {machine}, see whether the updater runs: `Get-Service WAPCUpdaterSvc` ({updater_service}).",
            (
                "If it is missing, install the connector anew; if it is stopped: `Set-Service WAPCUpdaterSvc "
                "-StartupType Automatic; Start-Service WAPCUpdaterSvc`."
            ),
            "Read what it says: `Get-WinEvent -LogName '{updater_channel}' -MaxEvents 20`.",
            "See that it has the connector's addresses and proxy settings.",
            "If the expected version does not come within days, fetch it.",
            *UPDATE_STEPS,
        ),
        links=(HISTORY, CONFIGURE),
    ),
    subjects=connectors,
    check=_outdated,
    nobody="the tenant has no connectors",
    evidence={
        **VERSION,
        "expected": "the newest version that Microsoft installs by itself and that has had its grace",
        "expected_since": "the day of its release",
        "peer_has_it": "whether another connector of the group has it; not known where the group was not read",
        "likely_cause": "why it probably stayed behind",
        "days_behind": "days since the release of the expected version",
    },
    settings=("auto_upgrade_grace_days",),
)


def _behind_a_fix(evidence: Evidence, connector: Connector) -> Judgement:
    version = parse_version(connector.version)
    if version is None:
        return _unreadable(connector)
    today, grace = evidence.snapshot.taken_at.astimezone(UTC).date(), evidence.policy.download_grace_days
    missing = [
        release
        for release in evidence.releases.releases
        if release.fix and release.number > version and release.released and (today - release.released).days > grace
    ]
    if not missing:
        return passed(
            f"version {connector.version} has every fix that is out for long enough", version=connector.version
        )
    newest, automatic = missing[0], evidence.releases.newest_auto_upgrade()
    comes_by_itself = automatic is not None and any(release.number <= automatic.number for release in missing)
    how = "" if comes_by_itself else "; it has to be fetched, since Microsoft does not install it by itself"
    judgement = failed(
        Severity.LOW if comes_by_itself else Severity.INFO,
        f"version {connector.version} lacks the fixes of {newest.version}, released on {newest.released}{how}",
        version=connector.version,
        lacks=[release.version for release in missing],
        installed_by_itself=comes_by_itself,
    )
    return judgement.with_aside(days_behind=max((today - r.released).days for r in missing if r.released))


VER004 = Rule(
    id="VER004",
    title="Connector has the security and reliability fixes",
    subject="connector",
    severity=Severity.LOW,
    why="What Microsoft mends in a version to be fetched reaches nobody who waits for the automatic update.",
    runbook=Runbook(
        summary="Fetch the newer version, or wait knowingly.",
        steps=(
            "Read in Microsoft's version history what the fixes mend, and whether that concerns you.",
            *UPDATE_STEPS,
        ),
        links=(HISTORY, CONFIGURE),
    ),
    subjects=connectors,
    check=_behind_a_fix,
    nobody="the tenant has no connectors",
    evidence={
        **VERSION,
        "lacks": "newer versions with a fix, each out for longer than the grace",
        "installed_by_itself": "whether Microsoft installs one of them by itself",
        "days_behind": "days since the release of the oldest of them",
    },
    settings=("download_grace_days",),
)
