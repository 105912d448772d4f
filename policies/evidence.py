"""Evidence: all input of the rules in one stored document, so that a scan can be evaluated again years later."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field

from common.errors import NotReadError
from inventory.memory import remember_inventory
from inventory.snapshot import Snapshot
from policies.memory import Memory
from policies.policy_file.answers import Answer, answers_by_key
from policies.policy_file.model import Policy
from policies.registration.expected import Expected, expected_by
from policies.registration.holders import Completeness, Holder, holders, unread
from policies.releases.catalogue import Catalogue
from policies.vocabulary import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inventory.history_records import InventoryMemory
    from inventory.models import Connector, PrincipalId
    from policies.vocabulary import SubjectType


class ScanInfo(BaseModel):
    """A scan: its id, what triggered it, and the source of its policy."""

    model_config = ConfigDict(frozen=True)

    id: str
    trigger: str = "manual"
    policy_source: str = "built-in"
    policy_sha256: str = ""


class Evidence(BaseModel):
    """The input of all rules: snapshot, memory, effective policy, release catalogue. No clock, no network."""

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
    """The memory as it was before this scan."""
    answers: tuple[Answer, ...] = Field(default=(), exclude_if=lambda answers: not answers)
    """The stored answers that this scan knew; those in the policy count beside them."""

    def __copy__(self) -> Self:
        """Return a copy without cached values: `model_copy` may give it another policy or snapshot."""
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied

    @cached_property
    def _holders_or_error(self) -> tuple[Holder, ...] | NotReadError:
        """All holders of a granting role, or why the paths could not be followed; computed once for all rules."""
        try:
            return holders(self.snapshot)
        except NotReadError as error:
            return error

    @property
    def holders(self) -> tuple[Holder, ...]:
        """All holders of a role that can register connectors, from the lists that were read.

        Raises:
            NotReadError: Groups are nested in too many ways; see `registration.paths.MOST_STEPS`.
        """
        if isinstance(self._holders_or_error, NotReadError):
            raise _to_raise(self._holders_or_error)
        return self._holders_or_error

    @cached_property
    def _subjects(self) -> dict[tuple[SubjectType, str, str], Subject]:
        return {}

    def subject(self, kind: SubjectType, own_id: str, name: str) -> Subject:
        """Return a subject; rules that list the same things share theirs, of which a large tenant has thousands."""
        key = (kind, own_id, name)
        subject = self._subjects.get(key)
        if subject is None:
            subject = self._subjects[key] = Subject(type=kind, id=own_id, name=name)
        return subject

    @cached_property
    def lives(self) -> InventoryMemory:
        """The history of connectors, groups and applications, this scan included."""
        return remember_inventory(self.memory.inventory, self.snapshot)

    @cached_property
    def between_groups(self) -> dict[str | None, tuple[Connector, ...]]:
        """The connectors that stood in a group before and in this scan, for the first time, in none; by that group.

        Raises:
            NotReadError: The connectors were not read.
        """
        moving: dict[str | None, tuple[Connector, ...]] = {}
        for connector in self.snapshot.connectors.readable:
            record = self.lives.connectors.get(connector.id)
            if record and record.groups and record.homeless_since == self.snapshot.taken_at:
                group = record.groups[-1].value
                moving[group] = (*moving.get(group, ()), connector)
        return moving

    @property
    def holders_or_why(self) -> tuple[Holder, ...] | NotReadError:
        """Like `holders`, with the error as a value, for callers that can continue without them."""
        return self._holders_or_error

    @cached_property
    def holder_by_id(self) -> dict[PrincipalId, Holder]:
        """`holders` by id."""
        return {holder.id: holder for holder in self.holders}

    @cached_property
    def _answers(self) -> Mapping[str, Sequence[Answer]]:
        given = (*self.policy.answers, *self.answers)
        return answers_by_key(given, self.snapshot.tenant_id, self.snapshot.taken_at)

    def answers_to(self, key: str) -> tuple[Answer, ...]:
        """Return the answers to a finding until this scan, the newest last."""
        return tuple(self._answers.get(key.casefold(), ()))

    def is_confirmed(self, key: str) -> bool:
        """Return whether the newest answer to a finding says that the event was wrong."""
        answers = self.answers_to(key)
        return bool(answers) and answers[-1].verdict == "wrong"

    @cached_property
    def expected(self) -> Expected:
        """The registrars that the policy expects."""
        return expected_by(self.policy, self.snapshot)

    @cached_property
    def _gaps(self) -> dict[Completeness, NotReadError | None]:
        return {extent: unread(self.snapshot, self.holders, extent) for extent in Completeness}

    def need(self, extent: Completeness) -> None:
        """Raise NotReadError unless all lists of this extent were read, so that absence from them is proof."""
        gap = self._gaps[extent]
        if gap is not None:
            raise _to_raise(gap)


def _to_raise(error: NotReadError) -> NotReadError:
    """Return a copy of a cached error: raising the same object repeatedly would lengthen its traceback each time."""
    return NotReadError(error.section, error.reason)
