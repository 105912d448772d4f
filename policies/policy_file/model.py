"""The policy file: thresholds, what each connector group is for, and which rules speak and how loudly."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from common.ids import is_object_id
from policies.capacity import Source
from policies.policy_file.answers import Answer
from policies.policy_file.connectors import ExpectedConnector
from policies.policy_file.policy_part import PolicyPart
from policies.policy_file.routes import RouteEntry
from policies.policy_file.waivers import Waiver
from policies.vocabulary import Severity

Purpose = Literal["serving", "maintenance", "parking"]


class GroupCapacity(PolicyPart):
    """How large the servers of a connector group are, and how much they must carry."""

    cores: int = Field(ge=1, le=1024, description="Processor cores of each server.")
    memory_gb: int = Field(ge=1, le=65_536, description="Memory of each server, in GB.")
    requests_per_second: int = Field(
        ge=1, le=1_000_000, description="Requests a second that the whole group is expected to carry at its busiest."
    )


class GroupPolicy(PolicyPart):
    """What one connector group is for. The key in the file is the group's id or its name."""

    purpose: Purpose = Field(
        default="serving",
        description="What the group is for: `serving` carries applications; `maintenance` holds connectors that are "
        "being worked on and `parking` holds idle or new ones. Redundancy is asked of serving groups only.",
    )
    min_active_connectors: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="How many distinct machines of this group must be active, instead of the number for all groups.",
    )
    capacity: GroupCapacity | None = Field(
        default=None,
        description="What its servers are and what they must carry; without it `CAP001` does not speak of the group.",
    )


class RulePolicy(PolicyPart):
    """Whether a rule speaks, and with which severity instead of its own."""

    enabled: bool | None = Field(
        default=None,
        description="`false` silences the rule and resolves its findings, `true` turns on one that is off by itself.",
    )
    severity: Severity | None = Field(
        default=None, description="The severity of every failure of this rule, instead of the rule's own."
    )


class ReportsPolicy(PolicyPart):
    """How results are written."""

    passes: Literal["count", "all"] = Field(
        default="count",
        description="How findings.ocsf.jsonl and findings.sarif carry what passes or does not apply: `count` gives the "
        "number of subjects a rule, `all` an event or a result for each. findings.json and findings.csv always hold "
        "all.",
    )


