"""Who can register connectors is told completely: who, by which path, what hides more of them, and which findings."""

from __future__ import annotations

import pytest

from findings.document import FindingsDocument, PolicyInfo, SectionInfo
from findings.reports import registrars
from findings.reports.registrars import Counts, Hop
from inventory.models import PrincipalId
from policies.memory import path_key
from policies.registration.paths import Path, Via
from policies.vocabulary import Outcome
from tests.findings.reports.sample import about, document, document_of, verdict
from tests.findings.reports.sample_registrars import ROLE, ROLE_ID, path, registrar
from tests.findings.reports.sample_snapshot import made_id

LISTS = ("organization", "role_definitions", "groups/g/members", "groups/g/owners", "connectors", "audit")
UNREAD = tuple(SectionInfo(name=name, status="denied", count=None) for name in LISTS)
READ = tuple(SectionInfo(name=name, status="read", count=1) for name in LISTS)
ADA = registrar(0, "Ada Admin")
UNKNOWN = registrar(1, "Who", can=None, type="unknown", upn=None, enabled=None)


def test_counts() -> None:
    """Registrars are counted by whether they can."""
    assert registrars.counts(document()) == Counts(can=1, unknown=1, cannot=1)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (Counts(9, 2, 6), "9 people can register connectors, 2 unknown, 6 cannot"),
        (Counts(1, 0, 0), "1 person can register connectors"),
        (Counts(0, 0, 1), "0 people can register connectors, 1 cannot"),
        (Counts(2, 0, 1, 1), "2 people can register connectors, 1 cannot; 1 group holds a role too"),
        (Counts(2, 0, 0, 3), "2 people can register connectors; 3 groups hold a role too"),
    ],
)
def test_sentence(counts: Counts, sentence: str) -> None:
    """The counts are told in one sentence, without the words that count nobody."""
    assert counts.sentence == sentence


def test_groups_are_counted_apart() -> None:
    """A group that registers nothing is no person who cannot; a group nobody could judge stays unknown."""
    people = (
        ADA,
        registrar(1, "Admins", can=False, type="group"),
        registrar(2, "Robot", can=False, type="servicePrincipal"),
        registrar(3, "Riddle", can=None, type="group"),
    )
    scan = document_of((), people=people)

    assert registrars.counts(scan) == Counts(can=1, unknown=1, cannot=1, groups=1)
    assert [(word, [card.entry.principal.name for card in own]) for word, own in registrars.cards(scan)] == [
        ("unknown", ["Riddle"]),
        ("can", ["Ada Admin"]),
        ("cannot", ["Robot"]),
        ("groups", ["Admins"]),
    ]


def test_in_order() -> None:
    """Those nobody could judge come first, then those who can register, then those who cannot, each by name."""
    assert [entry.principal.name for entry in registrars.in_order(document(extra_names=("Bob",)))] == [
        "Deleted principal",
        "Ada Admin",
        "Bob",
        "Olga Outside",
    ]


def test_unread() -> None:
    """Unread lists of role data are told from others, and those that may hide somebody from those that do not."""
    blind = document_of((), sections=UNREAD)

    assert [section.name for section in registrars.unread(blind)] == list(LISTS[:4])
    assert [section.name for section in registrars.hiding(blind)] == ["role_definitions", "groups/g/members"]
    assert [section.name for section in registrars.detailing(blind)] == ["organization", "groups/g/owners"]
    assert registrars.unread(document_of((), sections=READ)) == ()


def test_unlicensed_is_known() -> None:
    """A list that needs a licence the tenant lacks is known to be empty."""
    scan = document_of((), sections=(SectionInfo(name="role_eligibilities", status="not_licensed", count=0),))

    assert (registrars.unread(scan), registrars.all_known(scan)) == ((), True)


@pytest.mark.parametrize(
    ("known", "scan"),
    [
        (True, document_of((), sections=READ, people=(ADA,))),
        (False, document_of((), sections=READ, people=(ADA, UNKNOWN))),
        (False, document_of((), sections=UNREAD[2:3], people=(ADA,))),
        (False, document_of(()).model_copy(update={"registrars_unresolved": "nested"})),
    ],
)
def test_all_known(known: bool, scan: FindingsDocument) -> None:  # noqa: FBT001 - pytest passes it by name
    """All is known where every list was read, every path followed and everybody judged."""
    assert registrars.all_known(scan) is known


def test_list_labels() -> None:
    """A group's list is called by the group's name where some path tells it."""
    one = registrar(0, "Ada", paths=(path("assigned", ("Proxy Admins", "permanent")),))
    name = f"groups/{made_id('group!', 0)}/members"
    scan = document_of((), sections=(SectionInfo(name=name, status="failed", count=None),), people=(one,))

    assert registrars.list_labels(scan) == {name: "members of group Proxy Admins"}


