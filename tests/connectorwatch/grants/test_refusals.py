"""What grant says and does when Graph refuses, does half, or loses its answer."""

from __future__ import annotations

import pytest

from common.clock import Clock
from common.errors import FailedError, GrantError
from connectorwatch.grants.graph_writes import Writer
from inventory.answer import Answer
from inventory.transport_port import Outgoing
from simulator import Fault, FaultKind
from simulator.tenant import Role
from tests.connectorwatch.grants.granting import scene, waiting
from tests.e2e.commands import run

ROLE = "/roleManagement/directory"
ROOT = "http://127.0.0.1:1"


def words(text: str) -> str:
    """Return text without its line breaks."""
    return " ".join(text.split())


def test_without_the_right_to_grant() -> None:
    """Every step is told as not done with the reason, and the exit code is 1."""
    with scene(waiting(administrator_may_grant=False)) as own:
        ran = own.grant()

    assert ran.code == 1
    assert ran.stdout.count("NOT done") == 8
    assert "Privileged Role Administrator" in words(ran.stdout)
    assert "0 done, 8 not" in ran.stdout


def test_without_p1_the_other_choice_is_named() -> None:
    """A custom role is refused without P1: the permissions are given all the same, and Global Reader is offered."""
    tenant = waiting()
    organization = tenant.tenant.model_copy(update={"licenses": frozenset()})
    with scene(tenant.model_copy(update={"tenant": organization})) as own:
        ran = own.grant()
        reader = own.grant("--global-reader")

    assert (ran.code, reader.code) == (1, 0)
    assert "repeat with --global-reader" in words(ran.stdout)
    assert "6 done, 2 not" in ran.stdout


@pytest.mark.parametrize(
    ("fault", "says", "never"),
    [
        (Fault(path="/**", method="POST", kind=FaultKind.STATUS, status=500), "answered 500", ("P1", "Administrator")),
        (Fault(path="/**", method="POST", kind=FaultKind.RESET), "no whole answer", ("P1", "Administrator")),
        (Fault(path="/**", method="POST", kind=FaultKind.UNAUTHORIZED), "Sign in again.", ("P1", "Administrator")),
        (Fault(path="/**", method="POST", kind=FaultKind.DENIED), "Privileged Role Administrator", ("P1",)),
    ],
)
def test_the_advice_fits_the_refusal(fault: Fault, says: str, never: tuple[str, ...]) -> None:
    """A fault is not taken for a missing right, nor a missing right for a missing licence; no advice is told twice."""
    with scene(faults=[fault]) as own:
        told = words(own.grant().stdout)

    assert says in told
    assert [word for word in never if word in told] == []
    assert told.count("Privileged Role Administrator") <= 1


def test_one_step_that_fails_stops_no_other() -> None:
    """What was done and what was not are told apart, and a second run does the rest."""
    broken = Fault(path=f"{ROLE}/roleAssignments", method="POST", kind=FaultKind.STATUS, status=500, times=1)
    with scene(faults=[broken]) as own:
        first, second = own.grant(), own.grant()

    assert (first.code, second.code) == (1, 0)
    assert "7 done, 1 not" in first.stdout
    assert "NOT done assign the directory role" in words(first.stdout)
    assert "1 change;" in second.stdout


def test_a_lost_answer_is_looked_up() -> None:
    """Where the answer to a write is lost, nothing is sent twice: what is there is read again."""
    lost = Fault(path=f"{ROLE}/roleDefinitions", method="POST", kind=FaultKind.CUT, times=1)
    with scene(faults=[lost]) as own:
        ran = own.grant()
        made = [one for one in own.writes() if one[1] == f"{ROLE}/roleDefinitions"]

    assert len(made) == 1
    assert ran.code == 0


def test_a_role_of_that_name_that_somebody_changed() -> None:
    """A custom role of the same name with other rights is not assigned: nothing is done."""
    name = "Connectorwatch connector reader"
    changed = Role(name=name, actions=("microsoft.directory/connectors/create",))
    tenant = waiting()
    with scene(tenant.model_copy(update={"roles": {**tenant.roles, "changed": changed}})) as own:
        ran = own.grant()

        assert own.writes() == []
    assert ran.code == 1
    assert "somebody changed it" in words(ran.stderr)


def test_an_identity_that_is_not_there() -> None:
    """An id of nobody is told as such."""
    with scene() as own:
        ran = own._replace(principal="11111111-2222-4333-8444-555555555555").grant()

    assert ran.code == 1
    assert "There is no identity 11111111" in ran.stderr


def test_a_client_id_is_as_good() -> None:
    """The client id of the identity finds it, too."""
    with scene() as own:
        app_id = own.simulator.tenant.derived("app_id", "watcher")
        ran = own._replace(principal=app_id).grant("--dry-run")

    assert f"object id {own.principal}" in ran.stdout


def test_who_may_not_even_read() -> None:
    """Where what is there cannot be read nothing is changed, and it is said who may."""
    with scene(faults=[Fault(path="/servicePrincipals", kind=FaultKind.DENIED)]) as own:
        ran = own.grant()

        assert own.writes() == []
    assert ran.code == 1
    assert "Graph refuses because the person who signed in does not hold" in ran.stderr
    assert "This takes a Privileged Role Administrator" in ran.stderr


def test_an_unreadable_single_identity() -> None:
    """A fault while the identity is read by its id is told and nothing is changed."""
    tenant = waiting()
    path = f"/servicePrincipals/{tenant.guid('service_principal', 'watcher')}"
    with scene(tenant, faults=[Fault(path=path, kind=FaultKind.DENIED)]) as own:
        ran = own.grant()

    assert ran.code == 1
    assert "Nothing was changed" in ran.stderr


