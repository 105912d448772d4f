"""The stored answers of a tenant: a document of their own beside its state, to which answers are only ever added.

An answer goes when its finding does: by retention, or with the tenant.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict, Field, ValidationError

from common.errors import EvidenceError
from common.json_bytes import canonical
from common.schema_versions import check_schema
from findings.state.parts import StoredPart
from findings.state.record import StoredAnswer
from policies.policy_file.answers import answers_by_key, same_answer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from findings.state.document import State
    from findings.state.record import FindingState
    from policies.policy_file.answers import Answer

SCHEMA = "connectorwatch.answers/v1"
LARGEST = 16 * 1024 * 1024
"""The most bytes of the document; an answer takes some 6 kB at most, and 300 bytes as a rule."""
MOST_TO_ONE = 20
"""The most answers of one person to one finding."""


class StoredAnswers(StoredPart):
    """answers.json, version 1: the answers to one tenant's findings, in the order in which they were given."""

    model_config = ConfigDict(populate_by_name=True)

    schema_: str = Field(default=SCHEMA, alias="schema")
    answers: tuple[StoredAnswer, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the document: the same bytes for the same answers."""
        return canonical(self.model_dump(mode="json"))

    @classmethod
    def from_bytes(cls, content: bytes, name: str = "answers.json") -> Self:
        """Return the answers that a stored document holds.

        Args:
            content: The document.
            name: What to call it in an error.

        Raises:
            EvidenceError: The document is damaged, too large, or of a newer major version.
        """
        if len(content) > LARGEST:
            raise _damaged(name, f"it is larger than {LARGEST >> 20} MiB")
        try:
            document = json.loads(content)
            if not isinstance(document, dict):
                raise _damaged(name, "it is no JSON object")
            check_schema(document.get("schema"), expected="connectorwatch.answers")
            return cls.model_validate(document)
        except ValidationError as error:
            place = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
            raise _damaged(name, f"at {place}") from error
        except (ValueError, RecursionError) as error:
            raise _damaged(name, "it is no JSON") from error

    def to(self, key: str) -> tuple[StoredAnswer, ...]:
        """Return the answers to one finding, by its key in either case."""
        return tuple(answer for answer in self.answers if answer.key.casefold() == key.casefold())

    def added(self, answer: Answer) -> Self:
        """Return the document with one more answer."""
        return self.model_copy(update={"answers": (*self.answers, StoredAnswer(**answer.model_dump()))})

    def shown_in(self, state: State) -> State:
        """Return a state whose findings also have the answers that no scan has counted yet."""
        given = answers_by_key(self.answers, state.tenant.id, datetime.max.replace(tzinfo=UTC))
        findings = {key: _with(record, given.get(key.casefold(), ())) for key, record in state.findings.items()}
        return state.model_copy(update={"findings": findings})

    def only(self, keys: Collection[str], before: datetime) -> Self:
        """Return the document without old answers to findings that are forgotten; the same one if there are none.

        Args:
            keys: The findings that are remembered.
            before: Since when answers are kept whatever they are to: a finding may be newer than `keys`.
        """
        known = {key.casefold() for key in keys}
        kept = tuple(answer for answer in self.answers if answer.at >= before or answer.key.casefold() in known)
        return self if len(kept) == len(self.answers) else self.model_copy(update={"answers": kept})


def _with(record: FindingState, given: Sequence[Answer]) -> FindingState:
    new = (answer for answer in given if not any(same_answer(answer, known) for known in record.answers))
    answers = (*record.answers, *(StoredAnswer(**answer.model_dump()) for answer in new))
    ordered = tuple(sorted(answers, key=lambda answer: answer.at))
    return record.model_copy(update={"answers": ordered}) if given else record


def _damaged(name: str, why: str) -> EvidenceError:
    return EvidenceError(f"The stored document {name} is damaged ({why}). Restore an earlier copy of it.")
