"""Add or remove a tenant in the list; everything else stays as written, comments included."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from common.errors import SettingsError, StorageError
from common.files import write_whole
from connectorwatch.platform.blob_files import is_blob, shown_address, write_blob
from connectorwatch.tenants.tenant_list import TenantEntry, parse_list, read_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.settings import Settings

EMPTY = b"# The tenants that are watched.\nversion: 1\ntenants:\n"


def add_tenant(settings: Settings, entry: TenantEntry) -> None:
    """Append a tenant to the list, which is made where there is none yet.

    Raises:
        SettingsError: There is no setting that names the list, the list has mistakes, or holds the tenant already.
        StorageError: The list cannot be written.
    """
    plain = entry.model_dump(exclude_none=True, mode="json")
    if not plain["routes"]:
        del plain["routes"]

    def append(tenants: list[dict[str, Any]]) -> None:
        if any(str(other["id"]).lower() == entry.id.lower() for other in tenants):
            raise SettingsError(f"Tenant {entry.id} is in the list already: change its entry there.")
        tenants.append(plain)

    _change(settings, append)


def take_tenant(settings: Settings, tenant_id: str) -> bool:
    """Take a tenant from the list; return False if it is not there.

    Raises:
        SettingsError: There is no setting that names the list, or the list has mistakes.
        StorageError: The list cannot be written.
    """
    places: list[int] = []

    def remove(tenants: list[dict[str, Any]]) -> None:
        places.extend(place for place, other in enumerate(tenants) if str(other["id"]).lower() == tenant_id.lower())
        for place in places:
            del tenants[place]

    _change(settings, remove)
    return bool(places)


def _change(settings: Settings, change: Callable[[list[dict[str, Any]]], None]) -> None:
    if settings.tenants is None:
        raise SettingsError("CONNECTORWATCH_TENANTS is not set: let it name the file that lists the tenants.")
    name, source = settings.tenants, shown_address(settings.tenants)
    missing = not is_blob(name) and not Path(name).exists()
    content, etag = (EMPTY, "") if missing else read_list(name, settings)
    parse_list(content, source)
    changed = _rewritten(content, change)
    parse_list(changed, source)  # what we write can be read
    if is_blob(name):
        write_blob(name, settings, changed, etag)
        return
    try:
        write_whole(Path(name).resolve(), changed)  # a link stays a link
    except OSError as error:
        raise StorageError(
            f"The list of tenants {name} cannot be written ({error.strerror}): allow this account to write there."
        ) from error


def _rewritten(content: bytes, change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    if content.lstrip().startswith(b"{"):
        plain = json.loads(content)
        plain["tenants"] = plain.get("tenants") or []
        change(plain["tenants"])
        return (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(content) or {"version": 1}
    if not document.get("tenants"):
        document["tenants"] = []
    change(document["tenants"])
    if not document["tenants"]:
        del document["tenants"]  # an empty list after its comments would stand where YAML takes none
    written = io.BytesIO()
    yaml.dump(document, written)
    return written.getvalue()