class Policy(PolicyPart):
    """The effective policy of one tenant; every key has a default, so an empty file is a policy."""

    version: Literal[1] = Field(default=1, description="The version of the policy file's form.")
    min_active_connectors: int = Field(
        default=2,
        ge=1,
        le=1000,
        description="How many distinct machines of a connector group that serves applications must be active.",
    )
    preferred_active_connectors: int = Field(
        default=3,
        ge=1,
        le=1000,
        description="How many distinct machines should be active, so that one can be taken away for maintenance; asked "
        "by `GRP005` only, which is off until `rules` turns it on.",
    )
    auto_upgrade_grace_days: int = Field(
        default=60,
        ge=0,
        le=3650,
        description="For how many days after its release a version that Microsoft installs by itself is not yet "
        "expected on a connector.",
    )
    download_grace_days: int = Field(
        default=180,
        ge=0,
        le=3650,
        description="For how many days after its release a security or reliability fix that has to be fetched is not "
        "yet missed on a connector.",
    )
    catalogue_max_age_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="For how many days a release catalogue is trusted after it was last compared with Microsoft's "
        "page.",
    )
    releases: str | None = Field(
        default=None,
        min_length=1,
        description="Another release catalogue than the built-in one: a file or a blob, by its address or "
        "relative to the policy's own place. Stored evidence is judged by the catalogue that lies in it.",
    )
    new_connector_days: int = Field(
        default=7,
        ge=1,
        le=365,
        description="Does nothing any more: no number of days ends a finding. Accepted so that older files stay valid; "
        "`doctor` says where it is set.",
    )
    forget_after_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="For how many days a connector that vanished is told.",
    )
    expected_registrars: tuple[str, ...] = Field(
        default=(),
        description="Who is meant to be able to register connectors: user names (UPNs), object ids of users, or the "
        "object id of a group for its members. While it is empty, nobody is called unexpected.",
    )
    expected_connectors: tuple[ExpectedConnector, ...] = Field(
        default=(),
        exclude_if=lambda planned: not planned,
        description="Connectors that are planned: their registration needs no answer, whoever makes it (CON003, "
        "CON005).",
    )
    break_glass: tuple[str, ...] = Field(
        default=(),
        description="Emergency accounts, by user name (UPN) or object id: expected, and allowed standing access.",
    )
    approved_custom_roles: tuple[str, ...] = Field(
        default=(),
        description="Custom roles that may let their holders register connectors, by id or exact name.",
    )
    min_registrars: int = Field(
        default=1,
        ge=0,
        le=1000,
        description="How many people must be able to register connectors without being Global Administrator.",
    )
    max_registrars: int = Field(
        default=5,
        ge=0,
        le=100_000,
        description="How many people at most should be able to do so.",
    )
    capacity_figures: Source = Field(
        default="concept-2026",
        description="Which of Microsoft's published capacities counts: `concept-2026` is 2000 requests a second on 4 "
        "cores and 8 GB, of the present page; `table-2023` is the lower table of an older one, for 2 to 16 cores.",
    )
    max_scan_age_hours: int = Field(
        default=50,
        ge=1,
        le=8784,
        description="How many hours a tenant may be without a stored scan before the service tells of it (SVC002).",
    )
    retention_days: int = Field(
        default=400,
        ge=1,
        le=36_500,
        description="For how many days scans and resolved findings are kept. The newest scan always is.",
    )
    reports: ReportsPolicy = Field(default=ReportsPolicy(), description="How files of results are written.")
    groups: dict[str, GroupPolicy] = Field(
        default_factory=dict,
        description="What single connector groups are for. The key is the group's id, in either case, or its name, "
        "exactly as it is written in Entra. An id goes before a name.",
    )
    rules: dict[str, RulePolicy] = Field(
        default_factory=dict, description="Changes to single rules. The key is the rule's id, such as `GRP001`."
    )
    waivers: tuple[Waiver, ...] = Field(
        default=(),
        description="Failures that somebody answers for until a day. Those of a tenant's override are added.",
    )
    answers: tuple[Answer, ...] = Field(
        default=(),
        exclude_if=lambda answers: not answers,
        description="What somebody says about events that findings report; see docs/answers.md. Those of a tenant's "
        "override are added.",
    )

    def for_group(self, group_id: str, name: str | None) -> GroupPolicy:
        """Return what the policy says of a group: by id, else by name, else the default.

        Ids are compared without case, names exactly. A name that has the form of an id counts for nothing, so that
        nobody borrows the settings of a group by giving its id to another group as a name.
        """
        for key, group in self.groups.items():
            if key.lower() == group_id.lower():
                return group
        if name is None or is_object_id(name):
            return GroupPolicy()
        return self.groups.get(name, GroupPolicy())

    def is_enabled(self, rule_id: str, *, default: bool) -> bool:
        """Return whether a rule speaks; `default` is what the rule says itself."""
        enabled = self.rules.get(rule_id, RulePolicy()).enabled
        return default if enabled is None else enabled

    def severity_of(self, rule_id: str) -> Severity | None:
        """Return the severity that the policy gives a rule, or None where it leaves the rule its own."""
        return self.rules.get(rule_id, RulePolicy()).severity

    def named_principals(self) -> frozenset[str]:
        """Return the object ids that the policy names as people or groups, in lower case, so that they are read."""
        entries = (*self.expected_registrars, *self.break_glass)
        return frozenset(entry.casefold() for entry in entries if is_object_id(entry))


class PolicyFile(Policy):
    """What a policy file says: a policy for all tenants, and what is different in some of them."""

    tenants: dict[str, Policy] = Field(
        default_factory=dict,
        description="What is different in single tenants. The key is the tenant's id; below it stands any key of this "
        "file but `tenants` and `routes`.",
    )
    routes: tuple[RouteEntry, ...] = Field(
        default=(), description="Whom announcements reach: Teams channels, webhooks, mail. See docs/operations.md."
    )
