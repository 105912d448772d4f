"""The parts of findings.json that hold the inventory. Null means "not known", never "none"."""

from __future__ import annotations

from typing import Literal

from common.moments import Moment
from findings.result_parts import Part


class Judgement(Part):
    """Which rules fail for a subject, are waived, or could not be assessed: their ids, sorted."""

    failing: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    not_assessed: tuple[str, ...] = ()


class VersionStep(Part):
    """A version, and the scan that first showed it."""

    at: Moment
    version: str | None


class Registration(Part):
    """An audit event that shows who registered a connector.

    `matched` says by what it was recognised: the connector's `id`, the machine's `name`, or the `time` alone, which is
    no proof. `by` is a user's id and `upn` their name, `app` is software; all are null where the log names nobody.
    """

    at: Moment
    by: str | None = None
    upn: str | None = None
    app: str | None = None
    matched: Literal["id", "name", "time"]


class ConnectorEntry(Part):
    """One connector.

    `first_seen` is the first scan that showed it; with `from_start` that was the tenant's first scan, so that it may
    be of any age. `inactive_since` is the first scan of the present series of scans that showed it inactive, and
    `versions` holds changes alone, oldest first. `applications` is how many applications its groups carry.
    `certain` is false where a list that was not read could show that it is not a connector of these services.
    """

    id: str
    name: str
    active: bool
    status: str
    certain: bool
    first_seen: Moment | None
    from_start: bool | None
    last_active: Moment | None
    inactive_since: Moment | None
    version: str | None
    versions: tuple[VersionStep, ...] = ()
    group_ids: tuple[str, ...] | None
    group_names: tuple[str, ...] | None
    applications: int | None
    external_ip: str | None
    registrations: tuple[Registration, ...] = ()
    rules: Judgement = Judgement()


class ConnectorGroupEntry(Part):
    """One connector group, with the numbers of its connectors, of those that are active, and of its applications."""

    id: str
    name: str
    default: bool
    region: str | None
    first_seen: Moment | None
    connectors: int | None
    active: int | None
    versions: tuple[str, ...] | None
    applications: int | None
    rules: Judgement = Judgement()


class ApplicationEntry(Part):
    """One application and the connector group that carries it; null is what Graph did not give.

    `kind` is how it is published and `sign_in` who signs people in, as reports call both.
    """

    id: str
    name: str
    group_id: str
    group_name: str
    kind: str | None
    external_url: str | None
    internal_url: str | None
    sign_in: str | None
    first_seen: Moment | None
    rules: Judgement = Judgement()
