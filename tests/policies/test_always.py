"""What holds of all rules in every tenant: an unread list proves nothing; order, repetition and names say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.evaluate import evaluate
from policies.evidence_file import pack, unpack
from policies.rules import RULES
from policies.vocabulary import Outcome
from tests.examples import examples
from tests.making import evidence, without
from tests.policies.judging import as_bytes, short
from tests.policies.rules.tenants import backwards, doubled, renamed, some_tenant, troubled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.snapshot import Snapshot
    from policies.rule import AnyRule, Verdict

always = settings(deadline=None, derandomize=True, max_examples=examples(30))


def spoken(seen: Snapshot, rules: Sequence[AnyRule] = RULES) -> dict[str, Verdict]:
    """Return what rules say of a tenant, by key."""
    return {verdict.key: verdict for verdict in evaluate(evidence(seen), rules)}


def moved(seen: Snapshot) -> bool:
    """Whether some connector stands in two groups' lists."""
    held = [member.id for entry in seen.contents for member in entry.members.records]
    return len(set(held)) < len(held)


def allowed(seen: Snapshot, name: str, before: Verdict, after: Verdict) -> bool:
    """Whether the rules' catalogue lets a verdict become another one when the section `name` is not read.

    - It stays what it is, or becomes `not_assessed`.
    - GRP001, the group's applications unread: a failure is high, whatever it was; and a default group that has enough
      active machines passes, serving or not.
    - A connector that was moved while lists were read shows as such only where both lists were read: without one of
      them its old group passes GRP001 (a single group that cannot be read must not cost the others their verdicts),
      and VER002 sees only what the other group carries.
    """
    was, is_ = short(before), short(after)
    if is_ in {was, "not_assessed"}:
        return True
    if before.rule == "GRP001" and name == f"connector_groups/{before.subject.id}/applications":
        default = any(group.id == before.subject.id and group.is_default for group in seen.groups.items)
        failing = before.outcome is Outcome.FAIL and is_ == "fail high"
        return failing or (default and (was, is_) == ("not_applicable", "pass"))
    if moved(seen) and name.endswith("/members"):
        return (before.rule, was, is_) == ("GRP001", "not_assessed", "pass") or (before.rule, is_) == (
            "VER002",
            "not_applicable",
        )
    return False


def overclaimed(seen: Snapshot, name: str, rules: Sequence[AnyRule] = RULES) -> list[str]:
    """Return what is claimed without a section that was read before and that nothing else proves.

    A verdict stays, or becomes `not_assessed`, or is missing because its rule says that it could not list everybody;
    what else is allowed stands at `allowed`.
    """
    before, after = spoken(seen, rules), spoken(without(seen, name), rules)
    cut_short = {verdict.rule for verdict in after.values() if verdict.speaks_for_rest}
    return [
        f"without {name}: {key} was {short(before[key]) if key in before else 'unknown'}, "
        f"is {short(after[key]) if key in after else 'forgotten'}"
        for key in sorted(before.keys() | after.keys())
        if not (
            before[key].rule in cut_short
            if key not in after
            else short(after[key]) == "not_assessed"
            if key not in before
            else allowed(seen, name, before[key], after[key])
        )
    ]


@always
@given(some_tenant(), st.data())
def test_an_unread_section_proves_nothing(seen: Snapshot, data: st.DataObject) -> None:
    """Whichever section was not read, no verdict turns into a pass and no failure is invented or forgotten."""
    name = data.draw(st.sampled_from([section.name for section in seen.sections]))

    assert overclaimed(seen, name) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_section_of_the_troubled_tenant_can_be_done_without(rule: AnyRule) -> None:
    """Where much is wrong as well, a section that was not read proves nothing: each in turn, for each rule."""
    seen = troubled()

    assert [claim for section in seen.sections for claim in overclaimed(seen, section.name, [rule])] == []


@always
@given(some_tenant())
def test_order_and_repetition_say_nothing(seen: Snapshot) -> None:
    """Lists may come in any order and repeat themselves: the verdicts are the same bytes."""
    said = {as_bytes(evaluate(evidence(change(seen)), RULES)) for change in (lambda s: s, backwards, doubled)}

    assert len(said) == 1


@always
@given(some_tenant())
def test_names_say_nothing(seen: Snapshot) -> None:
    """After everything was renamed the same verdicts stand under the same keys, with the same evidence."""
    before, after = spoken(seen), spoken(renamed(seen))

    assert [(key, short(said), said.evidence) for key, said in after.items()] == [
        (key, short(said), said.evidence) for key, said in before.items()
    ]


@always
@given(some_tenant())
def test_stored_evidence_says_the_same(seen: Snapshot) -> None:
    """Evidence that was stored and read again is the same bytes and gives the same verdicts."""
    judged = evidence(seen)
    again = unpack(pack(judged), "evidence.json.gz")

    assert pack(again) == pack(judged)
    assert as_bytes(evaluate(again, RULES)) == as_bytes(evaluate(judged, RULES))
