"""Every rule can fail, and describes each fact that its verdicts hold and none that they never hold."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from inventory.updates.configuration import UpdaterConfiguration, UpdateWindow
from policies.evaluate import evaluate
from policies.rules import RULES
from policies.vocabulary import Outcome
from tests.e2e.expected import CONTOSO
from tests.examples import examples
from tests.inventory.test_odd_records import odd, partly
from tests.making import application, connector, evidence, group, holds, snapshot, unread
from tests.people import grant, group_grant, other, path_group, registered, user
from tests.policies.policy_file.waiving import entry, lasting
from tests.policies.registration.directory import ADMIN, CUSTOM, team, tenant
from tests.policies.rules.tenants import some_tenant, troubled
from tests.policies.snapshots import evidence_of, on, seen_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inventory.audit.models import AuditEvent
    from inventory.models import Principal
    from inventory.snapshot import Snapshot
    from policies.evidence import Evidence
    from policies.rule import AnyRule, Verdict

ALL_ON = {rule.id: {"enabled": True} for rule in RULES}
UNREAD_LIST = {"section"}
"""What a verdict of any rule holds where a list was not read."""
ANN, BOB, EVE, ADMINS = user("Ann"), user("Bob"), user("Eve"), other("Admins", kind="group")
CROWD = team("Crowd", assignable=False)
PARIS, PAR01, PAR02 = group("Paris"), connector("PAR01"), connector("PAR02")
NAMED = {"expected_registrars": ["ann@contoso.example"]}
FEW = NAMED | {"max_registrars": 1}
WAIVERS = [
    entry("void", "CON001", reason=None),
    entry("ending", "CON001", subject="id-PAR02", **lasting(-10, 3)),
    entry("ended", "GRP004", subject="id-Forgotten", **lasting(-10, -1)),
    entry("idle", "CON001", subject="nothing"),
]
STATED = {
    "waivers": WAIVERS,
    "rules": ALL_ON,
    "capacity_figures": "table-2023",
    "min_registrars": 100,
    "max_registrars": 1,
    "break_glass": ["nobody@contoso.example"],
    "groups": {
        "Paris": {"capacity": {"cores": 4, "memory_gb": 16, "requests_per_second": 9000}},
        "Atlantis": {"purpose": "parking"},
        "Forgotten": {"purpose": "parking", "capacity": {"cores": 4, "memory_gb": 16, "requests_per_second": 900}},
    },
}


def situations() -> Iterator[Evidence]:
    """Return tenants in which, together, every rule has everything to say that it can say."""
    yield evidence(troubled(), policy={"rules": ALL_ON})
    yield evidence(troubled(), policy=STATED)
    apart = holds(
        PAR01, connector("PAR02", ip="203.0.113.9"), connector("NEW", version="9.0.0.0"), apps=[application()]
    )
    yield evidence(snapshot({PARIS: apart}))
    yield evidence(snapshot({PARIS: holds(members=partly(unreadable=(odd("x"),)), apps=[application()])}))
    window = UpdateWindow(update_window_start_time="02:00", update_window_end_time="04:00")
    deferring = UpdaterConfiguration(defer_update_date_time="2027-01-01T00:00:00Z", update_window=window)
    yield evidence(snapshot({PARIS: holds(connector(version="1.5.3417.0"))}).model_copy(update={"updater": deferring}))
    old, new = snapshot({PARIS: holds(PAR01)}), connector("PAR01", key="new")
    for somebody in (ANN, EVE):
        audit = _audit(somebody)
        yield evidence_of(seen_on(old, snapshot({PARIS: holds(new)}, audit=audit, principals=[ANN])), NAMED)
    yield evidence_of(seen_on(snapshot({PARIS: holds(PAR01, PAR02)}), snapshot({PARIS: holds(PAR01)}, audit=unread())))
    eligible = tenant(ANN, BOB, eligible=[grant(one, ADMIN, None) for one in (ANN, BOB)])
    moved = seen_on(eligible, tenant(ANN, EVE, active=[grant(one, CUSTOM) for one in (ANN, EVE)]))
    yield evidence_of(moved, FEW)
    yield evidence_of(moved)
    fed = path_group(ADMINS, owners=[ANN], eligibilities=[group_grant(CROWD, ADMINS, kind=None)])
    yield evidence(tenant(ANN, ADMINS, CROWD, active=[grant(ADMINS, ADMIN)], groups=[fed, path_group(CROWD)]))


def _audit(somebody: Principal) -> list[AuditEvent]:
    return [registered(on(0.5), ("new", None), by=somebody, key="a"), registered(on(0.4), ("x", "X"), by=EVE, key="b")]


@cache
def all_verdicts() -> tuple[Verdict, ...]:
    """Return the verdicts of all rules on all these situations."""
    return tuple(verdict for judged in situations() for verdict in evaluate(judged, RULES))


def keys_of(spoken: Iterable[Verdict]) -> dict[str, set[str]]:
    """Return the names of the facts that verdicts hold, by rule."""
    keys: dict[str, set[str]] = defaultdict(set)
    for verdict in spoken:
        keys[verdict.rule] |= verdict.evidence.keys() | verdict.volatile.keys()
    return keys


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_fails_somewhere(rule: AnyRule) -> None:
    """A rule fails in one of these situations, or for a subject of the simulated Contoso."""
    here = any(verdict.rule == rule.id and verdict.outcome is Outcome.FAIL for verdict in all_verdicts())

    assert here or "fail" in {outcome for outcome, _ in CONTOSO.get(rule.id, {}).values()}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_fact_is_described(rule: AnyRule) -> None:
    """A rule gives no fact that it does not describe, and describes none that it never gives."""
    assert keys_of(all_verdicts())[rule.id] - UNREAD_LIST == set(rule.evidence)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_descriptions_are_short(rule: AnyRule) -> None:
    """A fact is described in a few words, not in a sentence; every rule gives at least one fact."""
    assert rule.evidence
    for meaning in rule.evidence.values():
        assert 8 < len(meaning) < 100
        assert not meaning.endswith(".")
        assert not set(meaning) & set("<>`*|")


@settings(deadline=None, derandomize=True, max_examples=examples(30))
@given(some_tenant())
def test_every_fact_of_any_tenant_is_described(seen: Snapshot) -> None:
    """Whatever the tenant, no verdict holds a fact that its rule does not describe."""
    described = {rule.id: set(rule.evidence) | UNREAD_LIST for rule in RULES}

    assert [key for key, keys in keys_of(evaluate(evidence(seen), RULES)).items() if keys - described[key]] == []
