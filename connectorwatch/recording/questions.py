"""The eight questions about Graph that no document answers, and what to do for either answer of a live tenant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectorwatch.recording import overlaps
from connectorwatch.recording.view import CONNECTORS, GROUPS, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectorwatch.recording.document import Recording

_AUDIT = "v1.0/auditLogs/directoryAudits"
_PRINCIPALS = "v1.0/directoryObjects/getByIds"
_PIM = "v1.0/identityGovernance/privilegedAccess/group"
_ROLES = "v1.0/roleManagement/directory"


@dataclass(frozen=True)
class Question:
    """One thing that is not known of Graph.

    Attributes:
        id: Short and stable, to refer to it.
        text: The question; it can be answered with yes or no.
        if_yes: What to do for yes.
        if_no: What to do for no.
        answer: The answer that a recording gives; None where it shows neither.
    """

    id: str
    text: str
    if_yes: str
    if_no: str
    answer: Callable[[View], bool | None]


@dataclass(frozen=True)
class Answered:
    """A question with a recording's answer and what follows from it."""

    question: Question
    answer: bool | None

    @property
    def line(self) -> str:
        """The question, the answer and what to do, on one line."""
        if self.answer is None:
            outcome = f"not seen. If yes: {self.question.if_yes} If no: {self.question.if_no}"
        else:
            outcome = f"yes. {self.question.if_yes}" if self.answer else f"no. {self.question.if_no}"
        return f"{self.question.id} {self.question.text} {outcome}"


def answers(recording: Recording) -> tuple[Answered, ...]:
    """Return every question with the answer that the recording gives."""
    view = View(recording)
    return tuple(Answered(question, question.answer(view)) for question in QUESTIONS)


def _app_only(view: View) -> bool | None:
    statuses = view.statuses(CONNECTORS)
    if not view.app_only or not statuses.keys() & {"200", "403"}:
        return None
    return "200" in statuses


def _not_seen(_: View) -> None:
    """Return that reading alone cannot show it."""


def _partners(view: View) -> bool | None:
    """Say whether a holder belongs to another organization; where none does, this tenant may have no partner."""
    return True if view.shared(overlaps.TENANT, overlaps.HOMES)[1] else None


def _named_by_id(view: View) -> bool | None:
    if not view.words(_AUDIT, "value[].activityDisplayName")["Register connector"]:
        return None
    pairs = ((overlaps.CONNECTORS, overlaps.AUDIT_IDS), (overlaps.CONNECTORS, overlaps.AUDIT_CHANGES))
    return any(view.shared(*pair)[0] for pair in pairs)


def _batches(view: View) -> bool | None:
    statuses = view.statuses("beta/$batch")
    if not statuses.keys() & {"200", "400", "404", "405", "501"}:
        return None
    contents = (f"{GROUPS}/{{id}}/members", f"{GROUPS}/{{id}}/applications")
    answered = [exchange for path in contents for exchange in view.exchanges(path, batched=True)]
    return any("200" in exchange.statuses for exchange in answered)


def _unmanaged(view: View) -> bool | None:
    paths = [f"{_PIM}/{kind}ScheduleInstances" for kind in ("assignment", "eligibility")]
    if not any(view.statuses(path) for path in paths):
        return None
    return any(view.codes(path)["ResourceTypeNotSupported"] for path in paths)


def _identities(view: View) -> bool | None:
    users = view.words(_PRINCIPALS, "value[].@odata.type")["#microsoft.graph.user"]
    return bool(view.types(_PRINCIPALS, "value[].identities")["array"]) if users else None


def _others(view: View) -> bool | None:
    """Say whether groups of other types have connectors of their own; a tenant without such a group shows nothing."""
    if view.words(GROUPS, "value[].connectorGroupType").keys() <= {"applicationProxy"}:
        return None
    return view.shared(overlaps.CONNECTORS, overlaps.MEMBERS)[1] == 0


QUESTIONS = (
    Question(
        "U1",
        "May an application read connectors with Directory.Read.All and a directory role?",
        "Keep scanning as an application, and note the permissions and roles of this recording as sufficient.",
        "Assign Global Reader to the application and record again; if that is refused too, scan as a person.",
        _app_only,
    ),
    Question(
        "U2",
        "Can a guest who holds the role register a connector with a token of this tenant?",
        "Count guests among the registrars in REG001, REG002 and REG008.",
        "Leave guests out of those rules; REG003 reports them in any case. Reading does not show this: try to register "
        "a connector as a guest in a test tenant.",
        _not_seen,
    ),
    Question(
        "U3",
        "Do role holders of another organization (partners, GDAP) appear without an object in the tenant?",
        "Read principalOrganizationId with the plain role assignments and name such holders as partner accounts.",
        "Treat an id that the directory does not know as deleted or hidden.",
        _partners,
    ),
    Question(
        "U4",
        "Does a registration in the audit log name the connector by its id?",
        "Attribute registrations by id.",
        "Attribute by machine name and time, and say so; a registration that matches neither stays unattributed.",
        _named_by_id,
    ),
    Question(
        "U5",
        "Does the App Proxy service answer inside a batch?",
        "Keep reading groups in batches of twenty.",
        "Read each group alone from the start, which saves the refused batch.",
        _batches,
    ),
    Question(
        "U6",
        "Does PIM for Groups answer 400 ResourceTypeNotSupported for groups that it does not manage?",
        "Note which kinds of group they are, and do not ask PIM about those.",
        "An empty list or a 404 means the same; nothing has to change.",
        _unmanaged,
    ),
    Question(
        "U7",
        "Does getByIds return a user's identities?",
        "Keep judging the home tenant of people by them.",
        "Read the identities of each role holder from /users/{id}; until then REG003 and REG007 are not assessed.",
        _identities,
    ),
    Question(
        "U8",
        "Does the list of connectors include agents of other types of group?",
        "Keep leaving out the members of other groups.",
        "The lists are separate: reading the members of other groups can be dropped.",
        _others,
    ),
)
"""All questions, in the order in which they are shown."""
