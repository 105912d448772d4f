"""Sections and snapshots: what could not be read never looks like what is not there."""

from __future__ import annotations

import pytest

from common.errors import NotReadError
from inventory.models import ConnectorId, GroupId
from inventory.snapshot import Section, Snapshot
from tests.making import application, connector, group, holds, id_of, snapshot, tagged, unread, without

PARIS, LYON = group("Paris"), group("Lyon")
ONE, TWO, THREE = connector("ONE"), connector("TWO"), connector("one", key="id-twin")


def _seen() -> Snapshot:
    return snapshot({PARIS: holds(ONE, TWO, apps=[application()]), LYON: holds(THREE)})


@pytest.mark.parametrize("status", ["denied", "throttled", "failed"])
def test_an_unread_section_has_no_items(status: str) -> None:
    """Asking an unread section for its records fails with its name and the reason."""
    with pytest.raises(NotReadError, match=rf"^things was not read: Graph said {status}\.$") as caught:
        _ = unread("things", status).items  # type: ignore[arg-type]  # one of the words
    assert caught.value.section == "things"


def test_a_section_without_a_licence_is_known_to_be_empty() -> None:
    """Without the licence there is nothing to read, which is known."""
    section = unread("things", "not_licensed")

    assert (section.known, section.items) == (True, ())


def test_a_section_that_waited_for_another() -> None:
    """A list that was never asked for says which other one stood in the way."""
    waiting = Section[object].waiting_for("holders", unread("roles"))  # type: ignore[type-var]  # any record

    assert waiting.reason == "not asked for, because roles could not be read: Graph said denied."
    assert (waiting.status, waiting.permission, waiting.advice) == ("denied", "Some.Read.All", "Ask again.")


def test_a_reason_is_never_missing() -> None:
    """A stored section without a reason still says that it was not read."""
    with pytest.raises(NotReadError, match="was not read: failed"):
        _ = Section[object](name="things", status="failed").items  # type: ignore[type-var]  # any record


def test_a_groups_own_lists() -> None:
    """Each group has its connectors and its applications."""
    seen = _seen()

    assert seen.members(PARIS.id) == (ONE, TWO)
    assert [app.id for app in seen.applications(PARIS.id)] == [id_of("Expenses")]
    assert seen.applications(LYON.id) == ()


def test_a_groups_list_that_was_not_read() -> None:
    """Asking for an unread list fails, and the group's other list does not."""
    seen = snapshot({PARIS: holds(members=unread(), apps=unread())})
    with pytest.raises(NotReadError):
        seen.members(PARIS.id)
    with pytest.raises(NotReadError):
        seen.applications(PARIS.id)


def test_the_groups_that_hold_a_connector() -> None:
    """One as a rule, two where it was moved while they were read, none where it is in no list."""
    seen = snapshot({PARIS: holds(ONE, TWO), LYON: holds(ONE)})

    assert seen.groups_holding(ONE.id) == (PARIS.id, LYON.id)
    assert seen.groups_holding(TWO.id) == (PARIS.id,)
    assert seen.groups_holding(ConnectorId("nobody")) == ()


def test_a_connector_in_no_list_that_was_read() -> None:
    """Where a list was not read, nobody can say that a connector is in none."""
    seen = snapshot({PARIS: holds(ONE), LYON: holds(members=unread())})

    assert seen.groups_holding(ONE.id) == (PARIS.id,)
    with pytest.raises(NotReadError):
        seen.groups_holding(TWO.id)


def test_a_connector_where_the_groups_were_not_read() -> None:
    """Without the list of groups, nobody can say where a connector is."""
    with pytest.raises(NotReadError):
        without(_seen(), "connector_groups").groups_holding(ONE.id)


def test_peers() -> None:
    """The others in a connector's group, or nobody knows."""
    seen = _seen()

    assert (seen.peers(ONE), seen.peers(THREE)) == ((TWO,), ())
    assert without(seen, "connector_groups").peers(ONE) is None


def test_connectors_of_one_machine() -> None:
    """Connectors with one machine name, in whatever case; nameless ones share nothing."""
    nameless = [connector(None, key="id-x"), connector(None, key="id-y")]
    seen = snapshot({PARIS: holds(ONE, TWO, THREE, *nameless)})

    assert (seen.same_machine_name(ONE), seen.same_machine_name(nameless[0])) == ((THREE,), ())
    with pytest.raises(NotReadError):
        without(seen, "connectors").same_machine_name(ONE)


def test_private_access_applications() -> None:
    """The applications whose service principals are marked, or nobody knows."""
    seen = snapshot(private_access=[tagged(application("Quick"))])

    assert seen.private_access_app_ids == {"app-id-Quick"}
    with pytest.raises(NotReadError):
        _ = without(seen, "private_access").private_access_app_ids


def test_complete() -> None:
    """A snapshot is complete when every list is known, also those of single groups."""
    assert _seen().complete
    assert without(_seen(), "role_eligibilities", "not_licensed").complete
    assert not snapshot({PARIS: holds(ONE, apps=unread())}).complete


def test_sections_in_the_order_they_are_shown() -> None:
    """A group's own lists stand behind the groups."""
    names = [section.name for section in _seen().sections]

    assert names[:4] == ["organization", "connectors", "connector_groups", f"connector_groups/{PARIS.id}/members"]
    assert len(names) == len(set(names))


def test_a_snapshot_survives_being_stored() -> None:
    """What is written as JSON and read again is the same."""
    seen = _seen()

    assert Snapshot.model_validate_json(seen.model_dump_json()) == seen
    assert GroupId(PARIS.id) in {entry.group_id for entry in seen.contents}
