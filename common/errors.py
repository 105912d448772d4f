"""Every error that connectorwatch raises itself, in one tree.

ConnectorwatchError
├── ReadError               one thing could not be read from Graph; becomes a Section with a reason
│   ├── NotLicensedError      the tenant lacks the licence: known to be empty
│   ├── DeniedError           a permission or a directory role is missing
│   ├── ThrottledError        Graph kept asking us to wait
│   └── FailedError           everything else: no answer, a broken answer, an answer that is not Graph's
├── HeldBackError           a request was ready to go when its service asked for silence; it was not sent
├── NotReadError            somebody asked a section that was not read for its records
├── NothingReadError        not one section of a scan could be read
├── ClockError              this machine's clock and Graph's differ too much to remember a scan
├── CredentialError         there is no token to ask Graph with
├── SettingsError           a setting is unknown or has a bad value
├── PolicyError             the policy file is missing, unreadable or says something unknown
├── CatalogueError          the release catalogue is missing or malformed
├── KnowledgeError          the troubleshooting knowledge is malformed
├── SubjectError            what a command was asked about is not there, or is several things
├── EvidenceError           a stored document is damaged or of a newer version
│   └── NewerVersionError     it is of a newer version, and nothing is wrong with it
├── DeliveryError           an announcement did not reach a channel; it may later
│   ├── PartlyDeliveredError  of several some did not, and all others did
│   └── UndeliverableError    it will not, however often it is tried
├── GrantError              Graph did not give or take back what it was asked to
├── RenderError             a stored scan's reports could not be written; the scan is remembered and set aside
├── RequestError            a request for a scan is not understood
├── StorageError            storage refused
│   ├── ConflictError         somebody else changed the document since it was read
│   └── RetainedError         storage keeps the object unchanged, by a rule of its own
└── RuleError               a rule broke its contract: a defect of ours

Messages say what happened, to what, and what to do next, in one or two sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection

SectionStatus = Literal["read", "not_licensed", "denied", "throttled", "failed"]
"""How the reading of one list ended."""


class ConnectorwatchError(Exception):
    """The base of all errors that connectorwatch raises itself."""


class ReadError(ConnectorwatchError):
    """One thing could not be read from Graph.

    Attributes:
        code: Graph's error code, or a short word of ours where Graph gave none.
        permission: The permission or role whose absence explains the refusal, if one does.
        advice: What to do about it.
        request_id: Graph's id of the request, for Microsoft's support.
    """

    status: SectionStatus = "failed"

    def __init__(
        self,
        reason: str,
        *,
        code: str = "",
        permission: str | None = None,
        advice: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.permission = permission
        self.advice = advice
        self.request_id = request_id


class NotLicensedError(ReadError):
    """The tenant lacks the licence for this, so there is nothing to read: known to be empty."""

    status = "not_licensed"


class DeniedError(ReadError):
    """A permission or a directory role is missing."""

    status = "denied"


class ThrottledError(ReadError):
    """Graph kept asking us to wait until the time we allow was over."""

    status = "throttled"


class FailedError(ReadError):
    """No answer, a broken answer, or an answer that is not Graph's."""

    status = "failed"


class HeldBackError(ConnectorwatchError):
    """A request was ready to go when its service asked for silence; it was not sent."""


class NotReadError(ConnectorwatchError):
    """The records of a section that was not read were requested.

    Attributes:
        section: The name of the section.
        reason: Why it was not read.
    """

    def __init__(self, section: str, reason: str) -> None:
        super().__init__(f"{section} was not read: {reason}")
        self.section = section
        self.reason = reason


class NothingReadError(ConnectorwatchError):
    """Not one section of a scan could be read."""


class ClockError(ConnectorwatchError):
    """This machine's clock and Graph's differ too much for a scan to be remembered."""


class CredentialError(ConnectorwatchError):
    """There is no token to ask Graph with."""


class SettingsError(ConnectorwatchError):
    """A setting is unknown or has a bad value."""


class MissingExtraError(SettingsError):
    """A setting or command needs libraries that this installation does not have."""


class PolicyError(ConnectorwatchError):
    """The policy file is missing, unreadable or says something unknown."""


class CatalogueError(ConnectorwatchError):
    """The release catalogue is missing or malformed."""


class KnowledgeError(ConnectorwatchError):
    """The troubleshooting knowledge is malformed."""


class SubjectError(ConnectorwatchError):
    """What a command was asked about is not there, is several things, or cannot be read."""


class EvidenceError(ConnectorwatchError):
    """A stored document is damaged or of a newer version."""


class NewerVersionError(EvidenceError):
    """A stored document is of a newer version: nothing is wrong with it, and a newer connectorwatch reads it."""


class StorageError(ConnectorwatchError):
    """Storage refused to read or write."""


class ConflictError(StorageError):
    """Another writer changed the document since it was read."""


class RetainedError(StorageError):
    """Storage keeps the object unchanged, by a rule of its own (an immutability policy or a legal hold)."""


class DeliveryError(ConnectorwatchError):
    """An announcement did not reach a channel; it stays in its outbox and is tried again.

    Attributes:
        wait: For how many seconds the channel asked not to be tried again; 0 where it did not ask.
    """

    def __init__(self, why: str, wait: float = 0) -> None:
        super().__init__(why)
        self.wait = wait


class PartlyDeliveredError(DeliveryError):
    """Of several announcements some did not reach a channel, and all others did.

    Attributes:
        left: Those that did not, each as its tenant's id and its own.
    """

    def __init__(self, why: str, left: Collection[tuple[str, str]]) -> None:
        super().__init__(why)
        self.left = frozenset(left)


class UndeliverableError(DeliveryError):
    """A channel refused an announcement in a way that trying again does not mend."""


class GrantError(ConnectorwatchError):
    """Graph did not give or take back a permission or a role.

    Attributes:
        status: With which status Graph refused; 0 where it was not asked.
        code: Graph's error code, where it gave one.
    """

    def __init__(self, reason: str, *, status: int = 0, code: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.code = code


class RenderError(ConnectorwatchError):
    """A stored scan's reports could not be written; the scan is remembered and set aside."""


class RequestError(ConnectorwatchError):
    """A request for a scan is not understood."""


class RuleError(ConnectorwatchError):
    """A rule broke its contract: a defect of ours."""
