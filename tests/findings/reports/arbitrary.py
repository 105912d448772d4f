"""Documents of any shape and with any text in them, for properties that hold of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, get_args

from hypothesis import strategies as st

from common.errors import SectionStatus
from findings.document import (
    ChangeEntry,
    FindingsDocument,
    GoneEntry,
    Lifecycle,
    MovedFact,
    SectionInfo,
    VerdictEntry,
    WaiverInfo,
)
from findings.result_parts import ControlInfo, RuleInfo, TrendPoint
from policies.vocabulary import Outcome, Remediation, Severity, Subject, SubjectType
from tests.findings.reports.sample import HOSTILE, document_of, scan_summary
from tests.findings.reports.sample_registrars import path, registrar
from tests.findings.reports.sample_snapshot import snapshot

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from inventory.snapshot import Snapshot

MARKUP = (
    "@security-team see #1, GH-2 and !3",
    "![x](https://evil.example/x.png)",
    "[click](javascript:alert(1)) [a]: https://evil.example",
    "www.evil.example https://evil.example mail@evil.example evil.example",
    "a|b\\|c\\\\|d",
    "`code` ``` `` ` ",
    "* _ ** __ ~~gone~~ $x$ :smile: &lt; &#64;x <!-- --> <b>",
    "# heading",
    "1. list",
    "- list",
    "> quote",
    "    code",
    "0123456789abcdef0123456789abcdef01234567",
    "../../etc/passwd",
    "..",
    " ",
    "]( {0} {{1}} %s",
    "\ud7ff\uffff\x7f",
)
"""Names that try to be markup, mentions, references, links, placeholders or paths."""

texts: SearchStrategy[str] = st.one_of(
    st.text(max_size=30), st.sampled_from(HOSTILE + MARKUP), st.text(alphabet="`|\\ a@#[]()<>*_!:.\n1-", max_size=20)
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made UTC beside it
days = st.dates(date(2024, 1, 1), date(2030, 1, 1))
rule_ids = st.sampled_from(("VER001", "REG003", "REG010", "GRP001", "POL003"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
subjects = st.builds(Subject, type=st.sampled_from(get_args(SubjectType)), id=texts, name=texts)
lives = st.builds(
    Lifecycle,
    state=st.sampled_from(("open", "resolved")),
    change=st.sampled_from((None, "new", "changed", "reopened", "resolved")),
    first_seen=moments,
    last_seen=moments,
    resolved_at=st.none() | moments,
    resolved_by=st.sampled_from((None, "fixed", "subject_gone", "something later")),
    assessed_at=moments,
    stale=st.booleans(),
    moved=st.lists(st.builds(MovedFact, what=texts, before=values, after=values), max_size=2).map(tuple),
    cause=st.sampled_from((None, "policy")),
)
waivers = st.builds(
    WaiverInfo, id=texts, from_=st.none() | days, until=st.none() | days, reason=texts, owner=texts, ticket=texts
)
remedies = st.builds(
    Remediation,
    summary=texts,
    steps=st.lists(texts, max_size=2).map(tuple),
    links=st.lists(texts | st.just("https://learn.microsoft.com/entra"), max_size=2).map(tuple),
)
verdicts = st.builds(
    VerdictEntry,
    key=texts,
    rule=rule_ids,
    title=texts,
    outcome=st.sampled_from(Outcome),
    severity=st.sampled_from(Severity),
    subject=subjects,
    message=texts,
    evidence=st.dictionaries(
        # The name of a section is text in all evidence of ours.
        texts.filter(lambda key: key != "section") | st.sampled_from(("groups", "owns")),
        values,
        max_size=3,
    ),
    remediation=remedies,
    lifecycle=st.none() | lives,
    waiver=st.none() | waivers,
)
gone = st.builds(
    GoneEntry,
    key=texts,
    rule=rule_ids,
    title=texts,
    remedy=texts,
    severity=st.sampled_from(Severity),
    subject=subjects,
    message=texts,
    lifecycle=lives,
)
sections = st.builds(
    SectionInfo,
    name=texts | st.sampled_from(("connectors", "role_assignments", "groups/1/members")),
    status=st.sampled_from(get_args(SectionStatus)),
    count=st.none() | st.integers(0, 9),
    code=st.none() | texts,
    reason=st.none() | texts,
    permission=st.none() | texts,
    advice=st.none() | texts,
)
controls = st.builds(
    ControlInfo, framework=st.sampled_from(("NIST SP 800-53", "MITRE ATT&CK", "CIS Controls")), id=texts, name=texts
)
rules = st.builds(
    RuleInfo,
    id=rule_ids,
    title=texts,
    why=texts,
    severity=st.sampled_from(Severity),
    controls=st.lists(controls, max_size=2).map(tuple),
)
changes = st.builds(
    ChangeEntry,
    at=moments,
    kind=st.sampled_from(("new", "gone", "back", "updated", "moved", "renamed")),
    subject=subjects,
    before=st.none() | texts,
    after=st.none() | texts,
)
points = st.builds(
    TrendPoint,
    scan=texts | st.just(scan_summary().id),
    at=moments,
    complete=st.booleans(),
    outcomes=st.just({}),
    failing=st.just({}),
)


@dataclass(frozen=True)
class Anything:
    """A document and what was seen; the names in it come from everywhere."""

    document: FindingsDocument
    snapshot: Snapshot


@st.composite
def anything(draw: DrawFn) -> Anything:
    """Draw a document with any verdicts, lives, waivers, gaps, changes, rules and people, and a snapshot."""
    names = tuple(draw(st.lists(texts, max_size=3)))
    people = tuple(
        registrar(
            number, name, can=draw(st.sampled_from((True, False, None))), paths=(path("eligible", (name, "active")),)
        )
        for number, name in enumerate(names)
    )
    told = draw(st.lists(verdicts, max_size=5, unique_by=lambda entry: entry.key))
    document = document_of(
        tuple(told),
        sections=tuple(draw(st.lists(sections, max_size=3))),
        scan=scan_summary(complete=draw(st.booleans()), first=draw(st.booleans()), superseded=draw(st.booleans())),
        gone=tuple(draw(st.lists(gone, max_size=2))),
        people=people,
    )
    more: dict[str, object] = {
        "policy": document.policy.model_copy(update={"passes": draw(st.sampled_from(("count", "all")))}),
        "changes": tuple(draw(st.lists(changes, max_size=2))),
        "rules": tuple(draw(st.lists(rules, max_size=2, unique_by=lambda rule: rule.id))),
        "trend": tuple(draw(st.lists(points, max_size=2))),
        "registrars_unresolved": draw(st.none() | texts),
    }
    return Anything(document.model_copy(update=more), snapshot(extra_names=names))
