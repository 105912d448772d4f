"""The tenants that this installation watches: one from its setting, or many from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from common.errors import SettingsError
from common.ids import is_object_id
from common.yaml_lines import MAX_BYTES, read_document, shown
from connectorwatch.platform.blob_files import beside, is_blob, read_blob, shown_address
from connectorwatch.settings import PERSONAL, CredentialKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from common.yaml_lines import Document, Problem
    from connectorwatch.settings import Settings

LARGEST = 16 * MAX_BYTES
"""How many bytes the list may have as JSON: some 100,000 tenants. As YAML it is a sixteenth of that."""


class TenantEntry(BaseModel):
    """One tenant of the list; what it leaves out is as the settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="The tenant's id.")
    name: str | None = Field(default=None, description="What to call it in lists; the tenant's own name otherwise.")
    credential: CredentialKind | None = Field(default=None, description="Where its tokens come from.")
    client_id: str | None = Field(default=None, description="Client of the credentials that need one.")
    policy: str | None = Field(default=None, description="Its policy, relative to the list.")
    routes: tuple[str, ...] = Field(default=(), description="Names of the routes that its notifications take.")

    @field_validator("credential")
    @classmethod
    def _no_interactive_sign_in(cls, value: CredentialKind | None) -> CredentialKind | None:
        if value in PERSONAL:
            raise ValueError(f"{value} asks a person to sign in, which a list of tenants cannot have")
        return value


class TenantList(BaseModel):
    """The file of CONNECTORWATCH_TENANTS."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = Field(default=1, description="The version of the file's form.")
    tenants: tuple[TenantEntry, ...] = Field(default=(), description="The tenants.")


@dataclass(frozen=True)
class Tenant:
    """One tenant that is watched.

    Attributes:
        id: Its id, in lower case.
        name: What the list calls it, or None.
        settings: The settings that hold for it.
        routes: Names of the routes that its notifications take; empty for the default one.
    """

    id: str
    name: str | None
    settings: Settings
    routes: tuple[str, ...] = ()


def tenants_of(settings: Settings) -> tuple[Tenant, ...]:
    """Return the tenants that the settings name, in the list's order.

    Raises:
        SettingsError: None is named, or the list is missing or has mistakes, which the message lists by line.
    """
    if settings.tenants is None:
        if settings.tenant_id is None:
            raise SettingsError(
                "No tenant is named: set CONNECTORWATCH_TENANT_ID for one, or CONNECTORWATCH_TENANTS for many."
            )
        tenant_id = settings.tenant_id.lower()
        return (Tenant(tenant_id, None, settings.model_copy(update={"tenant_id": tenant_id})),)
    content, source = read_list(settings.tenants, settings)[0], shown_address(settings.tenants)
    return tuple(_tenant(entry, settings) for entry in parse_list(content, source))


def find_tenant(settings: Settings, tenant_id: str) -> Tenant | None:
    """Return a tenant by its id, or None if this installation does not watch it."""
    return next((tenant for tenant in tenants_of(settings) if tenant.id == tenant_id.lower()), None)


def read_list(name: str, settings: Settings) -> tuple[bytes, str]:
    """Return the list's bytes and, of a blob, its ETag.

    Raises:
        SettingsError: There is no such file or blob, or it may not be read.
    """
    if is_blob(name):
        return read_blob(name, settings, LARGEST)
    try:
        with Path(name).open("rb") as file:
            return file.read(LARGEST + 1), ""
    except (OSError, ValueError) as error:  # a name with a NUL in it is no OSError
        why = error.strerror if isinstance(error, OSError) else "no name of a file"
        raise SettingsError(
            f"The list of tenants {name} cannot be read ({why}): correct CONNECTORWATCH_TENANTS."
        ) from error


@lru_cache(maxsize=4)
def parse_list(content: bytes, source: str) -> tuple[TenantEntry, ...]:
    """Return what a list says, their ids in lower case, as YAML or JSON. The newest lists are remembered.

    Raises:
        SettingsError: Something in it is not understood; the message names every line, up to ten.
    """
    entries = _as_json(content)
    if entries is not None:
        return entries
    document = _heading_alone(read_document(content, source, SettingsError))
    parsed, problems = document.validated(TenantList)
    problems += _id_problems(document)
    if parsed is None or problems:
        raise document.refusal(problems)
    return _entries(parsed)


def _heading_alone(document: Document) -> Document:
    """Take `tenants:` with nothing below it, as in a file whose examples are commented out, as a list of none."""
    data = document.data
    return (
        replace(document, data={**data, "tenants": data.get("tenants") or []}) if isinstance(data, dict) else document
    )


def _as_json(content: bytes) -> tuple[TenantEntry, ...] | None:
    """Fast path for valid JSON; None falls back to the YAML reader, which reports line numbers.

    Thirty times as fast as the YAML reader, which matters with thousands of tenants.
    """
    if len(content) > LARGEST or not content.lstrip().startswith(b"{"):
        return None
    try:
        json.loads(content, object_pairs_hook=_unique_keys)
        parsed = TenantList.model_validate_json(content, strict=True)
    except (ValueError, RecursionError, ValidationError):
        return None
    entries = _entries(parsed)
    ids = {entry.id for entry in entries}
    return entries if len(ids) == len(entries) and all(map(is_object_id, ids)) else None


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise ValueError("a key is there twice")
    return mapping


def _entries(parsed: TenantList) -> tuple[TenantEntry, ...]:
    return tuple(entry.model_copy(update={"id": entry.id.lower()}) for entry in parsed.tenants)


def _id_problems(document: Document) -> Iterator[Problem]:
    """Yield a problem for every invalid id and for every repeated one."""
    entries = document.data.get("tenants") if isinstance(document.data, dict) else None
    first_line: dict[str, int] = {}
    for place, entry in enumerate(entries if isinstance(entries, list) else []):
        tenant_id = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(tenant_id, str):
            continue
        path = ("tenants", place, "id")
        if not is_object_id(tenant_id):
            complaint = f"must be a tenant's id (8-4-4-4-12 hexadecimal digits); it says {shown(tenant_id)}"
            yield document.problem(path, complaint)
        if tenant_id.lower() in first_line:
            yield document.problem(
                path, f"the same tenant as on line {first_line[tenant_id.lower()]}; keep one of them"
            )
        first_line.setdefault(tenant_id.lower(), document.lines[path])


def _tenant(entry: TenantEntry, settings: Settings) -> Tenant:
    overrides = {"tenant_id": entry.id, "credential": entry.credential, "client_id": entry.client_id}
    if entry.policy is not None and settings.tenants is not None:
        overrides["policy"] = beside(settings.tenants, entry.policy)
    return Tenant(
        entry.id,
        entry.name,
        settings.model_copy(update={key: value for key, value in overrides.items() if value is not None}),
        entry.routes,
    )
