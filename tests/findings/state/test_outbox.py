"""What a scan has to announce, and how far an announcement has come."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from findings.state.announcements import OutboxEntry, Receipt
from findings.state.document import State
from findings.state.lifecycle import apply
from findings.state.outbox import (
    ANNOUNCED_KEPT,
    MOST_ATTEMPTS,
    RECEIPTS_KEPT,
    replaced,
    with_digest,
    with_entry,
    with_receipt,
    without_done,
)
from policies.vocabulary import Outcome, Severity
from tests.findings.state.lifecycle_data import KEY, RULES, TENANT, at, rest, scan, verdict

if TYPE_CHECKING:
    from policies.rule import Verdict

GAP = verdict(Outcome.NOT_ASSESSED, subject="b")


def after(state: State, day: int, *verdicts: Verdict) -> State:
    """Return the state after a day's scan, with what it has to announce."""
    return with_entry(apply(state, scan(day), verdicts, RULES), verdicts)


def new() -> State:
    """Return a state that no scan was applied to."""
    return State.new(TENANT)


def test_a_first_scan_announces_what_it_found() -> None:
    """The first scan's entry says that it is the first, and lists each finding with how bad it is."""
    (entry,) = after(new(), 1, verdict()).outbox

    assert (entry.id, entry.scan, entry.at) == (f"{scan(1).id}-changes", scan(1).id, at(1))
    assert (entry.kind, entry.first) == ("changes", True)
    (change,) = entry.changes
    assert (change.key, change.rule, change.change, change.severity) == (KEY, "GRP001", "new", Severity.HIGH)


def test_nothing_new_is_no_entry() -> None:
    """A scan in which nothing moved has nothing to announce, be it the first."""
    assert after(new(), 1, verdict(Outcome.PASS)).outbox == ()
    state = after(new(), 1, verdict())
    assert after(state, 2, verdict()).outbox == state.outbox


def test_where_every_scan_is_recorded_nothing_new_is_an_entry_of_its_kind() -> None:
    """A scan in which nothing moved says that it was made; one that has something to tell is as it always was."""
    state = apply(new(), scan(1), [verdict(Outcome.PASS)], RULES)

    (quiet,) = with_entry(state, [verdict(Outcome.PASS)], every=True).outbox
    (gap,) = with_entry(state, [GAP], every=True).outbox

    assert (quiet.kind, quiet.id, quiet.changes) == ("scan", f"{scan(1).id}-changes", ())
    assert gap.kind == "changes"


def test_what_moved_in_the_inventory_alone_is_an_entry() -> None:
    """A scan in which no finding moved and a connector is new has something to tell, by number."""
    state = apply(new(), scan(1), [verdict(Outcome.PASS)], RULES)

    (entry,) = with_entry(state, [verdict(Outcome.PASS)], inventory=2).outbox

    assert (entry.inventory, entry.changes, entry.not_assessed) == (2, (), ())


def test_each_change_is_announced_by_its_own_scan() -> None:
    """New, changed, resolved and reopened are one entry each, oldest first, and only the first one says so."""
    state = new()
    days = (verdict(), verdict(severity=Severity.CRITICAL), verdict(Outcome.PASS), verdict())
    for number, said in enumerate(days, start=1):
        state = after(state, number, said)

    assert [entry.changes[0].change for entry in state.outbox] == ["new", "changed", "resolved", "reopened"]
    assert [entry.first for entry in state.outbox] == [True, False, False, False]


def test_a_rule_that_cannot_look_any_more_is_announced_once() -> None:
    """What became not assessed is told by rule and count; not again while it lasts, and again after it was over."""
    state = after(new(), 1, verdict(Outcome.PASS))
    state = after(state, 2, GAP, rest("VER001"), verdict(Outcome.NOT_ASSESSED, subject="c"))
    (entry,) = state.outbox
    assert [(missing.rule, missing.subjects) for missing in entry.not_assessed] == [("GRP001", 2), ("VER001", 1)]
    assert entry.changes == ()

    state = after(state, 3, GAP)
    assert state.announcement_memory.not_assessed == ("GRP001",)
    assert len(state.outbox) == 1

    state = after(after(state, 4, verdict(Outcome.PASS)), 5, GAP)
    assert [entry.scan for entry in state.outbox] == [scan(2).id, scan(5).id]


def test_a_scan_never_makes_a_second_entry() -> None:
    """What waits or was announced is not added again."""
    verdicts = (verdict(),)
    state = after(new(), 1, *verdicts)

    assert with_entry(state, verdicts).outbox == state.outbox
    delivered = without_done(replaced(state, state.outbox[0].delivered_to("log", at(1))), lambda _: ["log"])
    assert delivered.outbox == with_entry(delivered, verdicts).outbox == ()
    assert delivered.announcement_memory.announced == (f"{scan(1).id}-changes",)


