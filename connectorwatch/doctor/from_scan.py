"""What a stored scan shows to be missing, as the doctor's checks; Graph is not queried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import DeniedError, FailedError, NotLicensedError, ReadError, ThrottledError
from connectorwatch.doctor.costs import costs_table
from connectorwatch.doctor.diagnose import graph_checks
from connectorwatch.doctor.document import Check, Identity
from connectorwatch.doctor.remedies import Signer
from inventory.permissions import NEEDS, PLAIN, kind_of
from inventory.snapshot import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findings.document import FindingsDocument, SectionInfo

_ERRORS: dict[str, type[ReadError]] = {
    error.status: error for error in (DeniedError, FailedError, NotLicensedError, ThrottledError)
}
_UNKNOWN_SIGNER = Signer(Identity(kind="opaque"), "default", "")
"""The scan's identity is not stored; what is missing does not depend on it."""


def learned(document: FindingsDocument) -> list[Check]:
    """Return what kept a scan from seeing everything, each once, with the rules of its policy that it cost.

    `mend` depends on the identity that signs in, so it is empty here; `stops` is false, since a scan was made.
    """
    evaluated = {verdict.rule for verdict in document.verdicts}
    unread = _unread(document.sections)
    known = [(kind, error) for kind, error in unread if kind in NEEDS or kind == PLAIN.kind]
    checks = [
        check.model_copy(
            update={"costs": tuple(rule for rule in check.costs if rule in evaluated), "mend": (), "stops": False}
        )
        for check in graph_checks(known, _UNKNOWN_SIGNER, costs_table())
        if check.state == "missing"
    ]
    return [*checks, *(_unknown(kind, error) for kind, error in unread if (kind, error) not in known)]


def _unread(sections: Iterable[SectionInfo]) -> list[tuple[str, ReadError]]:
    """Return the kinds of list that were not read, each once for each way in which one of them was not."""
    failures: dict[tuple[str, str, str], tuple[str, ReadError]] = {}
    for section in sections:
        error = None if (section.reason or "").startswith(NOT_ASKED) else _error(section)
        if error is not None and not isinstance(error, NotLicensedError):
            kind = _kind(section)
            failures.setdefault((kind, error.status, error.code), (kind, error))
    return list(failures.values())


def _kind(section: SectionInfo) -> str:
    """Return which kind of list was not read: of role assignments the plain one, where nothing stood in for PIM's."""
    kind = kind_of(section.name)
    return PLAIN.kind if kind == "role_assignments" and section.stands_in_for is None else kind


def _unknown(kind: str, error: ReadError) -> Check:
    """Return the check of a list that only a newer version knows: what it costs is not known."""
    message = f"could not be read ({error.status}): {error.reason}"
    return Check(area="graph", name=kind, state="missing", message=message, lists=(kind,), code=error.code or None)


def _error(section: SectionInfo) -> ReadError | None:
    """Return the error for which a list, or the better one that it stands in for, was not read."""
    status = section.stands_in_for or ("failed" if section.unreadable else section.status)
    if status == "read":
        return None
    return _ERRORS[status](section.reason or "", code=section.code or "", permission=section.permission)
