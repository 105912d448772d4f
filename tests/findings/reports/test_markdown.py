"""report.md tells a scan in GitHub's Markdown, and no name in it is more than text."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from common.text import UNSEEN
from findings.document import ChangeEntry, MovedFact, WaiverInfo
from findings.reports.markdown import render_markdown
from policies.vocabulary import Outcome
from tests.examples import examples
from tests.findings.reports.arbitrary import MARKUP, Anything, anything
from tests.findings.reports.sample import HOSTILE, about, document, document_of, life, scan_summary, verdict
from tests.findings.reports.sample_registrars import path, registrar
from tests.findings.reports.sample_snapshot import GROUPS, NOW, blind_snapshot, made_id, sections_of, snapshot
from tests.findings.reports.test_markup import FOUND_BY_GITHUB

if TYPE_CHECKING:
    from markdown_it.token import Token

    from findings.document import FindingsDocument
    from inventory.snapshot import Snapshot

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = {"text", "code_inline", "softbreak", "strong_open", "strong_close", "link_open", "link_close"}
BLOCKS = {"html_block", "fence", "code_block", "hr", "blockquote_open"}
PASS = verdict("VER001", about("connector", 0, "hq"), Outcome.PASS)


def rendered(scan: FindingsDocument, seen: Snapshot | None = None) -> str:
    """Return report.md as text."""
    return render_markdown(scan, seen or snapshot()).decode()


def section(text: str, title: str) -> str:
    """Return what stands under a title of the second order."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0].strip()


def parsed(text: str) -> list[Token]:
    """Return the blocks that a Markdown parser finds."""
    return PARSER.parse(text)


def escaped(text: str) -> list[str]:
    """Return what in a report is more than our own markup: tokens of other kinds, and what GitHub would find."""
    blocks = parsed(text)
    inline = [token for block in blocks for token in block.children or []]
    links = [str(token.attrs["href"]) for token in inline if token.type == "link_open"]
    words = [token.content for token in inline if token.type == "text" and token.content not in links]
    return [
        *(token.type for token in blocks if token.type in BLOCKS),
        *(token.type for token in inline if token.type not in OURS),
        *(url for url in links if not url.startswith("https://learn.microsoft.com/")),
        *(found for text in words for found in FOUND_BY_GITHUB.findall(text)),
    ]


def test_headline() -> None:
    """At the top stands what fails and what could not be seen, then when and what was looked at."""
    top = rendered(document()).partition("\n## ")[0]

    assert top.startswith(
        "# Private network connectors of `Contoso Ltd & <Partners>`\n\n**3 findings fail: 1 critical,"
    )
    assert "3 lists could not be read." in top
    assert "Scanned 2026-11-20 06:00 UTC, scan `20261120T060000Z-1a2b3c4d`" in top


def test_what_fails() -> None:
    """Each failure has a row with its severity, rule, subject, message and age, and each remedy stands once."""
    text = section(rendered(document()), "What fails")

    assert (
        "| critical | GRP001 | group `Branch office Łódź` | no connector is active, 2 applications are down "
        "| 2026-11-20 06:00 UTC (new) |" in text
    )
    assert text.count("- **VER003** Connector is not outdated: Install a current connector.\n  1. Download") == 1
    assert "  - <https://learn.microsoft.com/entra/global-secure-access/reference-version-history>" in text


def test_what_changed() -> None:
    """Findings that moved are told with the facts that moved, what resolved them, and what moved in the inventory."""
    lived = life("changed").model_copy(
        update={"moved": (MovedFact(what="evidence.needed_machines", before=2, after=3),), "cause": "policy"}
    )
    one = verdict("GRP001", about("group", 0, "HQ"), Outcome.FAIL, message="has one", life=lived)
    move = ChangeEntry(
        at=NOW,
        kind="moved",
        subject=about("connector", 0, "hq-01"),
        before=made_id("group", 0),
        after=made_id("group", 1),
    )
    scan = document_of((one,)).model_copy(update={"changes": (move,), "gone": document().gone})

    text = section(rendered(scan), "What changed")

    because = "(the policy changed, not the tenant) (needed machines: 2 `->` 3)"
    assert f"| changed | medium | GRP001 | group `HQ` | has one {because} |" in text
    assert "(left the scope) |" in text
    assert f"| 2026-11-20 06:00 UTC | moved | connector `hq-01` | `{GROUPS[0]}` | `{GROUPS[1]}` |" in text


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        (document_of((PASS,)), "No finding moved since the last scan."),
        (document_of((PASS,), scan=scan_summary(superseded=True)), "This scan was not compared with earlier ones."),
    ],
)
def test_nothing_changed(scan: FindingsDocument, words: str) -> None:
    """Silence about changes is told, and is not the same where nothing was compared."""
    assert words in section(rendered(scan), "What changed")
    assert "Nothing is known to have moved." in section(rendered(scan), "What changed")


