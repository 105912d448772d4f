"""The tenant itself, the principals that roles name, and the service principals marked as Private Access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import to_json

from common.errors import ReadError
from inventory.models import PRIVATE_ACCESS_TAGS, Organization, Principal, PrincipalId, TaggedPrincipal
from inventory.permissions import least
from inventory.records import Records, UnreadableRecord
from inventory.request import GraphRequest, GraphService
from inventory.snapshot import Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inventory.graph import GraphClient

IDS_A_REQUEST = 1000
"""The most ids that getByIds takes (Graph directoryObject-getByIds, v1.0)."""

PRINCIPAL_FIELDS = (
    "id,displayName,userPrincipalName,userType,accountEnabled,onPremisesSyncEnabled,identities,"
    "isAssignableToRole,groupTypes,servicePrincipalType"
)
"""userType, accountEnabled, onPremisesSyncEnabled and identities come only when they are asked for (v1.0 user)."""
_OWN_FIELDS: Mapping[str, tuple[str, ...]] = {
    "user": ("user_principal_name", "user_type", "account_enabled", "on_premises_sync_enabled", "identities"),
    "group": ("is_assignable_to_role", "on_premises_sync_enabled", "group_types"),
}
"""By kind of principal, the selected fields that it has (v1.0 `user` and `group`)."""


async def read_organization(graph: GraphClient) -> Section[Organization]:
    """Read the tenant's name and verified domains."""
    ask = GraphRequest(
        "v1.0",
        "/organization",
        GraphService.DIRECTORY,
        least("organization"),
        query={"$select": "id,displayName,verifiedDomains"},
    )
    try:
        return Section[Organization].read("organization", await graph.read_list(ask, Organization))
    except ReadError as error:
        return Section[Organization].unread("organization", error)


async def read_private_access(graph: GraphClient) -> Section[TaggedPrincipal]:
    """Read the service principals that carry a Private Access tag; some carry it where their application does not."""
    any_tag = " or ".join(f"tags/any(t:t eq '{tag}')" for tag in PRIVATE_ACCESS_TAGS)
    ask = GraphRequest(
        "v1.0",
        "/servicePrincipals",
        GraphService.DIRECTORY,
        least("private_access"),
        query={"$filter": any_tag, "$select": "id,appId,displayName,tags", "$top": "999"},
    )
    try:
        return Section[TaggedPrincipal].read("private_access", await graph.read_list(ask, TaggedPrincipal))
    except ReadError as error:
        return Section[TaggedPrincipal].unread("private_access", error)


async def read_principals(graph: GraphClient, ids: Iterable[PrincipalId]) -> Section[Principal]:
    """Read the principals with these ids. One that was deleted is simply not among the answers."""
    wanted = sorted(set(ids))
    principals: list[Principal] = []
    odd: list[UnreadableRecord] = []
    for start in range(0, len(wanted), IDS_A_REQUEST):
        ask = GraphRequest(
            "v1.0",
            "/directoryObjects/getByIds",
            GraphService.DIRECTORY,
            least("principals"),
            query={"$select": PRINCIPAL_FIELDS},
            body=to_json({"ids": wanted[start : start + IDS_A_REQUEST]}),
        )
        try:
            page = await graph.read_list(ask, Principal)
            principals += map(_with_gaps, page)
            odd += page.unreadable
        except ReadError as error:
            return Section[Principal].unread("principals", error, tuple(principals))
    return Section[Principal].read("principals", Records(principals, odd))


def _with_gaps(principal: Principal) -> Principal:
    """Return a principal with the fields that were selected and that Graph left out, as opposed to null."""
    gaps = tuple(name for name in _OWN_FIELDS.get(principal.kind, ()) if name not in principal.model_fields_set)
    return principal.model_copy(update={"not_returned": gaps}) if gaps or principal.not_returned else principal
