"""GRP001 in groups that carry Private Access: only connectors that can carry it count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making import PRIVATE_ACCESS_FLOOR, application, connector, evidence, group, holds, snapshot, tagged, unread
from tests.policies.judging import said, verdicts

if TYPE_CHECKING:
    from inventory.models import Application, Connector

PARIS = group("Paris")
OLD = connector("PAR01", version="1.5.3416.0")
UNKNOWN = connector("PAR02", version=None)
ONE, TWO = connector("PAR03", version=PRIVATE_ACCESS_FLOOR), connector("PAR04")
PRIVATE, WEB = application("Ledger", kind="nonwebapp"), application("Expenses")
IDLE = connector("PAR05", status="inactive")


@pytest.mark.parametrize(
    ("connectors", "apps", "expected"),
    [
        ([OLD], [PRIVATE], "fail critical"),
        ([OLD, IDLE], [PRIVATE, WEB], "fail critical"),
        ([OLD, ONE], [PRIVATE], "fail high"),
        ([OLD, ONE, TWO], [PRIVATE], "pass"),
        ([ONE, UNKNOWN], [PRIVATE], "not_assessed"),
        ([UNKNOWN], [PRIVATE], "fail high"),
        ([OLD], [WEB], "fail high"),
        ([OLD, UNKNOWN], [WEB], "pass"),
    ],
)
def test_who_counts(connectors: list[Connector], apps: list[Application], expected: str) -> None:
    """A connector that is surely too old counts for nothing, one of unknown version never makes a pass."""
    seen = snapshot({PARIS: holds(*connectors, apps=apps)})

    assert said("GRP001", seen) == {PARIS.id: expected}


@pytest.mark.parametrize(
    ("connectors", "expected"),
    [([OLD, ONE], "not_assessed"), ([OLD, UNKNOWN], "not_assessed"), ([ONE, TWO], "pass"), ([OLD, ONE, TWO], "pass")],
)
def test_where_what_is_carried_was_not_read(connectors: list[Connector], expected: str) -> None:
    """Connectors that may be too old for what a group may carry make no pass."""
    seen = snapshot({PARIS: holds(*connectors, apps=unread())})

    assert said("GRP001", seen) == {PARIS.id: expected}


def test_a_service_principal_says_it() -> None:
    """An application that only its service principal's tag marks as Private Access is one."""
    seen = snapshot({PARIS: holds(OLD, apps=[WEB])}, private_access=[tagged(WEB)])

    assert said("GRP001", seen) == {PARIS.id: "fail critical"}


def test_words() -> None:
    """The message names the applications that nobody reaches, three of them, and how many more."""
    many = [application(name, kind="nonwebapp") for name in ("Echo", "Delta", "Alpha", "Charlie", "Bravo")]
    verdict = verdicts("GRP001", evidence(snapshot({PARIS: holds(OLD, apps=[*many, WEB])})))[PARIS.id]

    assert verdict.message == (
        "no active connector can carry Private Access, so Alpha, Bravo, Charlie and 2 more cannot be reached"
    )
    assert verdict.evidence["too_old"] == 1
