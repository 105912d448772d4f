"""The one table of what reading takes is what the readers ask for, and what is given opens all of it."""

from __future__ import annotations

import re

import pytest

from inventory.collect import collect
from inventory.gate import Gate
from inventory.graph import GraphClient
from inventory.permissions import GRANTED, NEEDS, PLAIN, UPDATER, kind_of, least
from inventory.sender import Sender
from simulator import TENANTS, load_tenant
from tests.inventory.networks import ROOT, Simulated
from tests.making import NOW


def template(version: str, path: str) -> str:
    """Return a path with its ids left out."""
    return f"{version}{re.sub(r'/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '/{id}', path)}"


MORE = {UPDATER.endpoint, PLAIN.endpoint}
"""Asked for where they may explain something: the updater's settings, and whose accounts missing holders are."""


async def test_every_list_of_a_scan_is_in_the_table() -> None:
    """A scan of the demo tenant asks for the table's endpoints, all of them, and besides for what only explains."""
    tenant = load_tenant(TENANTS / "contoso.yaml")
    network = Simulated(tenant, latency=0)
    await collect(GraphClient(Sender(network, ROOT, Gate())), tenant.tenant.id, lambda: NOW)
    asked = {template(one.version, one.path) for one in network.graph.requests if one.path != "/$batch"}

    endpoints = {endpoint for need in NEEDS.values() for endpoint in (need.endpoint, *need.also)}
    assert endpoints <= asked
    assert asked - endpoints <= {f"{NEEDS['connector_groups'].endpoint}/{{id}}", *MORE}


def test_what_is_given_opens_every_list() -> None:
    """Each list is opened by one of the permissions that are given, and each of these opens some list."""
    assert {need.granted for need in NEEDS.values()} == {permission.name for permission in GRANTED}


@pytest.mark.parametrize(
    ("section", "kind"),
    [
        ("audit", "audit"),
        ("connector_groups", "connector_groups"),
        ("connector_groups/7d3a/members", "connector_groups/members"),
        ("groups/7d3a/eligibilities", "groups/eligibilities"),
    ],
)
def test_sections_have_a_kind(section: str, kind: str) -> None:
    """A section's name without its id is its kind, which the table knows."""
    assert kind_of(section) == kind
    assert least(kind) == NEEDS[kind].least


def test_lists_have_names_for_people() -> None:
    """Each list is called something different, without underscores."""
    words = [need.words for need in NEEDS.values()]

    assert len(set(words)) == len(words)
    assert not any("_" in one or "/" in one for one in words)


def test_what_is_given_is_the_least_where_nothing_broader_is_needed_anyway() -> None:
    """The audit log's own permission is given; for the tenant's name a broader one, which connectors need."""
    assert (NEEDS["audit"].given_is_least, NEEDS["organization"].given_is_least) == (True, False)
