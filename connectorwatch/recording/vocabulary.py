"""The closed list of Microsoft's own words: nothing else of an answer may stand in a recording.

Property names are those of Microsoft's Graph OpenAPI descriptions (v1.0 and beta, 2026-08); error codes, tags, statuses
and activities come from the Graph documentation of the same months. A property name that a tenant made itself, such as
a directory extension, carries the id of an application, so a name outside the list is never written.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("vocabulary.json")

OTHER = "other"
"""Stands for any value, code or option that is not listed."""
UNKNOWN = "(unknown property)"
"""Stands for any property name that is not listed."""
OTHER_CASE = " (other case)"
"""Follows a listed property name that an answer writes with other capitals, as documented examples do."""


class Vocabulary(BaseModel):
    """Everything that may stand in a recording besides numbers and connectorwatch's own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    segments: frozenset[str]
    options: frozenset[str]
    operators: frozenset[str]
    error_codes: frozenset[str]
    faults: frozenset[str]
    headers: dict[str, frozenset[str]]
    """By header, in lower case, the values that may be written; of the others only that there was one."""
    permissions: frozenset[str]
    roles: dict[str, str]
    """Names of built-in roles by their template ids, which are the same in every tenant."""
    words: dict[str, frozenset[str]]
    """Values that may be written, by property, or by `parent[].property` where the name alone is not enough."""
    properties: frozenset[str]

    @cached_property
    def _by_letters(self) -> dict[str, str]:
        return {name.casefold(): name for name in sorted(self.properties)}

    def name_of(self, name: str) -> str:
        """Return a property's name as it may be written: as listed, else marked as another case or as unknown."""
        if name in self.properties:
            return name
        listed_name = self._by_letters.get(name.casefold())
        return UNKNOWN if listed_name is None else f"{listed_name}{OTHER_CASE}"

    def words_at(self, path: str) -> frozenset[str] | None:
        """Return the values that may be written at a path such as `value[].status`; None where none may."""
        nested = ".".join(path.rsplit(".", 2)[-2:]).removesuffix("[]")
        return self.words.get(nested, self.words.get(nested.rpartition(".")[2]))


@cache
def vocabulary() -> Vocabulary:
    """Return the closed list that comes with connectorwatch."""
    return Vocabulary.model_validate_json(_FILE.read_bytes())


def listed(text: object, among: frozenset[str]) -> str:
    """Return the text where it is listed, else `other`."""
    return text if isinstance(text, str) and text in among else OTHER
