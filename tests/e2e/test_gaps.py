"""A scan that could not read everything: it completes, and says first what nobody could assess, why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from findings.reports.json_file import parse_json
from simulator import Fault, FaultKind, Simulator
from simulator.errors import Shape
from tests.e2e.commands import Ran, Slow, end, run, scan
from tests.e2e.running import environment, tenant_file

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = tenant_file("clean")
CONNECTORS = "/onPremisesPublishingProfiles/applicationProxy/connectors"
DEFINITIONS = "/roleManagement/directory/roleDefinitions"
ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances"


class Gap(NamedTuple):
    """What goes wrong, which section is then unread and how, and what has to be said of it."""

    fault: Fault
    section: str
    status: str
    says: tuple[str, ...]


def refused(path: str, shape: Shape) -> Fault:
    """Return a refusal in one of Graph's shapes."""
    return Fault(path=path, kind=FaultKind.DENIED, shape=shape)


GAPS = {
    "connectors denied": Gap(
        refused(CONNECTORS, Shape.DIRECTORY_ROLE),
        "connectors",
        "denied",
        ("microsoft.directory/connectors/allProperties/read", "or Global Reader: `connectorwatch grant`"),
    ),
    "roles denied": Gap(
        refused(DEFINITIONS, Shape.SCOPE),
        "role_definitions",
        "denied",
        ("RoleManagement.Read.Directory", "Graph refuses although the token holds"),
    ),
    "eligibilities denied": Gap(
        refused(ELIGIBLE, Shape.PIM),
        "role_eligibilities",
        "denied",
        ("RoleEligibilitySchedule.Read.Directory", "Graph refuses although the token holds"),
    ),
    "audit log denied": Gap(
        refused("/auditLogs/directoryAudits", Shape.SCOPE),
        "audit",
        "denied",
        ("AuditLog.Read.All", "Graph refuses although the token holds"),
    ),
    "connectors as a web page": Gap(
        Fault(path=CONNECTORS, kind=FaultKind.HTML), "connectors", "failed", ("is not JSON", "check the proxy")
    ),
    "groups cut in the middle": Gap(
        Fault(path=CONNECTORS.removesuffix("s") + "Groups", kind=FaultKind.CUT_JSON),
        "connector_groups",
        "failed",
        ("malformed", "Scan again"),
    ),
}


def check(ran: Ran, out: Path, gap: Gap) -> None:
    """Make sure that a scan completed, with one gap that is told at the top of everything that people read."""
    assert ran.code == 4
    latest = out / CLEAN.tenant.id / "latest"
    document = parse_json((latest / "findings.json").read_bytes())
    (section,) = [section for section in document.sections if section.name == gap.section]
    assert (section.status, document.scan.complete) == (gap.status, False)
    page = (latest / "report.html").read_text("utf-8")
    words, top = " ".join(ran.stdout.split()), page.partition("<table")[0]
    for shown, end_of_top in ((words, "Group "), (top, "</html>")):
        beginning = shown.partition(end_of_top)[0]
        assert "Not everything could be assessed" in beginning
        assert [said for said in gap.says if said not in beginning] == []


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS.keys())
def test_one_section_that_cannot_be_read_is_a_gap_and_no_more(gap: Gap, policy: Path, tmp_path: Path) -> None:
    """The exit code is 4, and terminal and report begin with what is missing, why, and what would help."""
    with Simulator(CLEAN, faults=[gap.fault]).in_thread() as simulator:
        ran = run(*scan(tmp_path, policy), settings=environment(simulator))
    check(ran, tmp_path, gap)


@pytest.mark.slow
def test_one_section_that_fails_is_a_gap_and_no_more(slow: dict[str, Slow]) -> None:
    """After some tries the scan goes on without it."""
    process, out = slow["failing"]
    check(end(process), out, Gap(Fault(path="", kind=FaultKind.HTML), "connectors", "failed", ("500", "Scan again")))


def test_a_failing_finding_goes_before_a_gap(policy: Path, tmp_path: Path) -> None:
    """The exit code is 3 when something fails and something else could not be read."""
    with Simulator(tenant_file("connectors-denied")).in_thread() as simulator:
        assert run(*scan(tmp_path, policy), settings=environment(simulator)).code == 3
