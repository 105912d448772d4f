"""The use case: the timeline of a tenant, of one finding or of one connector, from the stored state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.cells import cut
from common.errors import SettingsError
from common.text import visible
from connectorwatch.scanning.answers import stored_answers
from connectorwatch.usecases.report import only_tenant
from connectorwatch.usecases.suggestions import listed, nearest
from findings.history.findings import History, history
from findings.state.document import State

if TYPE_CHECKING:
    from findings.stores.ports import Store

_SOME, _SHOWN = 5, 80


def stored_state(store: Store, tenant_id: str | None) -> State:
    """Return a tenant's state; of the only stored tenant where none is named.

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


def answered_state(store: Store, tenant_id: str | None) -> State:
    """Return a tenant's state with all stored answers, also those that no scan has counted yet; see `stored_state`.

    Raises:
        SettingsError: Nothing is remembered, or several tenants are and none is named.
        EvidenceError: The state or the stored answers are damaged or of a newer version.
        StorageError: Storage refused.
    """
    state = stored_state(store, tenant_id)
    return stored_answers(store, state.tenant.id).shown_in(state)


def selected_history(state: State, finding: str | None = None, connector: str | None = None) -> History:
    """Return the tenant's timeline, or that of one finding, or of each connector with one name.

    Args:
        state: The tenant's state.
        finding: A finding's key, in either case.
        connector: A connector's machine name or id, in either case. Several connectors may have one name.

    Raises:
        SettingsError: It is unknown; the message suggests close matches.
    """
    whole = history(state)
    if connector is not None:
        return _connector_history(whole, connector)
    if finding is None:
        return whole
    matching = tuple(timeline for timeline in whole.findings if timeline.key.casefold() == finding.strip().casefold())
    if not matching:
        raise SettingsError(
            _unknown("finding", finding, {timeline.key: timeline.subject.name for timeline in whole.findings})
        )
    return whole.model_copy(update={"findings": matching})


def _connector_history(whole: History, query: str) -> History:
    wanted = query.strip().casefold()
    matching = tuple(
        connector
        for connector in whole.connectors
        if wanted in (connector.id.casefold(), connector.name.strip().casefold())
    )
    if not matching:
        raise SettingsError(
            _unknown("connector", query, {connector.id: connector.name for connector in whole.connectors})
        )
    ids = {connector.id for connector in matching}
    changes = tuple(
        change for change in whole.changes if change.subject.type == "connector" and change.subject.id in ids
    )
    findings = tuple(
        timeline for timeline in whole.findings if any(timeline.key in connector.findings for connector in matching)
    )
    return whole.model_copy(update={"connectors": matching, "findings": findings, "changes": changes})


def _unknown(kind: str, query: str, names: dict[str, str]) -> str:
    """Return the message for an unknown key or name, with close matches, or else with some of the known ones."""
    suggestions = nearest(query, names)
    some = tuple(names)[:_SOME]
    if suggestions:
        advice = f"Near it: {listed(suggestions, names)}."
    elif kind == "connector" and some:
        more = f" and {len(names) - len(some)} more" if len(names) > len(some) else ""
        advice = f"Known are {listed(some, names)}{more}."
    else:
        advice = "`connectorwatch history` lists all of them."
    return f"No {kind} {cut(query, _SHOWN)!r} is remembered. {advice}"
