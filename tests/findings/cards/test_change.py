"""The card of what a scan changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from findings.cards import Notification, RouteFilter, change_card
from findings.document import MovedFact, TenantInfo
from findings.state.announcements import NotAssessed
from policies.vocabulary import Outcome, Severity
from tests.findings.cards.making import CALLED, NOW, REPORT, gone, moved_verdict, samples, service_told, told_of
from tests.findings.cards.reading import addresses, check, content, lines

EVERYTHING = RouteFilter()
TITLES = ("New, back or worse", "Changed", "Resolved, waived", "Could not be looked at any more")


def card_of(*told: Notification, wish: RouteFilter = EVERYTHING) -> list[str]:
    """Return what the card of some announcements says; there must be one."""
    card = change_card(told, wish)
    assert card is not None
    check(card)
    return lines(card)


def test_one_new_finding_by_hand() -> None:
    """The whole card of one new finding, as it is posted."""
    card = change_card([told_of(moved_verdict("new", "dmz-con-01", message="It is old."))], EVERYTHING)

    assert card is not None
    assert content(card) == {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [
            _paragraph({"text": "Changes: Contoso Ltd", "size": "Large", "weight": "Bolder"}),
            _paragraph({"text": "1 new · scan of 2026-11-20 06:00 UTC", "isSubtle": True}, spacing="Small"),
            _paragraph({"text": "New, back or worse", "weight": "Bolder"}, spacing="Medium"),
            {
                "type": "ColumnSet",
                "spacing": "Small",
                "columns": [
                    {
                        "type": "Column",
                        "width": "80px",
                        "items": [
                            _paragraph({"text": "MEDIUM", "weight": "Bolder", "size": "Small", "color": "Warning"})
                        ],
                    },
                    {
                        "type": "Column",
                        "width": "stretch",
                        "items": [
                            _paragraph(
                                {"text": "dmz-con-01", "weight": "Bolder"}, {"text": "  VER003 · New", "isSubtle": True}
                            ),
                            _paragraph({"text": "It is old."}, spacing="None"),
                            _paragraph(
                                {"text": "First step: ", "isSubtle": True},
                                {"text": "Download the installer from the Entra admin centre."},
                                spacing="None",
                            ),
                        ],
                    },
                ],
            },
        ],
        "actions": [{"type": "Action.OpenUrl", "title": "Open the report", "url": REPORT}],
    }


def _paragraph(*runs: dict[str, object], **looks: str) -> dict[str, object]:
    return {"type": "RichTextBlock", **looks, "inlines": [{"type": "TextRun", **run} for run in runs]}


def test_bad_news_come_first_and_worst_first() -> None:
    """Sections and rows stand in the order of how much they matter."""
    found = lines(samples()["changes"])

    assert [line.partition("  ")[0] for line in found if "  " in line or line in TITLES] == [
        "New, back or worse",
        "Branch offices",
        "branch-con-02",
        "dmz-con-01.corp.contoso.example",
        "hq-con-07",
        "Changed",
        "branch-con-03",
        "Resolved, waived",
        "lab-con-01",
        "hq-con-01",
        "old-con-01",
        "Could not be looked at any more",
    ]


def test_what_is_not_assessed_is_told_with_its_reason() -> None:
    """A rule that could not look any more says at how much and why."""
    assert (
        "REG001 Only expected people can register connectors (1 subject not assessed). "
        "role assignments could not be read: RoleManagement.Read.All is missing"
    ) in lines(samples()["changes"])


def test_the_inventory_is_one_line() -> None:
    """What moved in the inventory is counted."""
    assert "Inventory: 1 connector new, 1 connector updated" in lines(samples()["changes"])


def test_what_the_policy_caused_is_told_as_such() -> None:
    """A change that comes from the policy does not look like one of the tenant's, whether it is good or bad."""
    found = "\n".join(
        card_of(
            told_of(
                moved_verdict("new", "a", cause="policy"), moved_verdict("resolved", "b", rule="VER001", cause="policy")
            )
        )
    )

    assert "the policy changed, not the tenant" in found
    assert "Resolved because the policy changed, fixed" in found


@pytest.mark.parametrize(
    ("what", "before", "after", "kind"),
    [
        ("severity", "medium", "high", "Got worse"),
        ("severity", "high", "low", "Eased"),
        ("severity", None, "low", "Changed"),
        ("severity", "odd", "odd", "Changed"),
        ("evidence.version", "1", "2", "Changed"),
        ("outcome", "waived", "fail", "Got worse"),
    ],
)
def test_how_a_finding_changed(what: str, before: str | None, after: str, kind: str) -> None:
    """A finding got worse by its severity or because no waiver covers it any more, and eases by severity alone."""
    moved = (MovedFact(what=what, before=before, after=after),)

    found = card_of(told_of(moved_verdict("changed", "a", moved=moved)))

    assert f"a  VER003 · {kind}" in {line.partition(",")[0] for line in found}


def test_a_waived_finding_is_no_bad_news() -> None:
    """A finding that a waiver covers from the start is told below, and nobody is called for it."""
    card = change_card([told_of(moved_verdict("new", "a", outcome=Outcome.WAIVED))], RouteFilter(mentions=CALLED))

    assert card is not None
    assert "entities" not in content(card)["msteams"]
    assert "New, back or worse" not in lines(card)


