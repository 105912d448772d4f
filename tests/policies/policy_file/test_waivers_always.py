"""What holds of all waivers in every tenant: they touch failures alone, and their order says nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.evaluate import evaluate
from policies.evidence_file import pack, unpack
from policies.policy_file.model import Policy
from policies.policy_file.waivers import day_of
from policies.rules import RULES
from policies.vocabulary import Outcome
from tests.examples import examples
from tests.making import TENANT, evidence
from tests.policies.judging import as_bytes
from tests.policies.policy_file.waiving import lasting, waiver
from tests.policies.rules.tenants import some_tenant

if TYPE_CHECKING:
    from random import Random

    from inventory.snapshot import Snapshot
    from policies.policy_file.waivers import Waiver
    from policies.rule import Verdict

always = settings(deadline=None, derandomize=True, max_examples=examples(40))
LATE = ("POL001", "POL002")
IDS = ("id-PAR01", "id-par01", "c0", "c1", "id-Group 0", "id-Group 1", "id-Gus", "id-Ann", TENANT)


@st.composite
def some_waivers(draw: st.DrawFn) -> tuple[Waiver, ...]:
    """Draw a few waivers of every kind; many match something in the small tenants."""
    names: st.SearchStrategy[dict[str, object]] = st.one_of(
        st.builds(lambda name: {"name": name}, st.sampled_from(["*", "PAR*", "Group ?", "c*", "*0*"])),
        st.builds(lambda own: {"subject": own}, st.sampled_from(IDS)),
    )
    spans = st.builds(lasting, st.integers(-400, 3), st.integers(-3, 20))
    flaws: st.SearchStrategy[dict[str, object]] = st.sampled_from([{}, {}, {"reason": None}, {"tenant": IDS[0]}])
    rules = st.sampled_from([rule.id for rule in RULES])
    count = draw(st.integers(0, 6))
    return tuple(waiver(f"w{n}", draw(rules), **draw(names), **draw(spans), **draw(flaws)) for n in range(count))


def spoken(seen: Snapshot, waivers: tuple[Waiver, ...]) -> tuple[Verdict, ...]:
    """Return what all rules say of a tenant under waivers."""
    return evaluate(evidence(seen, policy=Policy(waivers=waivers)), RULES)


@always
@given(some_tenant(), some_waivers())
def test_a_waiver_touches_nothing_but_failures(seen: Snapshot, waivers: tuple[Waiver, ...]) -> None:
    """Under any waivers a verdict stays as it is, or was a failure, and tells the waiver in force that covers it."""
    before = [verdict for verdict in spoken(seen, ()) if verdict.rule not in LATE]
    after = [verdict for verdict in spoken(seen, waivers) if verdict.rule not in LATE]

    assert len(before) == len(after)
    for was, is_ in zip(before, after, strict=True):
        if is_.waiver is None:
            assert is_ == was
            continue
        assert (was.outcome, is_.outcome) == (Outcome.FAIL, Outcome.WAIVED)
        assert is_ == replace(was, outcome=Outcome.WAIVED, waiver=is_.waiver)
        assert is_.waiver in waivers
        assert is_.waiver.in_force(day_of(seen))
        assert is_.waiver.concerns(TENANT)


@always
@given(some_tenant(), some_waivers(), st.randoms(use_true_random=False))
def test_the_order_of_waivers_says_nothing(seen: Snapshot, waivers: tuple[Waiver, ...], random: Random) -> None:
    """However the waivers are listed, every verdict is the same."""
    shuffled = list(waivers)
    random.shuffle(shuffled)

    assert as_bytes(spoken(seen, waivers)) == as_bytes(spoken(seen, tuple(shuffled)))


@always
@given(some_tenant(), some_waivers())
def test_each_waiver_is_judged_once_by_each_rule(seen: Snapshot, waivers: tuple[Waiver, ...]) -> None:
    """Both rules about waivers speak about each waiver, or about the tenant where there is none."""
    said = [(verdict.rule, verdict.subject.id) for verdict in spoken(seen, waivers) if verdict.rule in LATE]
    subjects = [one.id for one in waivers] or [TENANT]

    assert said == [(rule_id, own) for rule_id in LATE for own in subjects]


@always
@given(some_tenant(), some_waivers())
def test_stored_evidence_is_waived_the_same(seen: Snapshot, waivers: tuple[Waiver, ...]) -> None:
    """Waivers lie in the stored evidence, and judged again it says the same."""
    judged = evidence(seen, policy=Policy(waivers=waivers))
    again = unpack(pack(judged), "evidence.json.gz")

    assert again == judged
    assert as_bytes(evaluate(again, RULES)) == as_bytes(evaluate(judged, RULES))
