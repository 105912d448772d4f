"""The report draws how everybody comes to register connectors, and says first what of it is not known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.text import visible
from findings.document import FindingsDocument, RegistrarEntry, SectionInfo
from findings.reports.html import render_html
from policies.vocabulary import Outcome, Severity
from tests.examples import examples
from tests.findings.reports.page import Page
from tests.findings.reports.sample import HOSTILE, about, document, document_of, verdict
from tests.findings.reports.sample_registrars import ENDS, ROLE_ID, path, registrar
from tests.findings.reports.sample_snapshot import made_id, snapshot

GROUP = f"groups/{made_id('group!', 0)}/members"


def page_of(scan: FindingsDocument) -> Page:
    """Return the report of a scan."""
    return Page(render_html(scan, snapshot()))


def text_of(scan: FindingsDocument) -> str:
    """Return the section about registrars as one line of text."""
    text = re.sub(r"\s+", " ", page_of(scan).text)
    return (
        text.partition("The tenant has")[2].partition("Registrations and moves")[0]
        or text.partition(" Who can register connectors ")[2].partition(" Registrations and moves ")[0]
    )


def people(number: int) -> tuple[RegistrarEntry, ...]:
    """Return that many people who can register."""
    return tuple(registrar(each, f"Person {each:03}") for each in range(number))


def test_unknown_first() -> None:
    """The section counts everybody, and shows those nobody could judge before those who can and who cannot."""
    text = text_of(document())

    assert "1 person can register connectors, 1 unknown, 1 cannot." in text
    order = [text.index(word) for word in ("Unknown: 1", "Can register: 1", "Cannot register in spite of a role: 1")]
    assert order == sorted(order)


def test_groups_stand_apart() -> None:
    """Groups that hold a role stand last under a title of their own, and not among those who cannot register."""
    group = registrar(1, "Admins", can=False, type="group", upn=None, enabled=None)

    text = text_of(document_of((), people=(registrar(0, "Ada"), group)))

    assert "1 person can register connectors; 1 group holds a role too." in text
    assert text.index("Can register: 1") < text.index("Groups that hold a role: 1")
    assert "Cannot register" not in text


def test_path_is_drawn() -> None:
    """A path is a row of boxes and arrows from the person to the role, each arrow with what it stands for."""
    way = path("assigned", ("Network Team", "permanent"), ("Proxy Admins", "eligible"), start=ENDS, end=ENDS)
    page = page_of(document_of((), people=(registrar(0, "Nina Rossi", paths=(way,)),)))

    drawn = [value for value in page.values("class") if value.startswith(("lanes", "node", "how", "route"))]
    assert drawn == [
        "lanes",
        "node who",
        "route",
        "how permanent",
        "node",
        "how eligible",
        "node",
        "how assigned",
        "node role",
    ]
    text = re.sub(r"\s+", " ", page.text)
    assert (
        "Nina Rossi member ofNetwork Team eligible, member ofProxy Admins assignedApplication Administrator "
        "since 2027-01-31 12:00 UTC until 2027-01-31 12:00 UTC" in text
    )


def test_several_paths_fan_out() -> None:
    """Several paths of one person leave from one box."""
    two = registrar(0, "Ada", paths=(path("activated"), path("eligible", scope="/administrativeUnits/3f")))
    page = page_of(document_of((), people=(two,)))

    assert page.values("class").count("node who") == 1
    assert "lanes fan" in page.values("class")
    assert "eligible forApplication Administrator only for /administrativeUnits/3f" in re.sub(r"\s+", " ", page.text)


def test_what_a_reviewer_sees_at_once() -> None:
    """Beside a name stand user name or id, account, and what fails, is waived or could not be judged."""
    who = about("principal", 0, "Gus")
    found = (
        verdict("REG003", who, Outcome.FAIL, severity=Severity.HIGH),
        verdict("REG005", who, Outcome.NOT_ASSESSED),
        verdict("REG006", who, Outcome.WAIVED),
        verdict("REG007", who, Outcome.NOT_ASSESSED),
    )
    gus = registrar(0, "Gus", guest=True)
    robot = registrar(1, "Robot", can=False, why_not="no person", type="servicePrincipal", upn=None)

    text = text_of(document_of(found, people=(gus, robot)))

    assert "Gus gus@contoso.com guest high REG003 waived: REG006 not assessed: REG005, REG007" in text
    assert f"Robot {made_id('principal', 1)} service principal no person" in text


@pytest.mark.parametrize(("number", "opened"), [(20, 20), (21, 0), (200, 0)])
def test_many_people_are_folded(number: int, opened: int) -> None:
    """Beyond twenty people everybody is folded, and everybody is there."""
    page = page_of(document_of((), people=people(number)))

    folded = [dict(attrs) for tag, attrs in page.elements if tag == "details" and ("class", "registrar") in attrs]
    assert (len(folded), sum("open" in attrs for attrs in folded)) == (number, opened)


def test_whoever_cannot_is_folded_with_the_reason() -> None:
    """Whoever cannot register is listed with the reason, folded."""
    page = page_of(document_of((), people=(registrar(0, "Dieter", can=False, why_not="the account is disabled"),)))

    assert ("details", (("class", "registrar"),)) in page.elements
    assert "the account is disabled" in page.text


def test_unread_stands_first() -> None:
    """Lists that may hide somebody are named above everybody, with a link to the reason."""
    text = text_of(document())

    assert re.search(
        r"Incomplete. Not read: role eligibilities. Others may be able to register connectors as well. "
        r"Why, and what to do 1 person can",
        text,
    )


def test_unread_is_never_nobody() -> None:
    """Without a registrar and with an unread list the section never says that there is nobody."""
    many = tuple(SectionInfo(name=f"groups/{n}/members", status="failed", count=None) for n in range(14))
    text = text_of(document_of((), sections=many))

    assert "members of group 11" not in text
    assert "groups/11/members and 2 more. So who can register connectors is not known." in text
    assert "Nobody holds" not in text


def test_missing_details() -> None:
    """Lists that hide nobody and leave out details are named too, without saying that others may be able to."""
    owners = SectionInfo(name="groups/g/owners", status="failed", count=None)
    text = text_of(document_of((), sections=(owners,), people=people(1)))

    assert "Details are missing. Not read: groups/g/owners. Why, and what to do 1 person can" in text
    assert "Others may" not in text


def test_unresolved() -> None:
    """Where paths could not be followed the section says so, and never that there is nobody."""
    text = text_of(document_of(()).model_copy(update={"registrars_unresolved": "groups are nested too deep"}))

    assert "Not known. The paths to the roles could not be followed: groups are nested too deep." in text
    assert "Nobody holds" not in text


def test_nobody() -> None:
    """Where all was read and nobody holds a role, the section says so in words."""
    assert "Nobody holds a role that can register connectors." in text_of(document_of(()))


@settings(max_examples=examples(30), deadline=None)
@given(st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=80))
def test_no_name_breaks_out(name: str) -> None:
    """Whatever people, groups and roles are called, the drawing's elements stay those of a harmless one."""
    pages = []
    for word in (name, "x"):
        ways = (path("eligible", (word, "permanent"), role=word, scope=f"/{word}"), path())
        one = registrar(0, word, can=None, why_not=word, paths=ways, upn=f"{word}@x")
        pages.append(page_of(document_of((), people=(one,))))

    assert pages[0].anatomy == pages[1].anatomy
    assert visible(name) in pages[0].text


