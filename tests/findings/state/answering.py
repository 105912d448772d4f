"""A tenant in which Eve registered a rogue connector and gained a role, and answers to what is found there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.findings.state.events_over_time import new_state, scanned
from tests.making import application, connector, group, holds, snapshot
from tests.people import grant, registered, user
from tests.policies.registration.directory import ADMIN
from tests.policies.snapshots import on

if TYPE_CHECKING:
    from findings.state.document import State
    from inventory.models import Connector
    from inventory.snapshot import Snapshot

PARIS, QUIET = group("Paris"), group("Quiet")
OLD, NEW = connector("PAR01"), connector("PAR02")
STOPPED = connector("PAR02", status="inactive")
ANN, EVE = user("Ann"), user("Eve")
GHOST, ROGUE = registered(on(0.5), (None, "GHOST"), by=EVE), registered(on(0.6), (NEW.id, None), by=EVE)
CON003, CON005, REG011 = f"CON003/{NEW.id}", f"CON005/event:{GHOST.id}", f"REG011/{EVE.id}"


def tenant(
    *rogue: Connector, eve: bool = True, quiet: tuple[Connector, ...] = (), logged: bool = True, **lists: object
) -> Snapshot:
    """Return the tenant: a group with applications, one without, and what stands in them beside the first connector."""
    held = [grant(ANN, ADMIN), *([grant(EVE, ADMIN, None)] if eve else [])]
    directory: dict[str, Any] = {
        "roles": [ADMIN],
        "principals": [ANN, EVE],
        "assignments": [],
        "eligibilities": held,
    } | lists
    contents = {PARIS: holds(OLD, *rogue, apps=[application()]), QUIET: holds(*quiet)}
    return snapshot(contents, audit=[ROGUE, GHOST] if logged else [], **directory)


def opened() -> State:
    """Return the state after a scan without Eve, one that shows her connector, and one that shows her role."""
    state = scanned(new_state(), tenant(eve=False, logged=False), 0)
    return scanned(scanned(state, tenant(NEW, eve=False), 1), tenant(NEW), 2)


def answer(key: str, verdict: str, day: float, **more: str) -> dict[str, str]:
    """Return an answer as it stands in a policy file."""
    usual = {"key": key, "verdict": verdict, "reason": f"it is {verdict}", "by": "ada@contoso.example"}
    return usual | {"at": on(day).isoformat()} | more


def policy(*answers: dict[str, str]) -> dict[str, Any]:
    """Return a policy with these answers."""
    return {"answers": list(answers)}
