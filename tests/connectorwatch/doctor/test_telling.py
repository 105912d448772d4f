"""What the doctor says of tokens, clocks, refusals and faults, and that it says nothing it should not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from common.errors import DeniedError, FailedError, NotLicensedError, ReadError, ThrottledError
from connectorwatch.doctor.costs import costs_table
from connectorwatch.doctor.diagnose import clock_check, graph_checks
from connectorwatch.doctor.document import Check, DoctorDocument, Identity
from connectorwatch.doctor.remedies import Signer, for_sign_in, refused_sign_in
from connectorwatch.doctor.show import families, show
from connectorwatch.knowledge.loading import topic
from connectorwatch.settings import Settings
from inventory.answer import NO_DIRECTORY_ROLE
from inventory.permissions import CONNECTOR_ROLE, GRANTED, NEEDS
from policies.policy_file.model import Policy, RulePolicy

if TYPE_CHECKING:
    from connectorwatch.settings import CredentialKind

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
OPAQUE = Identity(kind="opaque")
NAMES = tuple(permission.name for permission in GRANTED)


def signer(identity: Identity, credential: CredentialKind = "token") -> Signer:
    """Return whoever signs in so."""
    return Signer.of(identity, Settings(credential=credential))


def judged(outcomes: dict[str, ReadError | None], by: Signer | None = None) -> list[Check]:
    """Return what is missing."""
    checks = graph_checks(tuple(outcomes.items()), by or signer(OPAQUE), costs_table())
    return [check for check in checks if check.state == "missing"]


def denied(*kinds: str, code: str = "Authorization_RequestDenied") -> dict[str, ReadError | None]:
    """Return outcomes in which these kinds were refused and all others read."""
    return {kind: DeniedError("Graph refuses", code=code) if kind in kinds else None for kind in NEEDS}


@pytest.mark.parametrize(
    ("minutes", "state", "says"),
    [(0, "ok", "within 1 s"), (4.9, "ok", "s of"), (7, "note", "ahead of"), (-7, "note", "behind")],
)
def test_clock(minutes: float, state: str, says: str) -> None:
    """More than five minutes off is worth a note; the nearest answer counts, since the others took their time."""
    skew = timedelta(minutes=minutes)
    (check,) = clock_check([(NOW, NOW + skew), (NOW, NOW + skew * 3)])

    assert (check.state, says in check.message) == (state, True)


def test_no_date_no_clock() -> None:
    """Where no answer says when it was given there is nothing to compare."""
    assert clock_check([]) == []


def test_connectors_refused_to_an_opaque_token() -> None:
    """If all else is read the role is missing; if other lists of the same permission are refused too, that is."""
    connectors = [kind for kind, need in NEEDS.items() if need.connectors]
    refused = denied(*connectors, code=NO_DIRECTORY_ROLE)

    assert [check.missing for check in judged(refused)] == [CONNECTOR_ROLE]
    more = {**refused, "organization": DeniedError("Graph refuses", code="Authorization_RequestDenied")}
    assert [check.missing for check in judged(more)] == ["Directory.Read.All"]


@pytest.mark.parametrize(
    ("credential", "says"),
    [("cli", "Azure CLI's own tokens"), ("device_code", "adminconsent?client_id=app")],
)
def test_people_are_told_their_own_way(credential: CredentialKind, says: str) -> None:
    """Azure CLI's tokens are fixed; another application's permissions an administrator consents to."""
    person = Identity(kind="delegated", tenant="t", application="app", permissions=("Directory.Read.All",))
    (check,) = judged(denied("role_eligibilities"), signer(person, credential))
    (role,) = judged(denied("connectors", code=NO_DIRECTORY_ROLE), signer(person, credential))

    assert says in " ".join(check.mend)
    assert "Global Reader" in role.mend[0]


@pytest.mark.parametrize(("credential", "says"), [("token", "CONNECTORWATCH_GRAPH_TOKEN"), ("cli", "Sign in again")])
def test_a_token_that_graph_does_not_accept(credential: CredentialKind, says: str) -> None:
    """A 401 is one thing that is missing and costs everything, not fifteen."""
    error = DeniedError("Graph did not accept the token (expired)", code="InvalidAuthenticationToken")
    (check,) = judged(dict.fromkeys(NEEDS, error), signer(OPAQUE, credential))

    assert check.costs == costs_table().everything
    assert says in check.mend[0]


@pytest.mark.parametrize(
    "error", [ThrottledError("busy", code="throttled"), FailedError("no answer", code="", advice="Check the network.")]
)
def test_a_list_that_fails_costs_what_rests_on_it(error: ReadError) -> None:
    """Whatever else goes wrong is told by list, with the rules and the advice."""
    (check,) = judged({**denied(), "audit": error})

    assert (check.lists, check.costs, check.missing) == (("audit",), ("CON005",), None)
    assert check.mend == ((error.advice,) if error.advice else ())


def test_a_licence_that_is_not_there_costs_nothing() -> None:
    """Without Entra ID P2 nobody can be eligible: a note."""
    outcomes: dict[str, ReadError | None] = {**denied(), "role_eligibilities": NotLicensedError("no P2")}
    checks = graph_checks(tuple(outcomes.items()), signer(OPAQUE), costs_table())

    assert [(check.name, check.state) for check in checks] == [("read", "ok"), ("licence", "note")]


def test_rules_that_a_policy_switches_off_cost_nothing() -> None:
    """What does not speak cannot be lost."""
    policy = Policy(rules={"CON005": RulePolicy(enabled=False)})

    assert costs_table().under(policy).permissions["AuditLog.Read.All"] == ()
    assert "GRP005" not in costs_table().under(Policy()).role


def test_rules_are_told_as_ranges() -> None:
    """Three and more in a row are a range, in order; what has a gap is named one by one."""
    assert families(("VER001", "CON001", "CON002", "REG001", "REG003", "REG004", "REG005", "REG010")) == [
        "CON001",
        "CON002",
        "REG001",
        "REG003 to REG005",
        "REG010",
        "VER001",
    ]
    assert families(()) == []


SECRET = "eyJhbGciOiJub25lIn0.eyJzZWNyZXQiOiJ4In0.c2lnbmF0dXJl"


def document(*checks: Check) -> DoctorDocument:
    """Return a document with these checks."""
    return DoctorDocument(tenant="t\x1b[2J", graph="https://graph", identity=None, requests=0, checks=checks)


def test_nothing_hostile_and_no_secret_is_printed() -> None:
    """Escapes are shown as escapes, markup as text, tokens not at all; no line is wider than 80."""
    bad = Check(
        area="graph",
        name="x\x1b[31m",
        state="missing",
        message=f"[red]\u202e {SECRET}",
        code="c\n",
        costs=("CON005",),
        mend=("do\x07",),
    )
    console = Console(width=80, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        show(document(bad), console)
    shown = captured.get()

    assert not set("\x1b\x07\u202e") & set(shown)
    assert SECRET not in shown
    assert "[red]\\u202e [hidden]" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "1 thing is missing; without it 1 rule cannot judge everything." in shown


def printed(*checks: Check) -> str:
    """Return what is printed of these checks on a terminal of 80 columns."""
    console = Console(width=80)
    with console.capture() as kept:
        show(document(*checks), console)
    return kept.get()


def test_consent_is_asked_for_when_all_is_added() -> None:
    """Each permission stands before the one address at which an administrator consents, which is on one line."""
    person = Identity(kind="delegated", tenant="t" * 36, application="a" * 36, permissions=("Directory.Read.All",))
    lines = printed(*judged(denied("role_eligibilities", "audit"), signer(person, "device_code"))).splitlines()
    steps = lines[lines.index("What to do") + 1 :]

    assert [step.partition(" ")[0] for step in steps if step.startswith(("Add", "Let"))] == ["Add", "Add", "Let"]
    assert steps[-1].endswith(f"/adminconsent?client_id={'a' * 36}")


def test_signing_in_again_comes_after_the_grant() -> None:
    """Whatever is missing, the grant is told once, and what follows it follows."""
    app = Identity(kind="app-only", object_id="oid", permissions=("Directory.Read.All",))
    refused = {**denied("connectors", code=NO_DIRECTORY_ROLE), "audit": denied("audit")["audit"]}
    lines = printed(*judged(refused, signer(app, "certificate"))).splitlines()
    steps = lines[lines.index("What to do") + 1 :]

    assert steps[0] == "connectorwatch grant --principal oid"
    assert steps[1].startswith("An administrator runs this with their own sign-in")
    assert steps[2].startswith("(CONNECTORWATCH_CREDENTIAL=cli)")
    assert steps[3].startswith("Then sign in again")
    assert "connectorwatch grant" not in " ".join(steps[1:])


def test_mistakes_of_files_stand_on_lines_of_their_own() -> None:
    """A policy's mistakes are told line by line; what Graph says stays one line, whatever it holds."""
    own = Check(area="installation", name="policy", state="missing", message="2 problems:\n  line 1\n  line 2")
    foreign = Check(area="graph", name="audit log", state="missing", message="no\n  ok  all is well")

    assert "\\n" not in printed(own)
    assert "no\\n  ok  all is well" in printed(foreign)


