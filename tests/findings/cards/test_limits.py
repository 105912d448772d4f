"""No card is larger than Teams takes, whatever the tenant's names hold."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from findings.cards import Mention, RouteFilter, change_card, service_card
from findings.cards.layout import Group, Part, fit
from findings.cards.pieces import line, run
from findings.document import TenantInfo
from findings.state.announcements import NotAssessed
from policies.vocabulary import Severity
from tests.examples import examples
from tests.findings.cards.making import HOSTILE, flood, gone, moved_verdict, service_told, told_of
from tests.findings.cards.reading import check, lines, said

NAMES = st.text(st.characters(codec=None), max_size=256) | st.sampled_from(HOSTILE).map(lambda name: (name * 99)[:256])
CHANGES = st.sampled_from(("new", "reopened", "changed", "resolved"))


def test_a_thousand_hostile_findings_are_one_card() -> None:
    """1,000 new findings with hostile names of 256 characters: one valid card that counts what it leaves out."""
    card = change_card([flood()], RouteFilter())

    assert card is not None
    check(card)
    shown = sum(line == "CRITICAL" for line in lines(card))
    assert shown >= 10
    assert card.left_out == 1000 - shown
    assert f"and {card.left_out} more findings" in lines(card)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.tuples(NAMES, CHANGES, st.sampled_from(Severity)), min_size=1, max_size=40),
    st.integers(1, 30),
    st.lists(st.tuples(NAMES, NAMES), max_size=12),
)
def test_every_card_fits(found: list[tuple[str, str, Severity]], tenants: int, people: list[tuple[str, str]]) -> None:
    """Whatever happened in however many tenants, the card is valid and below the limit."""
    told = [
        told_of(
            *(
                moved_verdict(change, f"{name}{number}", severity=severity, message=name)  # type: ignore[arg-type] # drawn from the four words
                for number, (name, change, severity) in enumerate(found)
            ),
            gone(found[0][0]),
            tenant=TenantInfo(id=f"{tenant}", name=found[-1][0]),
            unseen=tuple(NotAssessed(rule=f"R{number}", subjects=1) for number in range(40)),
            report="https://long.example/" + "x" * 500,
            first=tenant % 5 == 4,
        )
        for tenant in range(tenants)
    ]
    wish = RouteFilter(mentions=tuple(Mention(id_, name) for id_, name in people))

    card = change_card(told, wish)

    assert card is not None
    check(card)


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=60))
def test_every_service_card_fits(found: list[tuple[str, str]]) -> None:
    """Whatever broke, the card is valid and below the limit."""
    told = [service_told(f"SVC00{number % 4}", f"{name}{number}", why) for number, (name, why) in enumerate(found)]

    card = service_card(told, RouteFilter())

    assert card is not None
    check(card)


def test_tenants_that_do_not_fit_are_counted() -> None:
    """Whole tenants are left out from the end, with a line that counts them."""
    told = [
        told_of(
            *(moved_verdict("new", f"{tenant}-{number}") for number in range(5)),
            tenant=TenantInfo(id=f"{tenant:03}", name=f"Tenant {tenant:03}"),
        )
        for tenant in range(100)
    ]

    card = change_card(told, RouteFilter())

    assert card is not None
    check(card)
    shown = sum(name.startswith("Tenant ") for name in lines(card))
    assert 5 < shown < 100
    assert lines(card)[-1] == f"{100 - shown} more tenants did not fit here; see the reports."
    rows = sum(name == "MEDIUM" for name in lines(card))
    assert card.left_out == 500 - rows
    assert "and 2 more findings" in said(card)


def test_what_fits_exactly_is_shown() -> None:
    """A row is shown if the last byte of it fits, and not if one is missing."""
    part = Part(line(run("Title")), [line(run("row"))] * 3, "row", "rows", 9)
    whole = Group([], [part])
    row = (whole.least - Group([], [Part(part.title, [], "row", "rows", 9)]).least) or 1
    most = next(room for room in range(5000) if not fit([whole], room, "part").left_out)

    assert row
    assert len(fit([whole], most, "part").body) == 1 + 3
    assert fit([whole], most - 1, "part").left_out == 1
    assert fit([whole], 0, "part").left_out == 3