def test_findings() -> None:
    """What fails, is waived or could not be judged about a principal belongs to it; passes and others do not."""
    who, group = about("principal", 0, "Ada"), about("group", 0, "HQ")
    outcomes = (Outcome.FAIL, Outcome.PASS, Outcome.WAIVED, Outcome.NOT_ASSESSED, Outcome.NOT_APPLICABLE)
    told = tuple(verdict(f"REG00{number}", who, outcome) for number, outcome in enumerate(outcomes))

    found = registrars.findings_by_principal(document_of((*told, verdict("GRP001", group, Outcome.FAIL))))

    assert list(found) == [who.id]
    assert [registrars.finding_text(one) for one in found[who.id]] == [
        "REG000",
        "REG002 (waived)",
        "REG003 (not assessed)",
    ]


@pytest.mark.parametrize(
    ("kind", "enabled", "words"),
    [
        ("user", True, "enabled"),
        ("user", False, "disabled"),
        ("user", None, "not read"),
        ("unknown", None, "not read"),
        ("group", None, ""),
        ("servicePrincipal", False, "disabled"),
    ],
)
def test_account(kind: str, enabled: bool | None, words: str) -> None:  # noqa: FBT001 - pytest passes it by name
    """An account is enabled, disabled or not read; a group has none."""
    assert registrars.account(registrar(0, "x", type=kind, enabled=enabled).principal) == words


@pytest.mark.parametrize(
    ("kind", "value", "word"),
    [("user", True, "yes"), ("user", False, "no"), ("user", None, "unknown"), ("group", None, "")],
)
def test_yes_no(kind: str, value: bool | None, word: str) -> None:  # noqa: FBT001 - pytest passes it by name
    """An attribute that was not read is unknown, and does not exist where nobody is a person."""
    assert registrars.yes_no(registrar(0, "x", type=kind).principal, value) == word


@pytest.mark.parametrize(
    ("expected", "named", "word"),
    [(True, True, "yes"), (False, True, "no"), (None, True, "unknown"), (None, False, "")],
)
def test_expected(expected: bool | None, named: bool, word: str) -> None:  # noqa: FBT001 - pytest passes it by name
    """Whether somebody is expected is blank where the policy names nobody, and unknown where nobody could tell."""
    scan = document_of(()).model_copy(update={"policy": PolicyInfo(source="p", sha256="", names_registrars=named)})

    assert registrars.expected(scan, registrar(0, "x", expected=expected)) == word


def test_cards() -> None:
    """Principals stand under whether they can, with what a reviewer should see at once and with their findings."""
    failing = verdict("REG003", about("principal", 3, "Gus"), Outcome.FAIL)
    people = (
        ADA,
        UNKNOWN,
        registrar(2, "Robot", can=False, type="servicePrincipal", enabled=None),
        registrar(3, "Gus", enabled=False, external=True, guest=True, synced=True, expected=False),
        registrar(4, "Ned", enabled=None),
    )
    scan = document_of((failing,), people=people)

    found = {
        word: [(card.entry.principal.name, card.tags, card.findings) for card in cards]
        for word, cards in registrars.cards(scan)
    }

    assert found == {
        "unknown": [("Who", (), ())],
        "can": [
            ("Ada Admin", (), ()),
            ("Gus", ("disabled", "external", "guest", "synchronised", "not expected"), (failing,)),
            ("Ned", ("attributes not read",), ()),
        ],
        "cannot": [("Robot", ("service principal",), ())],
    }


def test_hops() -> None:
    """A path is drawn from the person on: how each group is joined, and at the end how the role is held."""
    long = path("activated", ("Team", "permanent"), ("Feeder", "active"), ("Admins", "eligible"))

    assert registrars.hops(long) == (
        Hop("permanent", "member of", "Team"),
        Hop("active", "active, member of", "Feeder"),
        Hop("eligible", "eligible, member of", "Admins"),
        Hop("activated", "activated", ROLE, is_role=True),
    )


def test_path_text() -> None:
    """A path stands on one line, and names can be made to fit."""
    long = path("assigned", ("Network Team", "permanent"), ("Proxy Admins", "eligible"))

    assert registrars.via_text(path()) == ""
    assert registrars.via_text(long) == "Network Team (permanent) > Proxy Admins (eligible)"
    assert registrars.path_text(path()) == "Application Administrator (assigned)"
    assert registrars.path_text(long, str.upper) == (
        "NETWORK TEAM (permanent) > PROXY ADMINS (eligible) > APPLICATION ADMINISTRATOR (assigned)"
    )


def test_is_narrow() -> None:
    """A path below the whole tenant is narrow."""
    assert [registrars.is_narrow(path(scope=scope)) for scope in ("/", "/administrativeUnits/3f")] == [False, True]


def test_names() -> None:
    """Principals, groups and roles of the evidence get names, and a gained path is told as people read it."""
    one = registrar(0, "Ada", paths=(path("eligible", ("Admins", "activated")),))
    via = (Via(PrincipalId(made_id("group!", 0)), "activated"),)
    real = Path(role="r", role_id=ROLE_ID, built_in=True, kind="eligible", scope="/", certain=True, via=via)

    assert registrars.names(document_of((), people=(one,))) == {
        one.principal.id: "Ada",
        made_id("group!", 0): "Admins",
        ROLE_ID: ROLE,
        path_key(real): "Admins (activated) > Application Administrator (eligible)",
    }
