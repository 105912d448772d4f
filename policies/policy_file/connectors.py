"""Connectors that are planned: the machines whose registration the policy expects."""

from __future__ import annotations

from pydantic import Field

from policies.policy_file.policy_part import PolicyPart


class ExpectedConnector(PolicyPart):
    """One registration that is planned: on which machine, for which group, and why."""

    machine: str = Field(
        min_length=1,
        max_length=256,
        pattern=r"\S",
        description="The machine's name, as the connector reports it, in any case. Whoever registers a connector "
        "chooses it: each entry clears one registration, and two at once clear none.",
    )
    group: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="The connector group that it is meant for, by id or exact name. With it, the connector is cleared "
        "only while it stands there.",
    )
    reason: str | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="Why, such as a ticket. Give another one to plan the same machine again.",
    )

    @property
    def name_key(self) -> str:
        """The machine name for comparing: names have no case on Windows."""
        return self.machine.strip().casefold()

    @property
    def mark(self) -> str:
        """What tells this entry from others, so that it is remembered which registration used it."""
        return "|".join((self.name_key, self.group or "", self.reason or ""))
