"""What grant advises, that it advises nothing that does not follow, and that it tells what it did whatever ends it."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from connectorwatch.grants.apply import StepApplier
from connectorwatch.grants.command import GrantRequest, apply_and_report, run_grant
from connectorwatch.grants.steps import Step
from connectorwatch.settings import load_settings
from simulator import Fault, FaultKind
from tests.connectorwatch.grants.granting import scene
from tests.connectorwatch.grants.test_refusals import words
from tests.e2e.commands import run

MAKING = "/roleManagement/directory/roleDefinitions"
HOUR = 3600


@pytest.mark.parametrize(
    ("status", "code", "says", "never"),
    [
        (429, "TooManyRequests", "answered 429", ("P1", "Administrator")),
        (409, "Conflict", "answered 409", ("P1", "Administrator")),
        (400, "Request_BadRequest", "answered 400", ("P1", "Administrator")),
        (400, "AadPremiumLicenseRequired", "Custom roles need Microsoft Entra ID P1", ("Administrator",)),
        (403, "AadPremiumLicenseRequired", "Custom roles need Microsoft Entra ID P1", ("Administrator",)),
        (403, "Forbidden", "If the tenant has no Microsoft Entra ID P1", ("Custom roles need",)),
        (403, "Forbidden", "Privileged Role Administrator", ("Custom roles need",)),
        (403, "Authorization_RequestDenied", "Privileged Role Administrator", ("P1",)),
    ],
)
def test_a_licence_is_blamed_only_where_graph_may_mean_it(
    status: int, code: str, says: str, never: tuple[str, ...]
) -> None:
    """Of a custom role that is not made the code says why; where it does not, both reasons of a 403 are told."""
    fault = Fault(
        path=MAKING, method="POST", kind=FaultKind.STATUS, status=status, code=code, message="No.", retry_after=HOUR
    )
    with scene(faults=[fault]) as own:
        told = words(own.grant().stdout)

    assert says in told
    assert [word for word in never if word in told] == []


def test_what_somebody_else_took_back_meanwhile_is_done() -> None:
    """Where a step fails and a look then shows that all is gone, the steps after it are done and no error of ours."""
    path = "/servicePrincipals/*/appRoleAssignments/*"
    fault = Fault(path=path, method="DELETE", kind=FaultKind.STATUS, status=500, after=6, times=1)
    console = Console(width=120)
    with scene(faults=[fault]) as own:
        own.grant()

        def somebody_else(_question: str) -> bool:
            other = threading.Thread(target=own.grant, args=("--revoke",))
            other.start()
            other.join()
            return True

        settings = load_settings(own.settings(own.simulator.administrator_token))
        with console.capture() as told:
            wish = GrantRequest(own.principal, custom=True, revoke=True, dry_run=False, confirm=somebody_else)
            assert asyncio.run(run_grant(settings, wish, console))

        assert ("DELETE", 500) in {(method, status) for method, _, status in own.writes()}
    assert "All taken back" in told.get()


async def test_what_was_done_is_told_whatever_ends_it() -> None:
    """An error that nobody foresaw hides nothing of what had been changed before."""
    done = Step("unassign role", "take back the directory role", there=False)
    unforeseen = Step(cast("Any", "no such act"), "do what nobody knows", there=False)
    applier = StepApplier(cast("Any", None), cast("Any", None), cast("Any", SimpleNamespace(assignment=None)))
    console = Console(width=120)

    with console.capture() as told, pytest.raises(KeyError):
        await apply_and_report(applier, [done, unforeseen], console)
    assert "done take back the directory role" in told.get()
    assert "Stopped." in told.get()


def test_who_has_no_sign_in_is_told_only_ways_that_grant_takes() -> None:
    """A machine's credentials, which grant refuses, are not advised."""
    ran = run(
        "grant",
        "--principal",
        "11111111-2222-4333-8444-555555555555",
        settings={"CONNECTORWATCH_CREDENTIAL": "cli", "PATH": ""},
    )

    assert ran.code == 1
    assert "(cli, browser, device_code, token)" in ran.stderr
    assert "managed_identity" not in ran.stderr


def test_the_legend_stands_where_something_is_marked() -> None:
    """What the sign = means is told with a line that has it, and only then."""
    with scene() as own:
        nothing_there = words(own.grant("--dry-run").stdout)
        own.grant("--global-reader")
        some_there = words(own.grant("--dry-run").stdout)

    assert "8 changes." in nothing_there
    assert "marked" not in nothing_there
    assert "2 changes; what is marked = is so already." in some_there


def test_an_error_stands_on_a_line_of_its_own() -> None:
    """Where nobody can answer, what is said of it does not stand behind the question."""
    with scene() as own:
        arguments = ("grant", "--principal", own.principal)
        ran = run(*arguments, settings=own.settings(own.simulator.administrator_token), typed="")

    assert ran.stdout.endswith("Do this? [y/N]: \n")
