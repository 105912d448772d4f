"""The result of `doctor`, as printed with `--json`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Area = Literal["installation", "credential", "graph", "storage"]
State = Literal["ok", "note", "missing"]


class Check(BaseModel):
    """One check and its result.

    `note` is worth knowing and costs nothing; `missing` costs the verdicts of `costs`.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    area: Area
    name: str = Field(description="What was checked, such as `clock` or `audit`.")
    state: State
    message: str = Field(alias="said", description="The result, in one sentence.")
    stops: bool = Field(default=False, description="Whether no scan can be made until it is mended.")
    missing: str | None = Field(default=None, description="The permission or the role that is missing, if one is.")
    lists: tuple[str, ...] = Field(default=(), description="The kinds of list that could not be read for it.")
    costs: tuple[str, ...] = Field(
        default=(), description="Rules that say not_assessed of something until it is there."
    )
    mend: tuple[str, ...] = Field(default=(), description="What to run or to do, in order.")
    code: str | None = Field(default=None, description="Graph's error code, where it refused.")


class Identity(BaseModel):
    """Whose token it is, as the token itself says; its signature is Graph's to check."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["app-only", "delegated", "opaque"]
    tenant: str | None = None
    application: str | None = Field(default=None, description="Client id of the application that signed in.")
    audience: str | None = Field(default=None, description="Which service it is for.")
    name: str | None = Field(default=None, description="The user's name, or the application's.")
    object_id: str | None = Field(default=None, description="Of the user or the service principal.")
    permissions: tuple[str, ...] = ()
    expires_at: datetime | None = None


class DoctorDocument(BaseModel):
    """All checks and their results."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_name: Literal["connectorwatch.doctor/v1"] = Field(default="connectorwatch.doctor/v1", alias="schema")
    tenant: str | None = Field(description="The tenant that was asked; null where none is named.")
    graph: str = Field(description="The Graph root that was asked.")
    identity: Identity | None
    requests: int = Field(description="HTTP requests to Graph.")
    checks: tuple[Check, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return all(check.state != "missing" for check in self.checks)

    @property
    def stopped(self) -> bool:
        """Whether no scan can be made."""
        return any(check.stops for check in self.checks)
