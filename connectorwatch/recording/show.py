"""What `record` prints: what it recorded, the open questions, and differences from the simulated Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import counted, visible
from connectorwatch.recording.questions import answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectorwatch.recording.compare import Difference
    from connectorwatch.recording.document import Recording

CONTENTS = (
    "A recording holds kinds of request, statuses, error codes, headers of a fixed list, property names of Microsoft's "
    "schema, types, sizes and times. It holds no id, no name, no address and no message."
)


def summary(recording: Recording) -> list[str]:
    """Return in a few lines what was recorded."""
    sent = sum(exchange.requests for exchange in recording.exchanges if not exchange.batched)
    inside = sum(exchange.requests for exchange in recording.exchanges if exchange.batched)
    unread = sorted(kind for kind, statuses in recording.sections.items() if statuses.keys() - {"read", "not_licensed"})
    identity = recording.identity
    permissions = ", ".join(identity.permissions) or "not shown by the token"
    return [
        f"Recorded: {counted(sent, 'request')}, {inside} more inside batches, of {len(recording.exchanges)} kinds.",
        f"Identity: {identity.kind}; permissions: {permissions}.",
        f"Built-in roles: {', '.join(identity.roles) or 'none in the token'}.",
        f"Lists that were not read: {', '.join(unread) or 'none'}.",
    ]


def question_lines(recording: Recording) -> list[str]:
    """Return each open question with the recording's answer and what to do."""
    return [answered.line for answered in answers(recording)]


def difference_lines(differences: Sequence[Difference]) -> list[str]:
    """Return each difference as a line; the recording may come from anybody, so unseen characters are escaped."""
    return [visible(f"{difference.request}: {difference.what}") for difference in differences]