def test_nothing_of_interest_is_no_card() -> None:
    """No announcement, none above the threshold, none of the route's rules, none but the service's own: no card."""
    mild = told_of(moved_verdict("new", "a", severity=Severity.LOW), unseen=(NotAssessed(rule="REG001", subjects=2),))
    service = service_told("SVC001", "x", "It failed.")

    assert change_card([], EVERYTHING) is None
    assert change_card([mild], RouteFilter(threshold=Severity.HIGH, rules=("VER",))) is None
    assert change_card([mild], RouteFilter(rules=("VER00", "GRP001"))) is None
    assert change_card([service], EVERYTHING) is None


def test_rules_and_families_choose() -> None:
    """A route hears of whole families and of single rules, and not of others."""
    told = told_of(
        moved_verdict("new", "a", rule="VER003"),
        moved_verdict("new", "b", rule="GRP001"),
        moved_verdict("new", "c", rule="GRP002"),
        unseen=(NotAssessed(rule="GRP002", subjects=2), NotAssessed(rule="SVC009", subjects=1)),
    )

    found = card_of(told, wish=RouteFilter(rules=("VER", "GRP001")))

    assert "3 new (2 for this route, 1 of other rules) · scan of 2026-11-20 06:00 UTC" in found


def test_an_unseen_rule_without_words() -> None:
    """Where the document does not say why, the rule's id and its count have to do."""
    told = told_of(unseen=(NotAssessed(rule="GRP002", subjects=2),))

    assert "GRP002 (2 subjects not assessed)." in card_of(told)


def test_a_first_scan_is_a_summary() -> None:
    """The first scan of a tenant tells how it stands and the three worst findings."""
    assert lines(samples()["first"])[:4] == [
        "First scan: Contoso Ltd",
        "scan of 2026-11-20 06:00 UTC",
        "5 verdicts failing (1 critical, 1 high, 1 medium, 1 low, 1 info), 0 pass, 0 not assessed.",
        "The worst of them",
    ]
    assert samples()["first"].left_out == 2


def test_a_first_scan_without_bad_news() -> None:
    """A first scan in which rules could not look is a summary without findings."""
    found = card_of(told_of(first=True, unseen=(NotAssessed(rule="GRP002", subjects=2),)))

    assert found[2:] == ["0 verdicts failing, 0 pass, 0 not assessed."]


def test_many_tenants_are_one_card() -> None:
    """Tenants follow each other, the worst first, each with its own link."""
    card = samples()["changes-many"]
    names = [
        line
        for line in lines(card)
        if line.split("  ")[0] in {"Contoso Ltd", "Fabrikam AG", "Tailspin AG", "Adatum AG"}
    ]

    check(card)
    assert lines(card)[0] == "Changes in 4 tenants"
    assert names == ["Contoso Ltd", "Fabrikam AG", "Adatum AG  first scan", "Tailspin AG"]
    assert addresses(card) == [REPORT] * 4


def test_scans_of_one_tenant_are_told_together() -> None:
    """What is new and then changes is new, what is new and then over is over."""
    first = told_of(moved_verdict("new", "a"), moved_verdict("new", "b"), at=NOW - timedelta(hours=1))
    second = told_of(moved_verdict("changed", "a", message="worse now"), moved_verdict("resolved", "b"))

    found = card_of(second, first)

    assert "1 new, 1 resolved · scan of 2026-11-20 06:00 UTC" in found
    assert "worse now" in found


def test_a_lost_document_leaves_what_the_state_knows() -> None:
    """Where the scan's result cannot be read, words come from the state, and from the keys where that has none."""
    service = service_told("CON001", "dmz-con-01", "It is inactive.")
    known = Notification(TenantInfo(id="t", name=""), service.entry, findings=service.findings)
    unknown = Notification(TenantInfo(id="u", name="U"), service.entry)

    found = card_of(known, unknown)

    assert found.count("dmz-con-01  CON001 · New") == 2
    assert "t" in found
    assert found.count("It is inactive.") == 1


def test_a_finding_without_a_life() -> None:
    """A changed finding whose document tells nothing of its life is told all the same."""
    told = told_of(moved_verdict("new", "a"))
    assert told.document is not None
    (only,) = told.document.verdicts
    bare = told.document.model_copy(update={"verdicts": (only.model_copy(update={"lifecycle": None}),)})

    assert "a  VER003 · New" in card_of(Notification(told.tenant, told.entry, bare))


def test_a_resolved_finding_says_why() -> None:
    """What is gone is said in one line, and so is a reason that only a newer version knows."""
    assert "old-con  CON001 · Resolved, left the scope" in card_of(told_of(gone("old-con")))
    assert "old-con  CON001 · Resolved, magic" in card_of(told_of(gone("old-con", "magic")))


def test_a_gone_finding_that_came_back_has_the_rules_remedy() -> None:
    """An entry without a verdict tells what to do in the rule's words."""
    entry = gone("x")
    back = entry.model_copy(
        update={"remedy": "Start it.", "lifecycle": entry.lifecycle.model_copy(update={"change": "reopened"})}
    )

    assert "First step: Start it." in card_of(told_of(back))


def test_the_first_step_is_the_findings_own() -> None:
    """Where the runbook was filled in for the thing at hand, its first step is told, not the general one."""
    own = moved_verdict("new", "dmz-con-01").model_copy(update={"steps": ("Look at `WAPCSvc` on dmz-con-01.",)})

    assert "First step: Look at `WAPCSvc` on dmz-con-01." in card_of(told_of(own))
