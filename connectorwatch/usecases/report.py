"""The use case: find a stored scan and render it again, in any format, without a credential and without Graph."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from common.errors import EvidenceError, SettingsError, StorageError
from common.files import write_whole
from common.text import visible
from connectorwatch.scanning.latest_and_views import scan_folder
from connectorwatch.scanning.publish import stored_evidence
from findings.reports.formats import BY_FILE, FORMATS
from findings.reports.json_file import parse_json
from findings.state.document import State

if TYPE_CHECKING:
    from pathlib import Path

    from findings.document import FindingsDocument
    from findings.stores.ports import Store

_SCHEMA = re.compile(rb'"schema"\s*:\s*"connectorwatch\.([a-z]+)/v')
_TENANTS_SHOWN = 10
_SCANS_SHOWN = 3


@dataclass(frozen=True)
class StoredScan:
    """A scan's findings.json as it is stored, byte for byte, and what it says."""

    content: bytes
    document: FindingsDocument


def stored_scan(store: Store, tenant_id: str | None, scan_id: str | None = None) -> StoredScan:
    """Return a stored scan: the newest unless one is named, of the only tenant there is unless one is named.

    Raises:
        SettingsError: No such scan is stored, or several tenants are and none is named.
        EvidenceError: What is stored is damaged, of a newer version, or not all there.
        StorageError: Storage refused.
    """
    tenant = tenant_id or only_tenant(store)
    name = f"{tenant}/state.json"
    stored = store.documents.read(name)
    scans = [scan.id for scan in State.from_bytes(stored.content, name).scans] if stored else []
    if scan_id is None and not scans:
        raise SettingsError(
            f"No scan of tenant {visible(tenant)} is stored: run `connectorwatch scan` first, "
            "or name another tenant (--tenant) or folder (--out)."
        )
    wanted = scans[-1] if scan_id is None else _known(store, tenant, scans, scan_id)
    content = store.scans.read(f"{scan_folder(tenant, wanted)}/findings.json")
    if content is None:
        raise EvidenceError(
            f"Scan {wanted} of tenant {tenant} is remembered and its findings.json is not there: scan again, "
            "which writes what was left unwritten, or restore the file."
        )
    return StoredScan(content, parse_json(content))


def newest_document(store: Store, tenant_id: str | None) -> FindingsDocument:
    """Return the result of a tenant's newest stored scan; see `stored_scan`."""
    return stored_scan(store, tenant_id).document


def render_stored(store: Store, scan: StoredScan, form: str, passes: Literal["count", "all"] | None = None) -> bytes:
    """Return a stored scan in one of `FORMATS`. Lifecycle data in findings.json is shown as it was then.

    Raises:
        EvidenceError: The format shows what the scan saw, and its evidence is damaged or gone.
        StorageError: Storage refused.
    """
    report, document = FORMATS[form], _with_passes(scan.document, passes)
    if form == "json":
        return scan.content
    if not report.needs_snapshot:
        return report.render(document)
    evidence = stored_evidence(store, document.tenant.id, document.scan.id)
    if evidence is None:
        without = ", ".join(name for name, other in FORMATS.items() if not other.needs_snapshot)
        raise EvidenceError(
            f"The evidence of scan {document.scan.id} is gone from storage, and {report.file} shows what it saw: "
            f"restore evidence.json.gz, or choose a format that does not need it ({without})."
        )
    return report.render(document, evidence.evidence.snapshot)


def _with_passes(document: FindingsDocument, passes: Literal["count", "all"] | None) -> FindingsDocument:
    """Return a result that carries what passes in another way than its policy said; see `PolicyInfo.passes`."""
    if passes is None:
        return document
    return document.model_copy(update={"policy": document.policy.model_copy(update={"passes": passes})})


def write_file(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole or not at all.

    Raises:
        SettingsError: It is there already, and `force` is not set.
        StorageError: The system refused.
    """
    if path.exists() and not force:
        raise SettingsError(f"{path} exists already: name another file, or add --force to overwrite it.")
    target = path.resolve()  # a link stays a link
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)  # a pipe or a device is written to, never replaced
            return
        write_whole(target, content)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}. Name a file in another folder.") from error


def refuse_reports(content: bytes, path: Path) -> None:
    """Make sure that a file that should be evidence is not another one of ours, from the same folder.

    Raises:
        EvidenceError: It is: a report, findings.json, state.json.
    """
    packed = content.startswith(b"\x1f\x8b")
    schema = None if packed else _SCHEMA.search(content)
    if schema and schema[1] != b"evidence":
        kind = f"{schema[1].decode()}.json"
    elif path.name in BY_FILE and not schema and not packed:
        kind = path.name
    else:
        return
    raise EvidenceError(f"{path} is {kind}, a result and not what was seen: give the scan's evidence.json.gz.")


def _known(store: Store, tenant: str, scans: list[str], wanted: str) -> str:
    """Return the scan's id if something of it is stored."""
    parts = (name.split("/") for name in store.scans.list(f"{tenant}/scans/"))
    known = sorted({scan for _, _, scan, *_ in parts} | set(scans))
    if wanted in known:
        return wanted
    suggestions = (
        difflib.get_close_matches(wanted, known, n=_SCANS_SHOWN, cutoff=0.5) or known[: -_SCANS_SHOWN - 1 : -1]
    )
    hint = (
        f"The nearest are {', '.join(suggestions)}."
        if suggestions
        else "Nothing of this tenant is stored: look at --out."
    )
    raise SettingsError(f"There is no scan {visible(wanted)[:60]} of tenant {visible(tenant)}. {hint}")


def only_tenant(store: Store) -> str:
    """Return the id of the only tenant that scans are stored of.

    Raises:
        SettingsError: There is none, or there are several.
    """
    parts = (name.split("/") for name in store.scans.list(""))
    tenants = sorted({tenant for tenant, *rest in parts if rest[:1] == ["scans"]})
    if not tenants:
        raise SettingsError(
            "No scan is stored: run `connectorwatch scan` first, or name another folder in CONNECTORWATCH_STORAGE "
            "(or --out)."
        )
    if len(tenants) > 1:
        shown = ", ".join(tenants[:_TENANTS_SHOWN])
        more = f" and {len(tenants) - _TENANTS_SHOWN} more" if len(tenants) > _TENANTS_SHOWN else ""
        raise SettingsError(
            f"Scans of {len(tenants)} tenants are stored: name one in CONNECTORWATCH_TENANT_ID (or --tenant). "
            f"They are {shown}{more}."
        )
    return tenants[0]
