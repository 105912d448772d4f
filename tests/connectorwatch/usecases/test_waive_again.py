"""`waive` and the waivers that are there already: none is doubled, and each gets an id of its own."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import PolicyError
from connectorwatch.usecases.waive import WaiverRequest, waive
from tests.connectorwatch.usecases.waiving import OTHER, PARIS, TODAY, WISH, file, read, refused, wished
from tests.making import TENANT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findings.document import FindingsDocument


def running(waiver_id: str = "w1", **said: str) -> str:
    """Return a policy with a waiver for Paris that runs to the end of November."""
    usual = {"rule": "GRP004", "subject": "id-Paris", "from": "2026-11-01", "until": "2026-11-30"}
    usual |= {"reason": "r", "owner": "o"} | said
    keys = "".join(f"    {key}: {value}\n" for key, value in usual.items() if value)
    return f"waivers:\n  - id: {waiver_id}\n{keys}"


@pytest.mark.parametrize(
    "text",
    [
        running(),
        running(subject="", name="par*"),
        running(tenant=TENANT),
        f"tenants:\n  {TENANT}:\n" + "".join(f"    {line}\n" for line in running().splitlines()),
        running(**{"from": "2026-12-01", "until": "2026-12-02"}),
    ],
)
def test_a_waiver_that_still_runs(tmp_path: Path, newest: FindingsDocument, text: str) -> None:
    """A second waiver for the same finding and the same days is refused, wherever the first one stands."""
    assert re.match(
        r"Waiver w1 in \S+ covers this finding from \S+ to \S+: change it there, or begin after it",
        (refused(file(tmp_path, text), newest)),
    )


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (running(), {"begin": date(2026, 12, 1)}),
        (running(until="2026-11-19"), {}),
        (running(reason=""), {}),
        (running(until=""), {}),
        (running(tenant=OTHER), {}),
        (running(rule="GRP001"), {}),
        (running(subject="id-Rome"), {}),
    ],
)
def test_no_waiver_that_still_runs(
    tmp_path: Path, newest: FindingsDocument, text: str, changes: dict[str, object]
) -> None:
    """One may follow after another, and what is over, void or about something else is no hindrance."""
    path = file(tmp_path, text)
    waive(path, wished(changes), newest, TODAY)

    assert [waiver.id[:3] for waiver in read(path).waivers] == ["w1", "GRP"]


def test_without_a_tenant_only_waivers_for_all_are_in_the_way(tmp_path: Path) -> None:
    """Where no tenant is known, a waiver that names one is about something else."""
    path = file(tmp_path, running(tenant=OTHER))
    waive(path, WISH, None, TODAY)

    assert "covers this finding" in refused(path, None)


def test_ids_are_free(tmp_path: Path, newest: FindingsDocument) -> None:
    """An id is made that no waiver of the file has, and one that is taken is refused."""
    path = file(tmp_path, running("grp004-20261120", subject="x"))
    assert waive(path, WISH, newest, TODAY).waiver.id == "GRP004-20261120-2"

    own = {"key": "GRP004/id-evil", "waiver_id": "GRP004-20261120"}
    assert refused(path, newest, **own) == "There is a waiver GRP004-20261120 already: choose another --id."


@dataclass(frozen=True)
class Overtaken(WaiverRequest):
    """A wish during which other things happen once, after the file has been read."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - of any field
        """Return a field; before the reason is looked at, let happen what is to happen."""
        while name == "reason" and self.meanwhile:
            self.meanwhile.pop()()
        return super().__getattribute__(name)


@pytest.mark.parametrize("text", ["version: 1\n", None], ids=["a file", "no file yet"])
def test_of_two_who_waive_at_once_none_is_lost(tmp_path: Path, newest: FindingsDocument, text: str | None) -> None:
    """Who comes second is told to repeat, and then both waivers are there."""
    path = file(tmp_path, text)
    other = wished({"key": "GRP004/id-evil"})
    mine = Overtaken(**asdict(WISH), meanwhile=[lambda: waive(path, other, newest, TODAY)])

    with pytest.raises(PolicyError, match=r"policy\.yaml was changed by another process meanwhile"):
        waive(path, mine, newest, TODAY)
    waive(path, WISH, newest, TODAY)

    assert [waiver.subject for waiver in read(path).waivers] == ["id-evil", PARIS]
    assert [one.name for one in tmp_path.iterdir()] == ["policy.yaml"]
