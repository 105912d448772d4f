"""Every rule's verdicts on the bundled tenants, over real HTTP, against tables made by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectorwatch.scanning.scan import scan_exit_code
from policies.rules import RULES
from policies.vocabulary import Severity
from simulator import Fault, FaultKind, Simulator
from tests.e2e.expected import CLEAN, CONTOSO, CONTOSO_ROLES, REGISTRARS, TENANTS, Registrar, Table
from tests.e2e.expected import Path as Way
from tests.e2e.expected_more import DENIALS, NAMED_CLEAN, NAMED_CONTOSO, Denial
from tests.e2e.running import environment, keys, scan_tenant, scan_with, table_of, tenant_file, variant

if TYPE_CHECKING:
    from findings.document import FindingsDocument, RegistrarEntry

    Scanned = dict[str, FindingsDocument | BaseException]

NAMED = Path(__file__).with_name("named.yaml")
REASONS = {
    "external": "the account's home is another tenant",
    "disabled": "the account is disabled",
    "scope": "the role is assigned at a narrower scope",
    "person": "is no person",
    "group": "a group registers nothing itself",
    "gone": "the directory did not say who this is",
    "kind": "of a kind that is not known here",
}
"""What the reasons of the table are worded like."""


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """Scan all tenants, and Contoso with each denial, side by side: some of them wait for a Graph that fails."""
    folder = tmp_path_factory.mktemp("scanned")

    async def denied(name: str, denial: Denial) -> FindingsDocument:
        """Scan Contoso with one denial."""
        faults = [Fault(path=path, kind=FaultKind.DENIED) for path in denial.refused]
        async with Simulator(tenant_file("contoso"), permissions=denial.granted, faults=faults) as simulator:
            return (await scan_with(environment(simulator), folder / name)).document

    async def all_of_them() -> list[FindingsDocument | BaseException]:
        """Scan them all at once."""
        tenants = [scan_tenant(tenant_file(name), folder / name) for name in TENANTS]
        denials = [denied(f"denial-{name}", denial) for name, denial in DENIALS.items()]
        return await asyncio.gather(*tenants, *denials, return_exceptions=True)

    names = (*TENANTS, *(f"denial-{name}" for name in DENIALS))
    return dict(zip(names, asyncio.run(all_of_them()), strict=True))


def result_of(found: FindingsDocument | BaseException) -> FindingsDocument:
    """Return what a scan found, or raise what stopped it."""
    if isinstance(found, BaseException):
        raise found
    return found


@pytest.mark.parametrize("name", TENANTS)
def test_a_bundled_tenant_gets_the_verdicts_worked_out_by_hand(name: str, scanned: Scanned) -> None:
    """Every rule says of every subject what the rules' catalogue makes it say, and the exit code follows."""
    table, code = TENANTS[name]
    document = result_of(scanned[name])
    assert table_of(document, tenant_file(name)) == table
    assert scan_exit_code(document, Severity.LOW) == code


@pytest.mark.parametrize("name", TENANTS)
def test_every_fact_is_described(name: str, scanned: Scanned) -> None:
    """No verdict on a bundled tenant holds a fact that its rule does not describe."""
    described = {rule.id: {*rule.evidence, "section"} for rule in RULES}
    verdicts = result_of(scanned[name]).verdicts
    assert [verdict.key for verdict in verdicts if verdict.evidence.keys() - described[verdict.rule]] == []


def test_failures_tell_their_own_steps(scanned: Scanned) -> None:
    """In findings.json a failure's steps name its machine and group, and its remediation is that of all the rule's."""
    document = result_of(scanned["contoso"])
    found = {verdict.subject.name: verdict for verdict in document.verdicts if verdict.rule == "CON001"}
    steps = found["FRA-PNC02"].steps
    assert steps[0].startswith("On FRA-PNC02, ")
    assert "the group Frankfurt" in steps[3]
    assert len({verdict.remediation for verdict in found.values()}) == 1


@pytest.mark.parametrize("name", TENANTS)
def test_the_table_of_a_tenant_speaks_about_every_rule(name: str) -> None:
    """No rule that is on by itself can be added without somebody working out what it should say."""
    assert TENANTS[name][0].keys() == {rule.id for rule in RULES if rule.enabled}


def test_contosos_registrars_are_those_worked_out_by_hand(scanned: Scanned) -> None:
    """Everybody with a way to a granting role is listed, with all paths, and with the reason why not."""
    names = keys(tenant_file("contoso"))
    found = {names[entry.principal.id]: _row(entry, names) for entry in result_of(scanned["contoso"]).registrars}
    assert found == REGISTRARS


def _row(entry: RegistrarEntry, names: dict[str, str]) -> Registrar:
    paths = [
        Way(names[path.role_id], path.kind, tuple((names[step.group], step.membership) for step in path.via))
        for path in entry.paths
    ]
    reason = next((key for key, words in REASONS.items() if words in (entry.why_not or "")), entry.why_not)
    return Registrar(entry.can_register, reason, tuple(sorted(paths)))


@pytest.mark.parametrize(
    "behaviour",
    [
        "settings: {page_size: 1, seed: 7}",
        "settings: {unmanaged_group: not_found, delegated: true}",
        "faults: [{path: /$batch, kind: html}]",
    ],
    ids=["pages of one", "groups that PIM does not know", "no batches"],
)
async def test_how_graph_behaves_changes_no_verdict(behaviour: str, tmp_path: Path) -> None:
    """Small pages, the two ways to say that there is nothing, and a Graph without batches tell the same."""
    tenant = variant(tmp_path, behaviour)
    assert table_of(await scan_tenant(tenant, tmp_path), tenant) == CONTOSO


@pytest.mark.parametrize("name", DENIALS)
def test_role_data_refused_piece_by_piece(name: str, scanned: Scanned) -> None:
    """Whatever is refused, the rules about registrars say what is still proven and what is not known."""
    table = table_of(result_of(scanned[f"denial-{name}"]), tenant_file("contoso"))
    assert {rule: table[rule] for rule in CONTOSO_ROLES} == CONTOSO_ROLES | DENIALS[name].table


@pytest.mark.parametrize("denial", DENIALS.values(), ids=DENIALS.keys())
def test_what_is_refused_makes_nothing_pass(denial: Denial) -> None:
    """In the tables above no subject passes that did not pass when all could be read."""
    gained = [
        (rule, subject)
        for rule, subjects in denial.table.items()
        for subject, (outcome, _) in subjects.items()
        if outcome == "pass" and CONTOSO_ROLES[rule].get(subject, ("", None))[0] != "pass"
    ]
    assert gained == []


@pytest.mark.parametrize(("name", "table"), [("contoso", CONTOSO | NAMED_CONTOSO), ("clean", CLEAN | NAMED_CLEAN)])
async def test_a_policy_that_names_people_turns_the_rules_about_them(name: str, table: Table, tmp_path: Path) -> None:
    """Expected and emergency accounts, approved roles and typing errors in them give other verdicts."""
    tenant = tenant_file(name)
    document = await scan_tenant(tenant, tmp_path, policy=NAMED)
    assert table_of(document, tenant) == table


async def test_nothing_fails_in_a_clean_tenant_under_a_policy_that_says_nothing(tmp_path: Path) -> None:
    """The exit code is 0, since all was assessed and nothing failed."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\n", encoding="utf-8")
    document = await scan_tenant(tenant_file("clean"), tmp_path / "out", policy=policy)
    assert scan_exit_code(document, Severity.INFO) == 0
