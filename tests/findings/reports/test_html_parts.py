"""The page's newer parts: waivers, history, changes, frameworks, and the policy by which browsers guard it."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from findings.document import ChangeEntry, FindingsDocument, MovedFact, WaiverInfo
from findings.reports.html import render_html
from findings.result_parts import ControlInfo, RuleInfo
from policies.vocabulary import Outcome, Severity
from tests.examples import examples
from tests.findings.reports.page import Page
from tests.findings.reports.sample import HOSTILE, about, document, document_of, life, scan_summary, verdict
from tests.findings.reports.sample_snapshot import GROUPS, NOW, made_id, snapshot

HQ = about("connector", 0, "hq")
CHANGED = life("changed")


def text_of(scan: FindingsDocument) -> str:
    """Return the report of a scan as one line of text."""
    return re.sub(r"\s+", " ", Page(render_html(scan, snapshot())).text)


def waived(*, until: date | None = date(2026, 12, 31), ticket: str | None = "CHG-1") -> FindingsDocument:
    """Return a document with one waived finding."""
    waiver = WaiverInfo(
        id="w1",
        from_=date(2026, 11, 1) if until else None,
        until=until,
        reason="Rebuilt soon",
        owner="Ada",
        ticket=ticket,
    )
    one = verdict("VER003", HQ, Outcome.WAIVED, life=life())
    return document_of((one.model_copy(update={"waiver": waiver}),))


def test_waiver() -> None:
    """A waived finding says why, by whom, from when and until when."""
    assert (
        "waived Rebuilt soon by Ada, from 2026-11-01, until the end of 2026-12-31, ticket CHG-1, waiver w1"
        in text_of(waived()).replace("waivedRebuilt", "waived Rebuilt").replace("soonby", "soon by")
    )


def test_waiver_without_an_end() -> None:
    """A waiver without an end says so, since somebody ought to ask."""
    assert "by Ada, without an end, waiver w1" in text_of(waived(until=None, ticket=None))


def test_waived_is_no_failure() -> None:
    """A rule of which everything is waived counts no finding, and the page still lists it."""
    assert "VER003 Versions are current waived What to do" in text_of(waived())


def test_history() -> None:
    """A changed finding says which facts moved, from what to what, and when the policy made it move."""
    moved = CHANGED.model_copy(
        update={
            "moved": (
                MovedFact(what="evidence.days_behind", before=3, after=4),
                MovedFact(what="severity", after="low"),
            ),
            "cause": "policy",
        }
    )

    text = text_of(document_of((verdict("VER003", HQ, Outcome.FAIL, life=moved),)))

    assert (
        "first seen 2026-11-02 06:00 UTC, last seen 2026-11-20 06:00 UTC; changed in this scan, since the policy "
        "changed and not the tenant" in text
    )
    assert "days behind: 3 → to 4" in text
    assert "severity: not known → to low" in text
    assert "(the policy changed, not the tenant)" in text


def test_stale_history() -> None:
    """A waived finding that nobody could look at says so."""
    assert "which ends nothing" in text_of(document_of((verdict("A", HQ, Outcome.WAIVED, life=life(stale=True)),)))


def test_inventory_changes() -> None:
    """The top counts what moved in the inventory, and the list tells it with names for ids."""
    group, other = made_id("group", 0), made_id("group", 1)
    changes = (
        ChangeEntry(at=NOW, kind="gone", subject=HQ),
        ChangeEntry(at=NOW, kind="moved", subject=HQ, before=group, after=other),
    )

    text = text_of(document().model_copy(update={"changes": changes}))

    assert "Inventory: 1 gone, 1 moved." in text
    assert f"moved connector hq: {GROUPS[0]} → to {GROUPS[1]} 2026-11-20 06:00 UTC" in text


def test_many_changes_are_folded() -> None:
    """Beyond fifteen, changes are folded and counted."""
    changes = tuple(ChangeEntry(at=NOW, kind="new", subject=about("connector", n, f"c{n}")) for n in range(20))

    text = text_of(document().model_copy(update={"changes": changes}))

    assert "Inventory: 20 changes" in text
    assert "5 more changes" in text


def test_rules_and_frameworks() -> None:
    """The end tells each rule's words and the controls that it helps to show."""
    nist = ControlInfo(framework="NIST SP 800-53", id="SI-2", name="Flaw Remediation")
    rules = (
        RuleInfo(id="VER003", title="Fresh", why="Old is bad.", severity=Severity.LOW, controls=(nist,)),
        RuleInfo(id="VER009", title="Other", why="Because.", severity=Severity.LOW),
    )

    text = text_of(document().model_copy(update={"rules": rules}))

    assert "2 rules spoke" in text
    assert "VER003 Fresh low Old is bad. NIST SP 800-53 SI-2 Flaw Remediation" in text
    assert "VER009 Other low Because. no control" in text


