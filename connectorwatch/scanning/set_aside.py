"""Set a scan aside whose reports cannot be written, so that the scans after it go on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from common.defects import DEFECTS, place_of
from common.errors import RenderError, RuleError
from common.version import VERSION
from connectorwatch.scanning.latest_and_views import changed_state
from findings.state.document import SET_ASIDE_KEPT
from findings.state.parts import SetAside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findings.state.document import State
    from findings.stores.ports import Store

_FAILURES: tuple[type[Exception], ...] = (RenderError, RuleError, *DEFECTS)

log = structlog.get_logger(__name__)


@contextmanager
def setting_aside(store: Store, tenant_id: str, scan_id: str) -> Iterator[None]:
    """Set a remembered scan aside where writing its reports fails by a defect.

    What storage refuses is no defect: the scan stays unpublished, and whoever comes next tries again.

    Raises:
        RenderError: The scan was set aside; the message names the way out.
    """
    try:
        yield
    except _FAILURES as error:
        why = str(error) if isinstance(error, RenderError | RuleError) else place_of(error)
        set_aside(store, tenant_id, scan_id, why)
        raise RenderError(
            f"Scan {scan_id} is stored and remembered, but its reports could not be written: {why}. Update "
            f"connectorwatch and run `connectorwatch rebuild --tenant {tenant_id}`; if it stays, report a defect."
        ) from error


def set_aside(store: Store, tenant_id: str, scan_id: str, why: str) -> None:
    """Record that a scan's reports could not be written; it counts as unpublished no more."""

    def change(state: State) -> State:
        if not state.has_applied(scan_id):
            return state
        others = tuple(entry for entry in state.set_aside if entry.scan != scan_id)
        entry = SetAside(scan=scan_id, why=why[:400], version=VERSION)
        after = {
            "unpublished": tuple(other for other in state.unpublished if other != scan_id),
            "set_aside": (*others, entry)[-SET_ASIDE_KEPT:],
        }
        return state.model_copy(update=after)

    changed_state(store, tenant_id, change, advice="scan again later")
    log.error("reports could not be written, the scan is set aside", scan=scan_id, tenant=tenant_id, why=why)
