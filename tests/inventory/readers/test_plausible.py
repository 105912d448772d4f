"""A Graph that answers every list empty is no tenant without anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from inventory.answer import Answer
from inventory.collect import collect
from inventory.readers.plausible import IMPLAUSIBLE, default_group, one_organization, some_holder
from policies.evaluate import evaluate
from policies.rules import RULES
from policies.vocabulary import Outcome
from tests.inventory.networks import client, in_virtual_time
from tests.inventory.wires import MOMENT
from tests.making import CONTOSO, connector, evidence, group, listed, unread
from tests.people import grant, role, user

if TYPE_CHECKING:
    from inventory.transport_port import Outgoing

CONNECTOR = {"id": "c-1", "machineName": "PAR01", "status": "active", "version": "1.5.4522.0"}


class Nothing:
    """A Graph that answers every list empty but the connectors', also in batches."""

    async def send(self, outgoing: Outgoing) -> Answer:
        """Answer."""
        body: dict[str, object] = {"value": [CONNECTOR] if outgoing.url.endswith("/connectors") else []}
        document = body
        if outgoing.url.endswith("/$batch"):
            ids = [request["id"] for request in json.loads(outgoing.body or b"{}")["requests"]]
            document = {"responses": [{"id": each, "status": 200, "body": {"value": []}} for each in ids]}
        return Answer(200, {"content-type": "application/json"}, json.dumps(document).encode())


@in_virtual_time
async def test_every_list_empty_passes_nothing_about_people_and_groups() -> None:
    """A proxy that answers each list with nothing makes lists unread that no tenant can have, and nothing resolves."""
    seen = await collect(client(Nothing()), "tenant", lambda: MOMENT)
    codes = {section.name for section in seen.sections if section.code == IMPLAUSIBLE}

    assert codes == {"organization", "role_assignments", "role_eligibilities", "principals", "connector_groups"}
    assert not seen.complete
    passes = {verdict.rule for verdict in evaluate(evidence(seen), RULES) if verdict.outcome is Outcome.PASS}
    assert not {rule for rule in passes if rule.startswith(("REG", "GRP"))}


@pytest.mark.parametrize("count", [0, 2])
def test_a_tenant_is_one_organization(count: int) -> None:
    """None and two are implausible; what came is kept, so that another tenant's id is still found out."""
    section = one_organization(listed("organization", [CONTOSO] * count))
    assert (section.status, section.code, len(section.records)) == ("failed", IMPLAUSIBLE, count)


def test_plausible_lists_stay() -> None:
    """One organization, a holder of either kind, and a default group, or nothing at all that could be in one."""
    one = listed("organization", [CONTOSO])
    assert one_organization(one) is one
    none, held = listed("role_assignments", []), listed("role_eligibilities", [grant(user("Ada"), role())])
    assert some_holder(none, held) == (none, held)
    assert some_holder(held, none) == (held, none)
    groups = listed("connector_groups", [group(default=True)])
    assert default_group(groups, (), listed("connectors", [connector()])) is groups
    nothing = listed("connector_groups", [])
    assert default_group(nothing, (), listed("connectors", [])) is nothing


@pytest.mark.parametrize("status", ["denied", "throttled", "failed"])
def test_an_unread_list_keeps_its_own_reason(status: str) -> None:
    """What was not read for another reason stays as it is, and makes no other list implausible."""
    missing = unread("x", status)  # type: ignore[arg-type]
    empty = listed("role_assignments", [])
    assert one_organization(missing) is missing
    assert default_group(missing, (group(),), listed("connectors", [])) is missing
    assert some_holder(empty, missing) == (empty, missing)


def test_without_a_licence_a_holder_is_active() -> None:
    """Where eligibilities cannot exist, an empty list of active holders alone is implausible."""
    assignments, eligibilities = some_holder(
        listed("role_assignments", []), unread("role_eligibilities", "not_licensed")
    )
    assert (assignments.code, eligibilities.status) == (IMPLAUSIBLE, "not_licensed")


@pytest.mark.parametrize("what", ["group", "other", "connector"])
def test_anything_in_groups_needs_a_default_group(what: str) -> None:
    """One group, a group of another kind, or one connector is enough to expect the default one."""
    groups = listed("connector_groups", [group()] if what == "group" else [])
    connectors = listed("connectors", [connector()] if what == "connector" else [])
    section = default_group(groups, (group("Sync"),) if what == "other" else (), connectors)
    assert (section.status, section.code, section.records) == ("failed", IMPLAUSIBLE, groups.records)
