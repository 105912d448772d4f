"""Apply the steps. A failure does not stop independent steps, and the result of each step is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydantic_core import to_json

from common.errors import FailedError, GrantError, ReadError
from connectorwatch.grants.current import ROLE_DEFINITION, ROLES, read_grants
from connectorwatch.grants.steps import steps_to_give, steps_to_take
from inventory.answer import NO_LICENCE
from inventory.decode import decode_record
from inventory.models import Id, Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from connectorwatch.grants.current import CurrentGrants
    from connectorwatch.grants.graph_writes import Writer
    from connectorwatch.grants.steps import Step
    from inventory.graph import GraphClient

NO_P1 = "Custom roles need Microsoft Entra ID P1: without it, repeat with --global-reader."
PERHAPS_NO_P1 = (
    "If the tenant has no Microsoft Entra ID P1, it cannot have custom roles: then repeat with --global-reader."
)
"""What Graph answers there, Microsoft documents nowhere (Graph "Create roleDefinitions", 2026)."""
NO_RIGHT = (
    "This takes a Privileged Role Administrator, and a token with the permissions that docs/permissions.md names."
)
SIGN_IN = "Sign in again."
REFUSED, UNAUTHORIZED, FORBIDDEN, FAULT = 400, 401, 403, 500
_LACKS_RIGHT = "Authorization_RequestDenied"


class _Made(Record):
    id: Id


@dataclass(frozen=True)
class Done:
    """What became of a step; `error` says why it was not done, and `advice` what to do, where that is known."""

    step: Step
    error: str | None = None
    advice: tuple[str, ...] = ()


@dataclass
class StepApplier:
    """Applies steps for one identity.

    Attributes:
        graph: Reads from Graph.
        writer: Writes to Graph.
        current: The grants that are there; updated as steps are applied.
        done: What became of the steps so far.
    """

    graph: GraphClient
    writer: Writer
    current: CurrentGrants
    done: list[Done] = field(default_factory=list)
    _fresh_role: bool = False

    async def do(self, steps: Sequence[Step]) -> None:
        """Apply the steps that are not in place already."""
        for step in steps:
            self.done.append(Done(step) if step.there else await self._apply(step))

    async def _apply(self, step: Step) -> Done:
        acts: dict[str, Callable[[Step], Awaitable[None]]] = {
            "make role": self._make_role,
            "assign role": self._assign_role,
            "grant": self._grant,
            "take back": self._take_back,
            "unassign role": self._unassign_role,
            "delete role": self._delete_role,
        }
        try:
            await acts[step.act](step)
        except (GrantError, FailedError) as error:
            # It may be there all the same: another administrator made it meanwhile, or the answer was lost.
            if await self._is_so(step):
                return Done(step)
            return Done(step, str(error), _advice(step, error))
        return Done(step)

    async def _is_so(self, step: Step) -> bool:
        try:
            grants = await read_grants(self.graph, self.current.principal.id, custom=self.current.is_custom)
        except (GrantError, ReadError):
            return False
        self.current = grants
        now = [*steps_to_give(grants), *steps_to_take(grants, delete_role=True)]
        return any(other.there for other in now if (other.act, other.what) == (step.act, step.what))

    async def _make_role(self, _step: Step) -> None:
        answer = await self.writer.post(f"{ROLES}/roleDefinitions", to_json(ROLE_DEFINITION))
        self.current = replace(self.current, role=decode_record(answer, _Made).id)
        self._fresh_role = True

    async def _assign_role(self, _step: Step) -> None:
        if self.current.role is None:
            raise GrantError("The custom role was not made, so it cannot be assigned")
        assignment = {
            "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
            "principalId": self.current.principal.id,
            "roleDefinitionId": self.current.role,
            "directoryScopeId": "/",
        }
        await self.writer.post(f"{ROLES}/roleAssignments", to_json(assignment), until_found=self._fresh_role)

    async def _grant(self, step: Step) -> None:
        principal_id = self.current.principal.id
        assignment = {
            "principalId": principal_id,
            "resourceId": self.current.graph.id,
            "appRoleId": self.current.role_ids[step.what],
        }
        await self.writer.post(f"/servicePrincipals/{principal_id}/appRoleAssignments", to_json(assignment))

    async def _take_back(self, step: Step) -> None:
        assignment = self.current.granted.get(step.what)
        if assignment is None:  # revoked by another administrator meanwhile, as read after another step failed
            return
        await self.writer.delete(f"/servicePrincipals/{self.current.principal.id}/appRoleAssignments/{assignment}")

    async def _unassign_role(self, _step: Step) -> None:
        if self.current.assignment is None:  # as above
            return
        await self.writer.delete(f"{ROLES}/roleAssignments/{self.current.assignment}")

    async def _delete_role(self, _step: Step) -> None:
        if self.current.role is None:  # as above
            return
        await self.writer.delete(f"{ROLES}/roleDefinitions/{self.current.role}")


def _advice(step: Step, error: GrantError | FailedError) -> tuple[str, ...]:
    """Return what to do about a refusal; a fault means what it says, and nothing follows from it."""
    if isinstance(error, FailedError) or not REFUSED <= error.status < FAULT:
        return ()
    if error.status == UNAUTHORIZED:
        return (SIGN_IN,)
    if step.act == "make role" and error.code in NO_LICENCE:
        return (NO_P1,)
    if error.status != FORBIDDEN:
        return ()
    return (NO_RIGHT, PERHAPS_NO_P1) if step.act == "make role" and error.code != _LACKS_RIGHT else (NO_RIGHT,)