@pytest.mark.parametrize("principal", ["ada@contoso.com", "x' or 1 eq 1", ""])
def test_what_is_no_id_is_wrong_usage(principal: str) -> None:
    """Anything that is no id never reaches Graph."""
    assert run("grant", "--principal", principal, settings={}).code == 2


@pytest.mark.parametrize("roles", [("--custom-role", "--global-reader"), ("--global-reader", "--custom-role")])
def test_two_roles_are_wrong_usage(roles: tuple[str, str]) -> None:
    """Whoever names both roles has not said which, and is given neither."""
    with scene() as own:
        ran = own.grant(*roles)

        assert own.writes() == []
    assert (ran.code, "not both" in ran.stderr) == (2, True)


def test_a_machine_does_not_grant() -> None:
    """A credential of a machine is refused in words."""
    ran = run(
        "grant",
        "--principal",
        "11111111-2222-4333-8444-555555555555",
        settings={"CONNECTORWATCH_CREDENTIAL": "managed_identity"},
    )

    assert ran.code == 1
    assert "their own sign-in" in ran.stderr


def test_hostile_names_are_shown_as_text() -> None:
    """A name that would steer a terminal or add a line is shown with escapes, and cut."""
    with scene(waiting(display_name="Good\x1b[2J\n[red]x\u202e" + "long" * 50)) as own:
        ran = own.grant("--dry-run")

    assert "\x1b[2J" not in ran.stdout
    assert "Good\\x1b[2J\\n[red]x\\u202e" in ran.stdout


class Wire:
    """A network that gives these answers, one after the other."""

    def __init__(self, *answers: Answer | FailedError) -> None:
        self.answers, self.sent = list(answers), list[Outgoing]()

    async def send(self, outgoing: Outgoing) -> Answer:
        """Give the next answer."""
        self.sent.append(outgoing)
        answer = self.answers.pop(0)
        if isinstance(answer, FailedError):
            raise answer
        return answer


def writer(*answers: Answer | FailedError) -> tuple[Writer, Wire, list[float]]:
    """Return a writer, its network, and how long it slept."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    wire = Wire(*answers)
    return Writer(wire, ROOT, Clock(sleep=sleep)), wire, slept


async def test_a_write_that_was_throttled_is_sent_again() -> None:
    """A 429 says that nothing was done: after the wait that it asks for the write is sent again."""
    own, wire, slept = writer(Answer(429, {"retry-after": "7"}), Answer(201))

    assert (await own.post("/x", b"{}")).status == 201
    assert (len(wire.sent), slept) == (2, [7.0])
    assert wire.sent[0].headers["client-request-id"] != wire.sent[1].headers["client-request-id"]


@pytest.mark.parametrize("status", [500, 502, 504, 400, 403, 409])
async def test_any_other_answer_is_the_last_word(status: int) -> None:
    """Nothing else is sent twice."""
    own, wire, _ = writer(Answer(status, {}, b'{"error":{"code":"Nope","message":"No."}}'))

    with pytest.raises(GrantError, match=f"Graph answered {status} Nope: No."):
        await own.post("/x", b"{}")
    assert len(wire.sent) == 1


async def test_what_was_made_just_now_may_not_be_found_yet() -> None:
    """A 404 right after something was made is waited for, some times."""
    own, wire, slept = writer(*[Answer(404)] * 4)

    with pytest.raises(GrantError, match="404"):
        await own.post("/x", b"{}", until_found=True)
    assert (len(wire.sent), slept) == (4, [5.0, 5.0, 5.0])


async def test_a_wait_that_is_too_long_is_not_waited() -> None:
    """A Retry-After of an hour is a refusal."""
    own, wire, slept = writer(Answer(429, {"retry-after": "3600"}))

    with pytest.raises(GrantError):
        await own.post("/x", b"{}")
    assert (len(wire.sent), slept) == (1, [])


async def test_what_is_gone_is_removed() -> None:
    """Removing what is not there is no failure; being refused is one."""
    own, wire, _ = writer(Answer(404), Answer(204), Answer(403))
    await own.delete("/x")
    await own.delete("/x")

    with pytest.raises(GrantError):
        await own.delete("/x")
    assert {one.method for one in wire.sent} == {"DELETE"}


def test_a_cloud_that_lacks_a_permission() -> None:
    """Where Graph does not offer a permission, or does not list itself, nothing is changed."""
    for lack in ("permission", "graph"):
        with scene() as own:
            principals = own.simulator.world.directory.service_principals
            graph = next(row for row in principals.values() if row.fields["displayName"] == "Microsoft Graph")
            graph.fields["appRoles" if lack == "permission" else "appId"] = []
            ran = own.grant()

            assert own.writes() == []
        assert ran.code == 1
        assert ("no application permission" if lack == "permission" else "does not list") in words(ran.stderr)


def test_a_failure_that_cannot_be_looked_up() -> None:
    """Where neither the write nor the look afterwards works, the step counts as not done."""
    broken = [
        Fault(path=f"{ROLE}/roleAssignments", method="POST", kind=FaultKind.DENIED),
        Fault(path="/servicePrincipals", kind=FaultKind.DENIED, after=2),
    ]
    with scene(faults=broken) as own:
        ran = own.grant()

    assert ran.code == 1
    assert "7 done, 1 not" in ran.stdout
