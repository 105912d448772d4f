"""The use case: find the story of a tenant, of one finding or of one connector in what is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.cells import cut
from common.errors import SettingsError
from common.text import visible
from connectorwatch.usecases.report import only_tenant
from connectorwatch.usecases.suggestions import listed, nearest
from findings.history.findings import History, history
from findings.state.document import State

if TYPE_CHECKING:
    from findings.stores.ports import Store

_SOME, _SHOWN = 5, 80


def stored_state(store: Store, tenant_id: str | None) -> State:
    """Return what is remembered of a tenant; of the only tenant there is where none is named.

    Raises:
        SettingsError: Nothing is remembered, or several tenants are and none is named.
        EvidenceError: The state is damaged or of a newer version.
        StorageError: Storage refused.
    """
    tenant = tenant_id or only_tenant(store)
    name = f"{tenant}/state.json"
    stored = store.documents.read(name)
    state = State.from_bytes(stored.content, name) if stored else None
    if state is None or not state.scans:
        raise SettingsError(
            f"No scan of tenant {visible(tenant)} is stored: run `connectorwatch scan` first, "
            "or name another tenant (--tenant) or folder (--out)."
        )
    return state


def told_history(state: State, finding: str | None = None, connector: str | None = None) -> History:
    """Return the tenant's story, or that of one finding, or of each connector of one name.

    Args:
        state: What is remembered.
        finding: A finding's key, in either case.
        connector: A connector's machine name or id, in either case. Several connectors may have one name.

    Raises:
        SettingsError: There never was such a one; the message names those that are near.
    """
    whole = history(state)
    if connector is not None:
        return _of_connector(whole, connector)
    if finding is None:
        return whole
    found = tuple(story for story in whole.findings if story.key.casefold() == finding.strip().casefold())
    if not found:
        raise SettingsError(_unknown("finding", finding, {story.key: story.subject.name for story in whole.findings}))
    return whole.model_copy(update={"findings": found})


def _of_connector(whole: History, asked: str) -> History:
    wanted = asked.strip().casefold()
    found = tuple(own for own in whole.connectors if wanted in (own.id.casefold(), own.name.strip().casefold()))
    if not found:
        raise SettingsError(_unknown("connector", asked, {own.id: own.name for own in whole.connectors}))
    ids = {own.id for own in found}
    changes = tuple(
        change for change in whole.changes if change.subject.type == "connector" and change.subject.id in ids
    )
    findings = tuple(story for story in whole.findings if any(story.key in own.findings for own in found))
    return whole.model_copy(update={"connectors": found, "findings": findings, "changes": changes})


def _unknown(kind: str, asked: str, names: dict[str, str]) -> str:
    """Return that something was never seen, with what is near, or else with some of what there is."""
    near = nearest(asked, names)
    some = tuple(names)[:_SOME]
    if near:
        advice = f"Near it: {listed(near, names)}."
    elif kind == "connector" and some:
        more = f" and {len(names) - len(some)} more" if len(names) > len(some) else ""
        advice = f"Known are {listed(some, names)}{more}."
    else:
        advice = "`connectorwatch history` tells of all there are."
    return f"No {kind} {cut(asked, _SHOWN)!r} is remembered. {advice}"