@pytest.mark.parametrize(
    ("words", "scan"),
    [
        ("Everything that was asked for was read and judged.", document_of((), scan=scan_summary(complete=True))),
        ("The scan was not complete.", document_of((verdict("A", HQ, Outcome.PASS),))),
        ("Nothing was judged.", document_of(())),
    ],
)
def test_what_could_not_be_assessed(words: str, scan: FindingsDocument) -> None:
    """The answer says everything was assessed only where that is so."""
    if words.startswith("Everything"):
        scan = scan.model_copy(update={"verdicts": (verdict("A", HQ, Outcome.PASS),)})

    assert words in text_of(scan)


def test_policy_path_is_short_at_the_top() -> None:
    """The top names the policy's file alone; the whole path stands at the end."""
    bare = document()
    scan = bare.model_copy(
        update={"policy": bare.policy.model_copy(update={"source": "C:\\secret\\place/policy.yaml"})}
    )

    before, _, after = text_of(scan).partition("About this scan")

    assert "secret" not in before
    assert "policy policy.yaml" in before
    assert "C:\\secret\\place/policy.yaml" in after.partition("About this scan")[2] + after


def test_long_tables_are_folded() -> None:
    """A table of more than fifty rows waits folded, with its number of rows."""
    names = tuple(f"c{n}" for n in range(60))

    text = re.sub(r"\s+", " ", Page(render_html(document(), snapshot(extra_names=names))).text)

    assert "64 connectors, one by one" in text
    assert "64 connector groups, one by one" in text


def test_unread_applications() -> None:
    """Groups whose applications were not read are named above the table, some of very many."""
    seen = snapshot(extra_names=tuple(f"g{n}" for n in range(14)))
    blank = seen.contents[2].applications
    contents = tuple(entry.model_copy(update={"applications": blank}) for entry in seen.contents)

    some = text_of(document())
    none = re.sub(r"\s+", " ", Page(render_html(document(), seen.model_copy(update={"contents": contents}))).text)

    assert "What these groups carry was not read: Legacy SAP." in some
    assert "g7 and 6 more." in none
    assert "No connector group carries" not in none


def test_the_page_allows_only_itself() -> None:
    """The page's own policy allows its style sheets and its script by hash, and nothing else."""
    html = render_html(document(), snapshot()).decode()
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)

    def hashes(tag: str) -> str:
        found = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        return " ".join(f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'" for part in found)

    assert policy == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {hashes('style')}; script-src {hashes('script')}"
    )


@settings(max_examples=examples(30), deadline=None)
@given(st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=60))
@example('"; } </style><script>alert(1)</script>')
@example("\\")
def test_tenant_name_in_the_printed_header(name: str) -> None:
    """Whatever the tenant is called, the printed header is one string of letters, digits and escapes."""
    bare = document()
    scan = bare.model_copy(update={"tenant": bare.tenant.model_copy(update={"name": name})})

    html = render_html(scan, snapshot()).decode()

    (rule,) = re.findall(r"<style>(@page .*?)</style>", html, re.DOTALL)
    assert re.fullmatch(r'@page \{ @top-left \{ content: "([A-Za-z0-9]|\\[0-9a-f]+ )*" \} \}', rule)


@settings(max_examples=examples(25), deadline=None)
@given(st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=60))
def test_no_text_breaks_out_of_the_new_parts(name: str) -> None:
    """Whatever a waiver, a change, a fact or the policy's place says, the page's elements stay the same."""
    pages = []
    for word in (name, "x"):
        waiver = WaiverInfo(id=word, until=date(2026, 12, 31), reason=word, owner=word, ticket=word)
        moved = CHANGED.model_copy(update={"moved": (MovedFact(what="evidence.x", before=word, after=[word]),)})
        at = datetime(2026, 11, 20, tzinfo=UTC)
        about_it = about("connector", 7, word)
        scan = document_of(
            (
                verdict("A", about_it, Outcome.FAIL, life=moved, message=word, evidence={"x": word}),
                verdict("B", about_it, Outcome.WAIVED, message=word).model_copy(update={"waiver": waiver}),
                verdict("C", about_it, Outcome.NOT_ASSESSED, message=word),
            )
        )
        bare = scan.policy.model_copy(update={"source": word})
        change = ChangeEntry(at=at, kind="renamed", subject=about_it, before=word, after=word)
        pages.append(Page(render_html(scan.model_copy(update={"policy": bare, "changes": (change,)}), snapshot())))

    assert pages[0].anatomy == pages[1].anatomy