def test_the_request_is_named_for_support() -> None:
    """Who is told to give the request id to Microsoft is told the id."""
    fault = FailedError("Graph answered 500", code="http_500", request_id="the-id")

    assert "the-id" in judged({**denied(), "audit": fault})[0].message


def test_an_end_without_verdicts() -> None:
    """Where something is missing that costs no verdict, none is told."""
    assert "1 thing is missing." in printed(Check(area="credential", name="expiry", state="missing", message="over"))


def test_what_stops_every_scan_is_told_as_that(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a policy, a store or a sign-in there is more to lose than some verdicts."""
    stopping = Check(area="storage", name="storage", state="missing", message="no", stops=True, costs=("GRP001",))
    lacking = stopping.model_copy(update={"stops": False})
    for check in (stopping, lacking):
        show(DoctorDocument(tenant=None, graph="g", identity=None, requests=0, checks=(check,)), Console(width=120))

    told = capsys.readouterr().out
    assert "Nothing can be scanned until this is mended: storage.\n" in told
    assert "\n1 thing is missing; without it 1 rule cannot judge everything." in told


@pytest.mark.parametrize(
    ("code", "entry", "says"),
    [
        ("AADSTS530035", "aadsts-security-defaults", "CONNECTORWATCH_CREDENTIAL=browser"),
        ("AADSTS53003", "aadsts-policy", "Conditional Access"),
        ("AADSTS50199", "aadsts-confirmation", "confirm the question"),
    ],
)
def test_a_refused_sign_in_is_explained_as_diagnose_does(code: str, entry: str, says: str) -> None:
    """Doctor and diagnose take what a sign-in code means and what to do from the same entry."""
    refusal = f"There is no token for Graph: Authentication failed: {code}: Access was refused. Trace ID: 1"
    (known,) = (one for one in topic("sign_in_errors").entries if one.id == entry)

    assert refused_sign_in(refusal) == known
    assert for_sign_in(signer(OPAQUE, "device_code"), refusal) == known.steps
    assert says in " ".join(known.steps)


@pytest.mark.parametrize("refusal", ["AADSTS99999: something", "AADSTS5300351: no such code"])
def test_an_unknown_code_is_to_be_looked_up(refusal: str) -> None:
    """A code that is not known is not taken for one that is."""
    assert for_sign_in(signer(OPAQUE, "device_code"), refusal)[0].startswith("Look the code up")


def test_a_refusal_without_a_code_is_not_explained() -> None:
    """Where Microsoft gave no code there is only the general advice."""
    assert refused_sign_in("There is no token for Graph: the network is down.") is None
    assert for_sign_in(signer(OPAQUE, "device_code"))[0].startswith("Sign in again")
