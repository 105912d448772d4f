"""Everything a verdict rests on, in one document: judged today, and judged the same in ten years."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field

from common.errors import NotReadError
from inventory.memory import remember_inventory
from inventory.snapshot import Snapshot
from policies.memory import Memory
from policies.policy_file.model import Policy
from policies.registration.expected import Expected, expected_by
from policies.registration.holders import Completeness, Holder, holders, unread
from policies.releases.catalogue import Catalogue

if TYPE_CHECKING:
    from inventory.history_records import InventoryMemory
    from inventory.models import Connector, PrincipalId


class ScanInfo(BaseModel):
    """Which scan this is: its id, why it was made, and where its policy came from."""

    model_config = ConfigDict(frozen=True)

    id: str
    trigger: str = "manual"
    policy_source: str = "built-in"
    policy_sha256: str = ""


class Evidence(BaseModel):
    """What the rules may know: snapshot, memory, effective policy, release catalogue. No clock, no network."""

    model_config = ConfigDict(
        frozen=True,
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
        ignored_types=(cached_property,),
    )

    schema_: str = Field(default="connectorwatch.evidence/v1", alias="schema")
    scan: ScanInfo
    snapshot: Snapshot
    policy: Policy
    releases: Catalogue
    memory: Memory = Memory()
    """What was remembered before this scan."""

    def __copy__(self) -> Self:
        """Return a copy that finds everything anew: `model_copy` may give it another policy or snapshot."""
        copied = super().__copy__()
        for found in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[found]
        return copied

    @cached_property
    def _found(self) -> tuple[Holder, ...] | NotReadError:
        """Who holds a granting role, or why nobody could follow the paths; found once, since many rules ask."""
        try:
            return holders(self.snapshot)
        except NotReadError as error:
            return error

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Everybody who holds a role that can register connectors, as far as it was read.

        Raises:
            NotReadError: Groups are nested in more ways than anybody could read.
        """
        if isinstance(self._found, NotReadError):
            raise _again(self._found)
        return self._found

    @cached_property
    def lives(self) -> InventoryMemory:
        """Connectors, groups and applications over time, this look included: what is seen now and what was before."""
        return remember_inventory(self.memory.inventory, self.snapshot)

    @cached_property
    def between_groups(self) -> dict[str, tuple[Connector, ...]]:
        """The connectors that stood in a group before and in this scan, for the first time, in none; by that group.

        Raises:
            NotReadError: The connectors were not read.
        """
        moving: dict[str, tuple[Connector, ...]] = {}
        for connector in self.snapshot.connectors.items:
            record = self.lives.connectors.get(connector.id)
            if record and record.groups and record.homeless_since == self.snapshot.taken_at:
                group = record.groups[-1].value
                if group is not None:
                    moving[group] = (*moving.get(group, ()), connector)
        return moving

    @property
    def holders_or_why(self) -> tuple[Holder, ...] | NotReadError:
        """The same as `holders`, with the error as a value, for whoever goes on without them."""
        return self._found

    @cached_property
    def holder_by_id(self) -> dict[PrincipalId, Holder]:
        """The same by their ids."""
        return {holder.id: holder for holder in self.holders}

    @cached_property
    def expected(self) -> Expected:
        """Whom the policy expects as registrars."""
        return expected_by(self.policy, self.snapshot)

    @cached_property
    def _gaps(self) -> dict[Completeness, NotReadError | None]:
        return {extent: unread(self.snapshot, self.holders, extent) for extent in Completeness}

    def need(self, extent: Completeness) -> None:
        """Raise NotReadError unless all of this extent was read, so that an absence proves something."""
        gap = self._gaps[extent]
        if gap is not None:
            raise _again(gap)


def _again(error: NotReadError) -> NotReadError:
    """Return an error to raise in a remembered one's place, whose traceback would grow each time."""
    return NotReadError(error.section, error.reason)
