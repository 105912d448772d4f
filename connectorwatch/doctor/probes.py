"""Query Graph for the first page of each kind of list, with as few records as possible, and record the outcomes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pydantic_core import to_json

from common.errors import DeniedError, ReadError
from inventory.answer import error_of, says_empty
from inventory.audit.activities import SERVICE
from inventory.decode import decode_page
from inventory.gate import Patience
from inventory.models import Id, Record
from inventory.permissions import NEEDS, PLAIN, Requirement
from inventory.request import ANY_404, UNMANAGED, GraphRequest, GraphService
from inventory.roles import APPLICATION_ADMINISTRATOR
from inventory.sender import HttpCall, Sender

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from inventory.answer import Answer

NO_GROUP = "00000000-0000-0000-0000-000000000000"
"""The group id to query where the tenant has no group; PIM answers for any id, with an empty list or a 404."""
_ONE = {"$top": "1"}
_EMPTY = UNMANAGED | {ANY_404}
_OF = ("members", "applications")


class ListedObject(Record):
    """A record of a list: its id, and its name where it may be read."""

    id: Id
    display_name: str | None = None


@dataclass
class ProbeResults:
    """The outcomes of the probes.

    Attributes:
        outcomes: By kind of list: None where it was read, the error where it was not. A kind that is not there could
            not be asked for, because another was not read or because the tenant has no such thing.
        dates: When Graph says that it answered, and when the answer came by the clock here.
    """

    outcomes: dict[str, ReadError | None] = field(default_factory=dict)
    dates: list[tuple[datetime, datetime]] = field(default_factory=list)


@dataclass(frozen=True)
class _Probe:
    kind: str
    service: GraphService
    query: dict[str, str] = field(default_factory=dict)
    id: str = ""
    body: bytes | None = None


class Prober:
    """Probes through the same sender as a scan: with its throttling and host checks, and with the given patience.

    Args:
        exchange: How requests are sent.
        patience: Seconds to wait for Graph, for one list.
        now: The clock here.
    """

    def __init__(self, exchange: Sender, patience: float, now: Callable[[], datetime]) -> None:
        self._exchange, self._patience, self._now = exchange, patience, now
        self._found = ProbeResults()

    async def probe(self) -> ProbeResults:
        """Run all probes; about fifteen requests."""
        await asyncio.gather(self._plain(), self._connectors(), self._roles(), self._groups())
        return self._found

    async def _plain(self) -> None:
        audit = {"$filter": f"loggedByService eq '{SERVICE}'", **_ONE}
        await asyncio.gather(
            self._ask(_Probe("organization", GraphService.DIRECTORY, {"$select": "id,displayName"})),
            self._ask(_Probe("private_access", GraphService.DIRECTORY, {"$select": "id", **_ONE})),
            self._ask(_Probe("audit", GraphService.AUDIT, audit)),
        )

    async def _connectors(self) -> None:
        _, groups = await asyncio.gather(
            self._ask(_Probe("connectors", GraphService.APP_PROXY, _ONE)),
            self._ask(_Probe("connector_groups", GraphService.APP_PROXY, _ONE)),
        )
        if groups:
            await asyncio.gather(
                *(
                    self._ask(_Probe(f"connector_groups/{relation}", GraphService.APP_PROXY, _ONE, groups[0].id))
                    for relation in _OF
                )
            )

    async def _roles(self) -> None:
        of_role = {"$filter": f"roleDefinitionId eq '{APPLICATION_ADMINISTRATOR}'"}
        await asyncio.gather(
            self._ask(_Probe("role_definitions", GraphService.ROLES)),
            self._assignments(of_role),
            self._ask(_Probe("role_eligibilities", GraphService.ROLES, of_role)),
        )

    async def _assignments(self, of_role: dict[str, str]) -> None:
        """Query PIM's list and, where that is not read, the plain one, as a scan does."""
        await self._ask(_Probe("role_assignments", GraphService.ROLES, of_role))
        if self._found.outcomes["role_assignments"] is not None:
            await self._ask(_Probe(PLAIN.kind, GraphService.ROLES, of_role), PLAIN)

    async def _groups(self) -> None:
        group = await self._some_group()
        of_group = {"$filter": f"groupId eq '{group or NO_GROUP}'"}
        await asyncio.gather(
            self._ask(_Probe("groups/assignments", GraphService.ROLES, of_group)),
            self._ask(_Probe("groups/eligibilities", GraphService.ROLES, of_group)),
            *([self._members(group), self._principal(group)] if group else []),
        )

    async def _members(self, group: str) -> None:
        probes = (
            _Probe(f"groups/{relation}", GraphService.DIRECTORY, {"$select": "id", **_ONE}, group)
            for relation in ("members", "owners")
        )
        await asyncio.gather(*map(self._ask, probes))

    async def _principal(self, group: str) -> None:
        """Look up one principal. Graph refuses here by answering with ids alone."""
        query = {"$select": "id,displayName"}
        principals = await self._ask(
            _Probe("principals", GraphService.DIRECTORY, query, body=to_json({"ids": [group]}))
        )
        if principals and principals[0].display_name is None:
            self._found.outcomes["principals"] = DeniedError("Graph gives ids alone, without names", code="limited")

    async def _some_group(self) -> str | None:
        """Return the id of any group; None where there is none or none may be listed (see the outcome of `members`)."""
        request = GraphRequest(
            "v1.0", "/groups", GraphService.DIRECTORY, NEEDS["groups/members"].least, {"$select": "id", **_ONE}
        )
        try:
            groups = await self._page(request)
        except ReadError as error:
            self._found.outcomes["groups/members"] = error
            return None
        return groups[0].id if groups else None

    async def _ask(self, probe: _Probe, need: Requirement | None = None) -> tuple[ListedObject, ...]:
        need = need or NEEDS[probe.kind]
        version, _, path = need.endpoint.replace("{id}", probe.id).partition("/")
        request = GraphRequest(version, f"/{path}", probe.service, need.granted, probe.query, premium=need.premium)
        empty = _EMPTY if "/" in probe.kind and need is not PLAIN else frozenset[str]()
        try:
            objects = await self._page(replace(request, body=probe.body, empty=empty))
        except ReadError as error:
            self._found.outcomes[probe.kind] = error
            return ()
        self._found.outcomes[probe.kind] = None
        return objects

    async def _page(self, request: GraphRequest) -> tuple[ListedObject, ...]:
        call = HttpCall(f"{self._exchange.root}{request.absolute}", request.service, request.body)
        answer = await self._exchange.send(call, Patience(self._patience, tries=3))
        self._note_date(answer)
        if says_empty(answer, request):
            return ()
        if not answer.ok:
            raise error_of(answer, request)
        return decode_page(answer, ListedObject).value

    def _note_date(self, answer: Answer) -> None:
        try:
            answered_at = parsedate_to_datetime(answer.headers.get("date", ""))
        except (TypeError, ValueError):
            return
        if answered_at.tzinfo is not None:
            self._found.dates.append((answered_at, self._now()))
