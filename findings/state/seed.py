"""What a state's findings were before a moment, as far as the state still tells: where a replay of scans begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from findings.state.record import FindingState


def known_before(findings: Mapping[str, FindingState], moment: datetime) -> dict[str, FindingState]:
    """Return the findings that were first seen before a moment, as their timelines say they were then.

    Of facts that moved since, only the newest are known; the first scan that sees them anew corrects them.
    """
    return {key: _as_of(record, moment) for key, record in findings.items() if record.first_seen < moment}


def _as_of(record: FindingState, moment: datetime) -> FindingState:
    events = tuple(event for event in record.events if event.at < moment)
    last = next((event for event in reversed(events) if event.change != "unassessed"), None)
    resolved = last if last is not None and last.change == "resolved" else None
    return record.model_copy(
        update={
            "state": "resolved" if resolved else "open",
            "change": None,
            "change_scan": None,
            "moved": (),
            "cause": None,
            "correction": None,
            "last_seen": min(record.last_seen, moment),
            "resolved_at": resolved.at if resolved else None,
            "resolved_by": resolved.resolved_by if resolved else None,
            "ending": resolved.ending if resolved else None,
            "assessed_at": min(record.assessed_at, moment),
            "stale": False,
            "events": events,
        }
    )