def test_what_could_not_be_assessed() -> None:
    """Every gap stands there with its reason and the way out, and what is still open behind it."""
    text = section(rendered(document()), "What could not be assessed")

    assert "- Not read: members of connector group Legacy SAP, applications of connector group Legacy SAP; thr" in text
    assert "Needs `RoleEligibilitySchedule.Read.Directory.` Grant the permission" in text
    assert "- Not judged: connector `00000009-0000-4000-8000-000000000003`: tells no version (VER001)" in text
    assert "| high | REG003 | `Olga Outside` | is a guest and holds Application Administrator |" in text


def test_everything_assessed() -> None:
    """Only where nothing is missing it says so."""
    assert section(rendered(document_of((PASS,))), "What could not be assessed") == "Everything was assessed."
    unresolved = document_of((PASS,)).model_copy(update={"registrars_unresolved": "nested too deep"})
    assert "could not be followed: nested too deep" in section(rendered(unresolved), "What could not be assessed")


def test_waived() -> None:
    """A waiver is told with its end, its owner, its reason and its ticket."""
    waiver = WaiverInfo(
        id="W-1", until=date(2026, 12, 31), reason="is being replaced", owner="ann@x.example", ticket="T-9"
    )
    one = verdict("GRP003", about("group", 3, "Default"), Outcome.WAIVED, message="carries 3", life=life())
    scan = document_of((one.model_copy(update={"waiver": waiver}),))

    assert (
        "| medium | GRP003 | group `Default` | carries 3 | 2026-12-31 "
        "| `ann@x.example`: is being replaced (`W-1`, ticket `T-9`) |" in rendered(scan)
    )


def test_registrars() -> None:
    """Each person has a row a path, with the groups on it, and gatekeepers follow with the groups they own."""
    way = path("eligible", ("Proxy Admins", "permanent"), scope="/administrativeUnits/3f")
    owner = verdict("REG010", about("principal", 9, "Otto"), Outcome.FAIL, message="owns a group on a path")
    owner = owner.model_copy(update={"evidence": {"groups": [made_id("group!", 0), "other"]}})
    text = section(
        rendered(document_of((owner,), people=(registrar(0, "Ada", paths=(way,)),))), "Who can register connectors"
    )

    assert (
        "| yes | `Ada` `ada@contoso.com` | `Proxy Admins` (permanent) → `Application Administrator` (eligible), "
        "only for `/administrativeUnits/3f` |  |" in text
    )
    assert "| `Otto` | `Proxy Admins`, `other` | fail: owns a group on a path |" in text


def test_blind() -> None:
    """A scan that read nothing shows no empty table and never says that there is nobody."""
    blind = blind_snapshot()
    text = rendered(document_of((), sections=sections_of(blind)), blind)

    assert section(text, "Who can register connectors") == "Not known: not all of it could be read."
    assert section(text, "Connector groups") == "The connector groups could not be read."
    assert section(text, "Connectors") == "The connectors could not be read."


def test_an_empty_tenant() -> None:
    """What was read and is empty is told as empty."""
    seen = snapshot()
    groups, connectors = (part.model_copy(update={"records": ()}) for part in (seen.groups, seen.connectors))
    text = rendered(document_of((PASS,)), seen.model_copy(update={"groups": groups, "connectors": connectors}))

    assert section(text, "Connector groups") == "There are no connector groups."
    assert section(text, "Connectors") == "There are no connectors."
    assert section(text, "Who can register connectors") == "Nobody holds a role that can register connectors."


def test_hostile_names() -> None:
    """No name becomes a link, an image, HTML, a mention, a reference, another row or another cell."""
    names = (*HOSTILE, *MARKUP)
    text = rendered(document(extra_names=names), snapshot(extra_names=names))
    tables = [line for line in text.split("\n") if line.startswith("|")]

    assert escaped(text) == []
    assert set(UNSEEN.findall(text)) == {"\n"}
    assert sum(block.type == "tr_open" for block in parsed(text)) == len(tables) - sum("|---" in row for row in tables)


@settings(max_examples=examples(120), deadline=None)
@given(anything())
def test_any_document(given_: Anything) -> None:
    """Whatever a document says, its report holds our own markup alone and is the same bytes each time."""
    made = render_markdown(given_.document, given_.snapshot)

    assert escaped(made.decode()) == []
    assert made == render_markdown(given_.document, given_.snapshot)


def test_keys_of_findings() -> None:
    """Each failing finding stands there with the key that `waive` and `history` take."""
    one = verdict("GRP001", about("group", 0, "HQ"), Outcome.FAIL, message="has one")

    assert f"| has one |  | `{one.key}` |" in section(rendered(document_of((one,))), "What fails")
