"""Ask Graph for the first page of each kind of list, as little as it gives, and note what becomes of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pydantic_core import to_json

from common.errors import DeniedError, ReadError
from inventory.answer import error_of, says_empty
from inventory.audit_activities import SERVICE
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

NOBODY = "00000000-0000-0000-0000-000000000000"
"""Stands for a group where there is none to ask about; PIM answers for any id, with an empty list or a 404."""
_ONE = {"$top": "1"}
_EMPTY = UNMANAGED | {ANY_404}
_OF = ("members", "applications")


class ListedObject(Record):
    """Whatever stands in a list: its id, and its name where that may be seen."""

    id: Id
    display_name: str | None = None


@dataclass
class ProbeResults:
    """What became of the probes.

    Attributes:
        outcomes: By kind of list: None where it was read, the error where it was not. A kind that is not there could
            not be asked for, because another was not read or because the tenant has no such thing.
        dates: When Graph says that it answered, and when the answer came by the clock here.
    """

    outcomes: dict[str, ReadError | None] = field(default_factory=dict)
    dates: list[tuple[datetime, datetime]] = field(default_factory=list)


@dataclass(frozen=True)
class _Wish:
    kind: str
    service: GraphService
    query: dict[str, str] = field(default_factory=dict)
    id: str = ""
    body: bytes | None = None


class Prober:
    """Probes through the same exchange as a scan: as polite, as patient as it is told, and only ever to Graph's host.

    Args:
        exchange: How requests are sent.
        patience: Seconds to wait for Graph's sake, for one list.
        now: The clock here.
    """

    def __init__(self, exchange: Sender, patience: float, now: Callable[[], datetime]) -> None:
        self._exchange, self._patience, self._now = exchange, patience, now
        self._found = ProbeResults()

    async def probe(self) -> ProbeResults:
        """Ask for everything; some fifteen requests."""
        await asyncio.gather(self._plain(), self._connectors(), self._roles(), self._groups())
        return self._found

    async def _plain(self) -> None:
        audit = {"$filter": f"loggedByService eq '{SERVICE}'", **_ONE}
        await asyncio.gather(
            self._ask(_Wish("organization", GraphService.DIRECTORY, {"$select": "id,displayName"})),
            self._ask(_Wish("private_access", GraphService.DIRECTORY, {"$select": "id", **_ONE})),
            self._ask(_Wish("audit", GraphService.AUDIT, audit)),
        )

    async def _connectors(self) -> None:
        _, groups = await asyncio.gather(
            self._ask(_Wish("connectors", GraphService.APP_PROXY, _ONE)),
            self._ask(_Wish("connector_groups", GraphService.APP_PROXY, _ONE)),
        )
        if groups:
            await asyncio.gather(
                *(
                    self._ask(_Wish(f"connector_groups/{what}", GraphService.APP_PROXY, _ONE, groups[0].id))
                    for what in _OF
                )
            )

    async def _roles(self) -> None:
        of_role = {"$filter": f"roleDefinitionId eq '{APPLICATION_ADMINISTRATOR}'"}
        await asyncio.gather(
            self._ask(_Wish("role_definitions", GraphService.ROLES)),
            self._assignments(of_role),
            self._ask(_Wish("role_eligibilities", GraphService.ROLES, of_role)),
        )

    async def _assignments(self, of_role: dict[str, str]) -> None:
        """Ask for PIM's list, and where that is not read for the plain one, as a scan does."""
        await self._ask(_Wish("role_assignments", GraphService.ROLES, of_role))
        if self._found.outcomes["role_assignments"] is not None:
            await self._ask(_Wish(PLAIN.kind, GraphService.ROLES, of_role), PLAIN)

    async def _groups(self) -> None:
        group = await self._some_group()
        of_group = {"$filter": f"groupId eq '{group or NOBODY}'"}
        await asyncio.gather(
            self._ask(_Wish("groups/assignments", GraphService.ROLES, of_group)),
            self._ask(_Wish("groups/eligibilities", GraphService.ROLES, of_group)),
            *([self._members(group), self._principal(group)] if group else []),
        )

    async def _members(self, group: str) -> None:
        wishes = (
            _Wish(f"groups/{what}", GraphService.DIRECTORY, {"$select": "id", **_ONE}, group)
            for what in ("members", "owners")
        )
        await asyncio.gather(*map(self._ask, wishes))

    async def _principal(self, group: str) -> None:
        """Look up one principal. Graph refuses here by answering with ids alone."""
        query = {"$select": "id,displayName"}
        found = await self._ask(_Wish("principals", GraphService.DIRECTORY, query, body=to_json({"ids": [group]})))
        if found and found[0].display_name is None:
            self._found.outcomes["principals"] = DeniedError("Graph gives ids alone, without names", code="limited")

    async def _some_group(self) -> str | None:
        """Return the id of any group, or None where there is none or none may be listed; members' probe tells why."""
        ask = GraphRequest(
            "v1.0", "/groups", GraphService.DIRECTORY, NEEDS["groups/members"].least, {"$select": "id", **_ONE}
        )
        try:
            found = await self._page(ask)
        except ReadError as error:
            self._found.outcomes["groups/members"] = error
            return None
        return found[0].id if found else None

    async def _ask(self, wish: _Wish, need: Requirement | None = None) -> tuple[ListedObject, ...]:
        need = need or NEEDS[wish.kind]
        version, _, path = need.endpoint.replace("{id}", wish.id).partition("/")
        ask = GraphRequest(version, f"/{path}", wish.service, need.granted, wish.query, premium=need.premium)
        empty = _EMPTY if "/" in wish.kind and need is not PLAIN else frozenset[str]()
        try:
            found = await self._page(replace(ask, body=wish.body, empty=empty))
        except ReadError as error:
            self._found.outcomes[wish.kind] = error
            return ()
        self._found.outcomes[wish.kind] = None
        return found

    async def _page(self, ask: GraphRequest) -> tuple[ListedObject, ...]:
        request = HttpCall(f"{self._exchange.root}{ask.absolute}", ask.service, ask.body)
        answer = await self._exchange.send(request, Patience(self._patience, tries=3))
        self._note_date(answer)
        if says_empty(answer, ask):
            return ()
        if not answer.ok:
            raise error_of(answer, ask)
        return decode_page(answer, ListedObject).value

    def _note_date(self, answer: Answer) -> None:
        try:
            said = parsedate_to_datetime(answer.headers.get("date", ""))
        except (TypeError, ValueError):
            return
        if said.tzinfo is not None:
            self._found.dates.append((said, self._now()))
