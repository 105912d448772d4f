"""CON001: is each connector active, and is one that is not merely a leftover?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making import TENANT, UNREAD, connector, evidence, snapshot, without
from tests.policies.judging import said, verdicts

if TYPE_CHECKING:
    from common.errors import SectionStatus
    from inventory.models import Connector

HERE, THERE = "203.0.113.1", "198.51.100.1"
FULL = "par01.contoso.example"
MEDIUM, LOW = "fail medium", "fail low"


def off(name: str | None, ip: str | None = HERE, status: str = "inactive") -> Connector:
    """Return the connector that is judged."""
    return connector(name, key="off", ip=ip, status=status)


def twin(name: str | None, ip: str | None = HERE, status: str = "active") -> Connector:
    """Return another connector."""
    return connector(name, key="twin", ip=ip, status=status)


@pytest.mark.parametrize(
    ("connectors", "expected"),
    [
        pytest.param([off("PAR01", status="active")], "pass", id="active"),
        pytest.param([off("PAR01", status="Active")], "pass", id="active, in Graph's other spelling"),
        pytest.param([off("PAR01")], MEDIUM, id="inactive"),
        pytest.param([off("PAR01", status="quarantined")], MEDIUM, id="a status nobody knows"),
        pytest.param([off("PAR01", status="")], MEDIUM, id="an empty status"),
        pytest.param([off(FULL), twin(FULL, THERE)], LOW, id="leftover by full name"),
        pytest.param([off(FULL), twin(FULL.upper(), None)], LOW, id="leftover by full name in another case"),
        pytest.param([off("PAR01"), twin("par01")], LOW, id="leftover by short name and address"),
        pytest.param([off("PAR01"), twin("PAR01", THERE)], MEDIUM, id="the same short name at another site"),
        pytest.param([off("PAR01"), twin("PAR01", None)], MEDIUM, id="the same short name, address unknown"),
        pytest.param([off(FULL), twin(FULL, status="inactive")], MEDIUM, id="the other is inactive too"),
        pytest.param([off("PAR01"), twin("PAR02")], MEDIUM, id="another machine"),
        pytest.param([off(None), twin(None)], MEDIUM, id="no names"),
        pytest.param([off(""), twin(" ")], MEDIUM, id="empty names"),
    ],
)
def test_each_situation(connectors: list[Connector], expected: str) -> None:
    """An inactive connector fails, mildly where the same machine has another, active one."""
    assert said("CON001", snapshot(connectors=connectors))["off"] == expected


def test_evidence_of_a_leftover() -> None:
    """The evidence names the active connector by id, the same one in whatever order they come."""
    names = [connector("PAR01", key=key) for key in ("b", "a", "c")]
    found = [
        verdicts("CON001", evidence(snapshot(connectors=[off("PAR01", "203.0.113.7"), *order])))["off"].evidence
        for order in (names, names[::-1])
    ]

    assert found == [{"status": "inactive", "active_twin": "a"}] * 2


def test_a_connector_listed_twice_is_judged_once() -> None:
    """A list that repeats a record makes no second subject."""
    assert said("CON001", snapshot(connectors=[off("PAR01"), off("PAR01")])) == {"off": MEDIUM}


@pytest.mark.parametrize("status", UNREAD)
def test_connectors_unread(status: SectionStatus) -> None:
    """Without the list of connectors the rule says so of the tenant, whatever the reason was."""
    assert said("CON001", without(snapshot(), "connectors", status)) == {TENANT: "not_assessed"}


def test_no_connectors() -> None:
    """A tenant without connectors has nothing to judge."""
    assert said("CON001", snapshot()) == {TENANT: "not_applicable"}
