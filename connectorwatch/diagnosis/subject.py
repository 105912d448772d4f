"""What a walk is about, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from common.cells import cut
from common.errors import NotReadError
from connectorwatch.diagnosis.advice import Advice, is_old
from inventory.models import Application, Connector, ConnectorGroup
from policies.rules.supported import says_private_access

if TYPE_CHECKING:
    from datetime import datetime

    from connectorwatch.knowledge.model import Cloud
    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence

Kind = Literal["application", "connector", "group"]


class Result(StrEnum):
    """The result of one observation."""

    CAUSE = "cause"
    SUSPECT = "possible"
    RULED_OUT = "ruled_out"
    NOT_KNOWN = "not_known"
    TO_RUN = "to_run"
    NOT_APPLICABLE = "not_applicable"


class Observation(BaseModel):
    """One result of a step: what was found, in a sentence, and what to do about it, in order."""

    model_config = ConfigDict(frozen=True)

    result: Result
    says: str
    steps: tuple[str, ...] = ()
    commands: tuple[Advice, ...] = ()


def called(thing: Application | Connector | ConnectorGroup) -> str:
    """Return what to call something in a sentence: its name or else its id, visible, and cut where it is long."""
    if isinstance(thing, Application):
        return cut(thing.display_name or thing.id)
    return cut((thing.machine_name if isinstance(thing, Connector) else thing.name) or thing.id)


@dataclass(frozen=True)
class Case:
    """One thing that does not work.

    Attributes:
        evidence: What was seen of the tenant.
        kind: What sort of thing it is.
        id: Its id.
        name: What people call it.
        groups: The connector groups that carry or hold it, as far as they are known; a group stands for itself.
        application: The application, for one of these.
        connector: The connector, for one of these.
        last_seen: For something that is gone from the tenant: the last scan that saw it.
        symptoms: Ids of errors that were pasted along.
        cloud: Whose commands are shown.
    """

    evidence: Evidence
    kind: Kind
    id: str
    name: str
    groups: tuple[ConnectorGroup, ...] = ()
    application: Application | None = None
    connector: Connector | None = None
    last_seen: datetime | None = None
    symptoms: frozenset[str] = frozenset()
    cloud: Cloud = "global"

    @property
    def snapshot(self) -> Snapshot:
        """What was seen."""
        return self.evidence.snapshot

    @property
    def members(self) -> tuple[Connector, ...]:
        """The connectors of its groups, each once, as far as they were read; active ones first."""
        by_id: dict[str, Connector] = {}
        for group in self.groups:
            try:
                by_id |= {connector.id: connector for connector in self.snapshot.members(group.id)}
            except NotReadError:
                continue
        return tuple(sorted(by_id.values(), key=lambda connector: (not connector.is_active, connector.name_key)))

    @property
    def servers(self) -> tuple[Connector, ...]:
        """The connectors on whose servers something is to be run."""
        return (self.connector,) if self.connector is not None else self.members

    @property
    def version(self) -> str | None:
        """A version whose names fit the servers: an old one where all of them are, else None."""
        versions = [server.version for server in self.servers]
        return versions[0] if versions and all(map(is_old, versions)) else None

    def is_private(self, application: Application) -> bool | None:
        """Whether an application is one of Private Access, without a web page of its own; None where that is unread."""
        if says_private_access(application):
            return True
        try:
            return application.app_id in self.snapshot.private_access_app_ids
        except NotReadError:
            return None

    @property
    def web_applications(self) -> tuple[Application, ...]:
        """Its applications that are not known to be of Private Access."""
        return tuple(application for application in self.applications if not self.is_private(application))

    @property
    def private_applications(self) -> tuple[Application, ...]:
        """Its applications of Private Access."""
        return tuple(application for application in self.applications if self.is_private(application))

    @property
    def applications(self) -> tuple[Application, ...]:
        """The application itself, or all that its groups carry, each once, as far as they were read."""
        if self.application is not None:
            return (self.application,)
        by_id: dict[str, Application] = {}
        for group in self.groups:
            try:
                by_id |= {application.id: application for application in self.snapshot.applications(group.id)}
            except NotReadError:
                continue
        return tuple(by_id.values())
