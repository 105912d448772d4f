"""The worked example of docs/adding-a-rule.md is a rule that works, with a test that passes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policies.evaluate import evaluate
from policies.rules import RULE_IDS, group_use
from tests.paths import ROOT
from tests.policies.judging import short
from tests.policies.snapshots import evidence_of, seen_on

if TYPE_CHECKING:
    from tests.policies.rules.cases import Outcomes, Scans

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/adding-a-rule.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_worked_example_passes_its_own_table() -> None:
    """The example's rule, within the module it is written for, gives the verdicts that the example's test expects."""
    module, test = dict(vars(group_use)), dict[str, object]()
    exec(BLOCKS[0], module)  # noqa: S102 - our own document
    exec(BLOCKS[1], test)  # noqa: S102 - our own document
    (rule,) = (value for name, value in module.items() if re.fullmatch(r"[A-Z]{3}\d{3}", name) and name not in RULE_IDS)
    (table,) = test["test_the_name_of_another_group"].pytestmark  # type: ignore[attr-defined]
    rows: list[tuple[Scans, Outcomes]] = list(table.args[1])

    assert len(rows) == len(table.kwargs["ids"]) > 1
    for scans, expected in rows:
        judged = evaluate(evidence_of(seen_on(*scans)), [rule])
        assert {verdict.subject.id: short(verdict) for verdict in judged} == expected
