"""Tenant files: what is bundled, how they build on each other, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator import TENANTS, TenantFileError, load_tenant
from tests.simulator.helpers import bundled

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "tenant: {id: 11111111-2222-4333-8444-555555555555, name: Mini, domains: [mini.example]}\n"


@pytest.mark.parametrize("path", sorted(TENANTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_bundled_files(path: Path) -> None:
    """Every bundled tenant loads, with one default connector group."""
    groups = bundled(path.stem).connector_groups.values()
    assert [group.default for group in groups].count(True) == 1


def test_contoso_is_as_large_as_it_should_be() -> None:
    """Contoso has ten groups of App Proxy and two others, 20 connectors and 15 published applications."""
    groups = bundled("contoso").connector_groups.values()
    types = [group.type for group in groups]
    assert (types.count("applicationProxy"), types.count("syncFabric")) == (10, 2)
    assert sum(len(group.connectors) for group in groups) == 20
    assert sum(len(group.applications) for group in groups) == 15


def test_ids_are_stable() -> None:
    """Ids come from the keys, so they are the same in every variant and every run."""
    assert bundled("contoso").guid("user", "ada") == "0f8d0c4a" or bundled("contoso").guid("user", "ada") == bundled(
        "no-p2"
    ).guid("user", "ada")
    assert bundled("contoso").guid("connector_group", "paris") == "7d3a9e50-2f41-4c86-b1d7-9a5e6c0f2b18"
    assert bundled("contoso").guid("connector", "par-01") != bundled("contoso").guid("connector", "par-02")


def test_given_ids_below_a_group(tmp_path: Path) -> None:
    """Connectors and applications may have ids of their own."""
    given = "aaaaaaaa-0000-4000-8000-00000000000a"
    groups = f"connector_groups: {{a: {{name: A, connectors: {{c: {{name: C, id: {given}}}}}}}}}"
    tenant = load_tenant(_write(tmp_path, "t.yaml", HEAD + groups))
    assert tenant.guid("connector", "c") == given
    assert tenant.guid("unheard-of", "c") == tenant.derived("unheard-of", "c")


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_overlay(tmp_path: Path) -> None:
    """A file laid over another merges mappings, removes what is null, and replaces all else."""
    _write(tmp_path, "base.yaml", HEAD + "users: {a: {name: A}, b: {name: B}}\nlatency_ms: 5\n")
    _write(tmp_path, "middle.yaml", "base: base.yaml\nusers: {a: {enabled: false}, b: null}\n")
    tenant = load_tenant(_write(tmp_path, "top.yaml", "base: middle.yaml\nlatency_ms: 7\n"))
    assert [(key, user.name, user.enabled) for key, user in tenant.users.items()] == [("a", "A", False)]
    assert tenant.latency_ms == 7


def test_page_sizes(tmp_path: Path) -> None:
    """One page size stands for all services, or each has its own."""
    assert bundled("contoso").settings.page_size.roles == 5
    tenant = load_tenant(_write(tmp_path, "t.yaml", HEAD + "settings: {page_size: {proxy: 3}}"))
    assert (tenant.settings.page_size.proxy, tenant.settings.page_size.roles) == (3, 500)


def test_times(tmp_path: Path) -> None:
    """A time may be written plainly, quoted, or in another zone."""
    times = ("2026-11-01T10:00:00Z", '"2026-11-01T10:00:00Z"', "2026-11-01T12:00:00+02:00", "2026-11-01 10:00:00")
    for time in times:
        text = (
            HEAD + f"users: {{a: {{name: A}}}}\nassignments: {{x: {{principal: a, role: global-reader, end: {time}}}}}"
        )
        assert load_tenant(_write(tmp_path, "t.yaml", text)).assignments["x"].end == "2026-11-01T10:00:00Z"


ADA = "users: {a: {name: A}}\n"
GROUP_C = "{name: A, connectors: {c: {name: C}}, applications: {d: {name: D}}}"
REFUSED = [
    ("users:\n  a:\n    nome: A\n", "t.yaml:4: users.a.nome: unknown key, known are: "),
    ("users:\n  a: {}\n", "t.yaml:3: users.a.name: Field required"),
    ("nonsense: 1\n", "t.yaml:2: nonsense: "),
    ("faults:\n  - path: /users\n    kind: unheard-of\n", "t.yaml:4: faults.0.kind: "),
    ("faults:\n  - {path: /users, kind: body}\n", "t.yaml:3: faults.0: "),
    ("settings: {identity: a}\n", "t.yaml:2: settings.identity: there is no service principal a"),
    ("assignments:\n  x: {principal: a, role: y}\n", "t.yaml:3: assignments.x.principal: there is no principal a"),
    (f"{ADA}assignments:\n  x: {{principal: a, role: king}}\n", "t.yaml:4: assignments.x.role: there is no role king"),
    (
        f"{ADA}assignments:\n  x: {{principal: a, role: global-reader, scope: 'application:b'}}\n",
        "t.yaml:4: assignments.x.scope: there is no application:b",
    ),
    ("groups:\n  g:\n    name: G\n    members:\n      - a\n", "t.yaml:6: groups.g.members.0: there is no principal a"),
    ("groups:\n  g: {name: G, owners: [a]}\n", "t.yaml:3: groups.g.owners.0: "),
    ("groups:\n  g: {name: G, pim: [{principal: a, kind: eligible}]}\n", "t.yaml:3: groups.g.pim.0.principal: "),
    ("audit:\n  e: {activity: A, at: 2026-11-01T00:00:00Z, by: a}\n", "t.yaml:3: audit.e.by: there is no user a"),
    ("audit: {e: {activity: A, at: 2026-11-01T00:00:00Z, targets: [{id: 'connector:c'}]}}\n", "audit.e.targets.0.id: "),
    (f"{ADA}groups:\n  a: {{name: A}}\n", "users.a: a names two principals"),
    (
        f"connector_groups:\n  a: {GROUP_C}\n  b: {GROUP_C}\n",
        "t.yaml:3: connector_groups.a.connectors.c: c names two connectors",
    ),
    (
        f"connector_groups:\n  a: {GROUP_C}\napplications: {{d: {{name: D}}}}\n",
        "t.yaml:3: connector_groups.a.applications.d: d names two applications",
    ),
    ("users: [\n", "is not YAML"),
    ("base: none.yaml\n", "none.yaml: cannot be read"),
    ("base: t.yaml\n", "t.yaml: base: t.yaml is based on this file"),
    (f"{ADA}users: {{}}\n", "is not YAML"),
]


@pytest.mark.parametrize(("text", "place"), REFUSED)
def test_refused(tmp_path: Path, text: str, place: str) -> None:
    """What cannot be used is refused with the file and the place in it."""
    with pytest.raises(TenantFileError) as refused:
        load_tenant(_write(tmp_path, "t.yaml", HEAD + text))
    assert place in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b"- a\n", ":1: a tenant file is a mapping"),
        (b"", ":1: a tenant file is a mapping"),
        (b"a: \x00", "is not YAML"),
        (b"users: {}\n", "tenant: Field required"),
    ],
)
def test_no_tenant_at_all(tmp_path: Path, content: bytes, said: str) -> None:
    """A file that holds no tenant is refused by name."""
    path = tmp_path / "bytes.yaml"
    path.write_bytes(content)
    with pytest.raises(TenantFileError) as refused:
        load_tenant(path)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)


def test_place_in_the_base(tmp_path: Path) -> None:
    """A mistake in the base is reported there, though another file was asked for."""
    _write(tmp_path, "base.yaml", HEAD + "users:\n  a: {nome: A}\n")
    with pytest.raises(TenantFileError, match=r"base\.yaml:3: users\.a\.nome"):
        load_tenant(_write(tmp_path, "top.yaml", "base: base.yaml\nlatency_ms: 1\n"))
