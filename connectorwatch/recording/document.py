"""The recording as a document: counts, shapes and Microsoft's own words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Counts = dict[str, Count]


class RecordedPart(BaseModel):
    """What all parts share: frozen, and strict about their keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Sizes(RecordedPart):
    """How many elements arrays had, over all answers."""

    least: Count
    most: Count
    total: Count


class PropertyShape(RecordedPart):
    """What stood at one place of the answers."""

    types: Counts = Field(description="How often each JSON type stood there; `null` is one.")
    sizes: Sizes | None = Field(default=None, description="Of arrays.")
    words: Counts = Field(
        default_factory=dict, description="Microsoft's own words that stood there; any other value is `other`."
    )


class Milliseconds(RecordedPart):
    """How long requests took; those in a batch have no time of their own."""

    least: Count
    median: Count
    most: Count


class Exchange(RecordedPart):
    """All requests of one kind, and what Graph answered."""

    request: str = Field(description="Method, path and options; `{id}` and `{value}` stand for the tenant's own.")
    batched: bool = Field(description="Whether they went inside a batch.")
    requests: Count
    next_pages: Count = Field(description="How many of them asked for a page after the first.")
    statuses: Counts
    error_codes: Counts
    faults: Counts = Field(description="Why no whole answer came, in connectorwatch's own words.")
    headers: dict[str, Counts] = Field(description="Headers of a fixed list; values only where they are Microsoft's.")
    unreadable: Count = Field(description="Answers that were not JSON.")
    properties: dict[str, PropertyShape] = Field(description="By place, such as `value[].status`.")
    milliseconds: Milliseconds | None


class RecordedIdentity(RecordedPart):
    """What kind of identity asked, without who it is."""

    kind: Literal["app-only", "delegated", "opaque"]
    permissions: tuple[str, ...] = Field(description="Listed ones only; others count as `other`.")
    roles: tuple[str, ...] = Field(description="Built-in directory roles that the token names.")


class Overlap(RecordedPart):
    """How many values two places share. The values were compared as hashes with a salt that was never stored."""

    first: str
    second: str
    both: Count
    first_only: Count
    second_only: Count


class Recording(RecordedPart):
    """What Graph answered to a doctor's probes and to a scan."""

    schema_name: Literal["connectorwatch.recording/v1"] = Field(default="connectorwatch.recording/v1", alias="schema")
    version: str = Field(description="connectorwatch's version.")
    cloud: str = Field(description="A cloud of Microsoft's, `loopback`, or `other`.")
    identity: RecordedIdentity
    sections: dict[str, Counts] = Field(description="By kind of list, how often reading it ended in which way.")
    exchanges: tuple[Exchange, ...]
    overlaps: tuple[Overlap, ...]
