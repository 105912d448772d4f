"""What a stored scan learned of what is missing, in the doctor's words; Graph is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectorwatch.doctor.costs import costs_table
from connectorwatch.doctor.document import Identity
from connectorwatch.doctor.judging import graph_checks
from connectorwatch.doctor.mending import Signer
from inventory.errors import DeniedError, FailedError, NotLicensedError, ReadError, ThrottledError
from inventory.permissions import NEEDS, kind_of
from inventory.snapshot import NOT_ASKED

if TYPE_CHECKING:
    from connectorwatch.doctor.document import Check
    from findings.document import FindingsDocument, SectionInfo

_ERRORS: dict[str, type[ReadError]] = {
    error.status: error for error in (DeniedError, FailedError, NotLicensedError, ThrottledError)
}
_SOMEBODY = Signer(Identity(kind="opaque"), "default", "")
"""Whose token it was is not stored; what is missing can be told without."""


def learned(document: FindingsDocument) -> list[Check]:
    """Return what kept a scan from seeing everything, each once, with the rules of its policy that it cost.

    What mends it depends on who signs in, so `mend` is the doctor's to say and empty here.
    """
    asked = (section for section in document.sections if not (section.reason or "").startswith(NOT_ASKED))
    errors = [(kind_of(section.name), _error(section)) for section in asked]
    # Of many lists of one kind the last one here says how it is: one that was not read.
    worst_last = sorted(errors, key=lambda one: (one[1] is not None, not isinstance(one[1], NotLicensedError)))
    outcomes = {kind: error for kind, error in worst_last if kind in NEEDS}
    spoke = {verdict.rule for verdict in document.verdicts}
    return [
        check.model_copy(update={"costs": tuple(rule for rule in check.costs if rule in spoke), "mend": ()})
        for check in graph_checks(outcomes, _SOMEBODY, costs_table())
        if check.state == "missing"
    ]


def _error(section: SectionInfo) -> ReadError | None:
    """Return the error for which a list, or the better one that it stands in for, was not read."""
    status = section.stands_in_for or section.status
    if status == "read":
        return None
    return _ERRORS[status](section.reason or "", code=section.code or "", permission=section.permission)
