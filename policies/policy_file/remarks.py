"""What is valid in a policy file and worth a remark: settings that do nothing, and answers of the future. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.text import counted, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from policies.policy_file.read import LoadedPolicy


def remarks(loaded: LoadedPolicy, now: datetime) -> Iterator[str]:
    """Yield remarks on a policy file that is valid, each without a full stop.

    Args:
        loaded: The policy, with what is different in single tenants.
        now: The moment it is.
    """
    policies = (loaded.policy, *loaded.overrides.values())
    if any("new_connector_days" in policy.model_fields_set for policy in policies):
        yield "new_connector_days does nothing any more and can be removed (see expected_connectors)"
    later = sorted(answer.at for policy in policies for answer in policy.answers if answer.at > now)
    if later:
        many = counted(len(later), "answer is", "answers are")
        yield f"{many} dated in the future, from {timestamp(later[0])}, and not counted yet"