def test_evidence_has_names() -> None:
    """Evidence about a registrar tells roles and gained paths as people read them."""
    way = path("eligible", ("Admins", "eligible"))
    mark = f"{ROLE_ID}|eligible|/|{made_id('group!', 0)}:eligible"
    one = verdict("REG011", about("principal", 0, "Ada"), Outcome.FAIL, evidence={"paths": [mark], "roles": [ROLE_ID]})

    text = re.sub(r"\s+", " ", page_of(document_of((one,), people=(registrar(0, "Ada", paths=(way,)),))).text)

    assert "REG011 Versions are current 1 finding" in text
    assert "pathsAdmins (eligible) > Application Administrator (eligible)" in text
    assert "rolesApplication Administrator" in text


def test_findings_of_one_rule_stand_together() -> None:
    """Findings of one rule share its remedy, each with its own evidence, and very many are folded."""
    found = tuple(
        verdict("REG005", about("principal", n, f"Person {n}"), Outcome.FAIL, evidence={"roles": [ROLE_ID]})
        for n in range(23)
    )

    page = page_of(document_of(found, people=people(1)))

    text = re.sub(r"\s+", " ", page.text)
    assert "REG005 Versions are current 23 findings What to do: Install a current connector." in text
    assert f"rolesApplication Administrator keyREG005/principal/{made_id('principal', 22)}" in text
    assert "3 more findings of this rule medium Person 20" in text
    assert text.count("What to do:") == 1


def test_names_in_the_policy() -> None:
    """A finding about a name in the policy tells that name."""
    subject = about("tenant", 0, "ann@contoso.com").model_copy(update={"id": "break_glass:ann@contoso.com"})

    text = page_of(document_of((verdict("POL003", subject, Outcome.FAIL),))).text

    assert "the policy's ann@contoso.com: is as it should be" in re.sub(r"\s+", " ", text)


OWNER = verdict(
    "REG010", about("principal", 9, "Otto"), Outcome.FAIL, message="owns the group Proxy Admins and can let others in"
).model_copy(update={"evidence": {"groups": [made_id("group!", 0), "g2"]}})
EXPECTED = verdict(
    "REG010", about("principal", 8, "Olga"), Outcome.PASS, message="the policy expects this registrar"
).model_copy(update={"evidence": {"groups": ["g2"]}})
OPEN = verdict("REG010", about("principal", 7, "Una"), Outcome.NOT_ASSESSED, message="could not be read")


def test_owners_of_groups() -> None:
    """Every owner of a group on a path stands in the section, failing ones first, with the groups by name."""
    ada = registrar(0, "Ada", paths=(path("assigned", ("Proxy Admins", "permanent")),))
    text = text_of(document_of((EXPECTED, OPEN, OWNER), people=(ada,)))

    assert "Who decides who is in a group on a path: 3 They can let themselves or others in (REG010)." in text
    told = ("Otto: owns the group Proxy Admins", "Una: could not", "Olga owner of")
    places = [text.index(part) for part in told]
    assert places == sorted(places)
    assert "Who decides who" not in text_of(document_of((PLAIN,), people=(ada,)))


PLAIN = verdict("REG010", about("principal", 6, "Passed"), Outcome.PASS)


def test_many_owners_are_cut() -> None:
    """A list of owners without end is cut and says by how much."""
    many = tuple(
        OWNER.model_copy(update={"subject": about("principal", number, f"O{number}"), "key": f"REG010/{number}"})
        for number in range(53)
    )

    assert "and 3 more, all in registrars.csv and findings.csv" in text_of(document_of(many))
    owns = OWNER.model_copy(update={"evidence": {"groups": [f"g{number}" for number in range(23)]}})
    assert "g19 and 3 more: owns" in text_of(document_of((owns,)))