def test_a_trial_keeps_others_away_for_longer_each_time() -> None:
    """Who tries has an entry for itself for a minute, then two, then four; other lanes are free meanwhile."""
    entry = after(new(), 1, verdict()).outbox[0]
    for minutes in (1, 2, 4, 8):
        entry = entry.tried("teams", at(1))
        assert not entry.is_free("teams", at(1) + timedelta(minutes=minutes, seconds=-1))
        assert entry.is_free("teams", at(1) + timedelta(minutes=minutes))
    assert entry.is_free("log", at(1))
    assert entry.attempts == {"teams": 4}


def test_all_attempts_together_take_about_a_day() -> None:
    """From the first attempt to the last one a day passes, so that a long night of a channel loses nothing."""
    entry, now = after(new(), 1, verdict()).outbox[0], at(1)
    for _ in range(MOST_ATTEMPTS - 1):
        entry = entry.tried("teams", now)
        now = entry.waits["teams"]

    assert timedelta(hours=20) < now - at(1) < timedelta(hours=30)
    assert entry.tried("teams", now).tried("teams", now).waits["teams"] == now + timedelta(hours=4)


def test_silence_is_kept_where_it_is_longer() -> None:
    """A lane that asked for silence is left alone for as long, and never for less than it waits anyway."""
    entry = after(new(), 1, verdict()).outbox[0].tried("teams", at(1))

    assert entry.deferred("teams", at(2)).waits == {"teams": at(2)}
    assert entry.deferred("teams", at(1)) == entry


def test_an_end_is_marked() -> None:
    """A lane that had an entry, or refused it for good, is never free for it again, and waits no more."""
    entry = after(new(), 1, verdict()).outbox[0].tried("log", at(1)).tried("teams", at(1))
    entry = entry.delivered_to("log", at(2)).dropped_by("teams", "it is gone")

    assert not entry.is_free("log", at(30))
    assert not entry.is_free("teams", at(30))
    assert (entry.delivered, entry.dropped, entry.waits) == ({"log": at(2)}, {"teams": "it is gone"}, {})


def test_entries_go_when_all_lanes_are_done() -> None:
    """One lane is not enough where there are two, and nobody's wish is; the newest fifty that went are remembered."""
    state = after(new(), 1, verdict())
    half = replaced(state, state.outbox[0].delivered_to("log", at(1)))
    assert without_done(half, lambda _: ["log", "teams"]) is half
    assert without_done(half, lambda _: None) is half
    assert without_done(half, lambda _: ["log"]).outbox == ()
    assert without_done(state, lambda _: []).outbox == ()

    many = tuple(OutboxEntry(id=str(number), scan="s", at=at(1), delivered={"log": at(1)}) for number in range(60))
    kept = without_done(state.model_copy(update={"outbox": many}), lambda _: ["log"]).announcement_memory.announced
    assert kept == tuple(str(number) for number in range(60 - ANNOUNCED_KEPT, 60))


def test_receipts_are_kept() -> None:
    """The newest fifty ends of announcements are remembered, with how they were taken."""
    state = new()
    for number in range(RECEIPTS_KEPT + 1):
        state = with_receipt(state, Receipt(entry=str(number), lane="teams", at=at(1), result="accepted"))

    assert [one.entry for one in state.announcement_memory.receipts] == [
        str(number) for number in range(1, RECEIPTS_KEPT + 1)
    ]


def test_a_digest_is_asked_for_once_a_week() -> None:
    """The same digest is not added again, waiting or sent; one that comes besides leaves the week's own to come."""
    state = with_digest(new(), "digest-1", at(1))
    assert [(entry.id, entry.kind) for entry in state.outbox] == [("digest-1", "digest")]
    assert with_digest(state, "digest-1", at(2)) is state
    assert with_digest(without_done(state, lambda _: []), "digest-1", at(2)).outbox == ()

    besides = with_digest(new(), "digest-1-now", at(1), again=True)
    assert with_digest(besides, "digest-1-now", at(1), again=True) is besides
    assert len(with_digest(besides, "digest-1", at(2)).outbox) == 2


def test_an_entry_survives_being_stored() -> None:
    """An entry with marks, and fields and kinds of a newer version, comes back as it was."""
    entry = OutboxEntry.model_validate(
        {"id": "x", "scan": "s", "at": at(1), "kind": "poem", "verse": ["new"], "changes": []}
    ).tried("log", at(2))
    state = new().model_copy(update={"outbox": (entry,)})

    assert State.from_bytes(state.to_bytes()).outbox == (entry,)
    assert b'"verse":["new"]' in state.to_bytes()
