"""`notify` shows what a stored scan would tell, and tries routes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from click.testing import CliRunner, Result
from standardwebhooks import Webhook

from common.errors import DeliveryError, SettingsError, UndeliverableError
from connectorwatch.__main__ import main
from connectorwatch.channels.mail import MailChannel
from connectorwatch.channels.teams import TeamsChannel
from connectorwatch.channels.webhook import WebhookChannel
from connectorwatch.commands.notify import _send_tests
from connectorwatch.delivery.deliver import DeliveryContext
from connectorwatch.delivery.preview import previews, routes_named, send_test, stored_notification
from connectorwatch.delivery.subscriptions import AnyRoute, Routing
from connectorwatch.scanning.latest_and_views import stored_state
from connectorwatch.scanning.publish import keep_evidence, publish
from findings.state.announcements import NotAssessed
from findings.stores.folder import FolderStore
from policies.policy_file.routes import GraphMailRoute, TeamsRoute, WebhookRoute
from policies.vocabulary import Severity
from tests.making import TENANT, blind, evidence, snapshot
from tests.people import grant, role, user

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from email.message import EmailMessage
    from pathlib import Path

    from connectorwatch.channels.port import Channel, Message, SendResult
    from findings.cards import RouteFilter

ANN, ADMIN = user("Ann"), role()
FIRST, SECOND, THIRD = "20261120T060000Z-0000000a", "20261121T060000Z-0000000b", "20261122T060000Z-0000000c"
SEEN = snapshot(roles=(ADMIN,), assignments=(grant(ANN, ADMIN),), principals=(ANN,))
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
TEAMS, MACHINE, MAIL = (
    TeamsRoute(id="soc", webhook="env:SOC"),
    WebhookRoute(id="siem", webhook="env:SIEM", secret="env:SECRET"),
    GraphMailRoute(id="boss", to=("boss@contoso.example",), sender="it@contoso.example"),
)


@dataclass
class Posted:
    """Takes the place of what posts: keeps what it is given."""

    bodies: list[bytes] = field(default_factory=list)

    def post(self, content: bytes, headers: Mapping[str, str]) -> int:
        """Keep a body, and answer as a flow does."""
        del headers
        self.bodies.append(content)
        return 202


class Refusing:
    """A channel that refuses everything."""

    kind: ClassVar[str] = "refusing"

    def send(self, message: Message, route_filter: RouteFilter) -> Any:  # noqa: ANN401 - it never returns
        """Refuse."""
        del message, route_filter
        raise UndeliverableError("the flow does not exist any more")

    def test(self, route_id: str, digest: Callable[[], Message]) -> Any:  # noqa: ANN401 - it never returns
        """Refuse."""
        del route_id, digest
        raise UndeliverableError("the flow does not exist any more")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with three scans of a tenant: the second resolves a finding, and the third may see nothing."""
    made = tmp_path_factory.mktemp("out")
    kept = FolderStore(made)
    for scan, seen in ((FIRST, SEEN), (SECOND, snapshot(roles=(ADMIN,))), (THIRD, blind())):
        publish(kept, keep_evidence(kept, evidence(seen, scan_id=scan)))
    return made


@pytest.fixture
def store(folder: Path) -> FolderStore:
    """Return the store, which no test writes to."""
    return FolderStore(folder)


def work(
    store: FolderStore, *routes: AnyRoute, channel: Channel | None = None, url: str | None = None
) -> DeliveryContext:
    """Return what notifying needs, with one channel for all routes."""
    return DeliveryContext(store, lambda: NOW, Routing(routes), lambda _: channel or Refusing(), url)


def test_a_first_scan_is_told_as_one(store: FolderStore) -> None:
    """The announcement of a first scan is made again from its result, with the address of its report."""
    told = stored_notification(work(store, url="https://c.example"), TENANT, FIRST)

    assert told.entry.first
    assert told.entry.scan == FIRST
    assert told.report == f"https://c.example/api/people/tenants/{TENANT}/scans/{FIRST}/report.html"


def test_an_announcement_is_made_again_as_it_was(store: FolderStore) -> None:
    """What a stored scan announces is what stands in the outbox, but for the moment of its marks."""
    outbox = stored_state(store, TENANT)[0].model_dump(mode="json")["outbox"]

    for number, scan in enumerate((FIRST, SECOND, THIRD)):
        again = stored_notification(work(store), None, scan).entry.model_dump(mode="json", exclude={"at"})
        assert again == {key: value for key, value in outbox[number].items() if key != "at"}


def test_what_was_not_assessed_before_is_no_news(store: FolderStore) -> None:
    """Without the scan before, all that could not be looked at is told; with it only what is new."""
    newest = stored_notification(work(store), TENANT, None)

    assert newest.entry.not_assessed
    assert all(isinstance(one, NotAssessed) for one in newest.entry.not_assessed)
    assert stored_notification(work(store), TENANT, SECOND).entry.not_assessed == ()


def test_each_route_is_shown_what_it_wants(store: FolderStore) -> None:
    """Cards for Teams, JSON for a machine, a digest by mail, nothing to whom the tenant is none of his business."""
    other = TeamsRoute(id="other", webhook="env:O", tenants=("00000000-0000-0000-0000-000000000000",))
    deaf = TeamsRoute(id="deaf", webhook="env:D", severity=Severity.CRITICAL, rules=("POL002",), service=False)
    routing = work(store, TEAMS, MACHINE, MAIL, other, deaf)

    found = list(previews(routing, routes_named(routing, None), stored_notification(routing, TENANT, THIRD)))

    assert [(one.subscription.key, one.preview.content is not None, one.preview.size > 0) for one in found] == [
        ("soc", True, True),
        ("soc/service", True, True),
        ("siem", True, True),
        ("siem/service", True, True),
        ("boss/digest", True, True),
        ("deaf", False, False),
    ]


def test_routes_are_named_without_case(store: FolderStore) -> None:
    """A route is found by its id; without any there is the default one."""
    assert routes_named(work(store, TEAMS, MAIL), "BOSS") == (MAIL,)
    assert [route.id for route in routes_named(work(store), None)] == ["default"]
    with pytest.raises(SettingsError, match="the routes are soc"):
        routes_named(work(store, TEAMS), "nobody")


def test_a_test_goes_the_way_of_its_route(store: FolderStore) -> None:
    """A Teams route gets the test card, a webhook a signed message of nothing."""
    posted = Posted()
    teams = TeamsChannel(posted)  # type: ignore[arg-type] # a stand-in of ten lines
    machine = WebhookChannel(posted, Webhook("whsec_" + "A" * 32))  # type: ignore[arg-type] # as above

    assert send_test(work(store, TEAMS, channel=teams), TEAMS) == "accepted"
    assert send_test(work(store, MACHINE, channel=machine), MACHINE) == "delivered"
    assert b"This card came by the route " in posted.bodies[0]
    assert b"connectorwatch.test" in posted.bodies[1]


def test_mail_is_tested_with_a_digest(store: FolderStore) -> None:
    """A mail route gets how the tenants stand now."""

    class Mailer:
        """Keeps the mails."""

        mails: ClassVar[list[EmailMessage]] = []

        def post(self, mail: EmailMessage) -> SendResult:
            """Keep a mail."""
            self.mails.append(mail)
            return "delivered"

    channel = MailChannel(Mailer(), "it@contoso.example", ("boss@contoso.example",))

    assert send_test(work(store, MAIL, channel=channel), MAIL) == "delivered"
    assert [mail["To"] for mail in Mailer.mails] == ["boss@contoso.example"]
    assert TENANT in Mailer.mails[0].as_string()


def test_one_bad_route_does_not_stop_the_others(store: FolderStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Each route is told how it went, and the command fails in the end."""
    good = TeamsChannel(Posted())  # type: ignore[arg-type] # a stand-in of ten lines
    mixed = DeliveryContext(
        store, lambda: NOW, Routing((MAIL, TEAMS)), lambda route: good if route == TEAMS else Refusing()
    )

    with pytest.raises(DeliveryError, match="1 of 2 routes"):
        _send_tests(mixed, (MAIL, TEAMS))

    assert capsys.readouterr().err == (
        "route boss: failed, the flow does not exist any more\nroute soc: accepted; check that the channel shows it\n"
    )


def run(folder: Path, *arguments: str, **environment: str) -> Result:
    """Run the command on a folder."""
    runner = CliRunner(env={"CONNECTORWATCH_TEAMS_WEBHOOK_URL": None, **environment})
    return runner.invoke(main, ["notify", "--out", str(folder), *arguments])


def test_a_dry_run_prints_cards(folder: Path) -> None:
    """Cards stand on stdout, a line for each route and kind on stderr, and nothing is marked."""
    before = (folder / TENANT / "state.json").read_bytes()

    result = run(folder, "--scan", FIRST, "--dry-run")

    assert result.exit_code == 0
    card, service = json.loads(result.stdout)
    assert (card["route"], card["channel"], card["kind"], card["content"]["type"]) == (
        ("default", "teams", "changes", "message")
    )
    assert (service["kind"], service["content"], service["bytes"]) == ("service", None, 0)
    first, second = result.stderr.splitlines()
    assert first.startswith("route default, changes: ")
    assert first.partition(": ")[2].partition(" bytes")[0].isdecimal()
    assert second == "route default, service: nothing to send"
    assert (folder / TENANT / "state.json").read_bytes() == before


def test_a_dry_run_over_several_routes_is_one_document(folder: Path, tmp_path: Path) -> None:
    """Whatever the routes are, stdout is one JSON list: cards, a machine's message, and the digest that mail gets."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "routes:\n"
        "  - {id: soc, webhook: env:SOC}\n"
        "  - {id: siem, kind: webhook, webhook: env:SIEM, secret: env:SECRET}\n"
        "  - {id: boss, kind: mail, to: [boss@contoso.example], sender: it@contoso.example}\n"
    )

    told = run(folder, "--scan", FIRST, CONNECTORWATCH_POLICY=str(policy))
    nobody = run(folder, "--scan", FIRST, "--route", "boss", CONNECTORWATCH_POLICY=str(policy))

    entries = json.loads(told.stdout)
    assert [(entry["route"], entry["kind"]) for entry in entries] == [
        ("soc", "changes"),
        ("soc", "service"),
        ("siem", "changes"),
        ("siem", "service"),
        ("boss", "digest"),
    ]
    mail = entries[-1]["content"]
    assert (mail["from"], mail["to"]) == ("it@contoso.example", ["boss@contoso.example"])
    assert TENANT in mail["text"]
    assert [entry["route"] for entry in json.loads(nobody.stdout)] == ["boss"]


def test_what_does_not_go_together(folder: Path) -> None:
    """A dry run is no test, and a test is of no scan."""
    assert run(folder, "--dry-run", "--test").exit_code == 2
    assert run(folder, "--test", "--scan", FIRST).exit_code == 2


def test_a_test_needs_a_route(folder: Path) -> None:
    """Without a route there is nothing to test, and the command says where to begin."""
    result = run(folder, "--test")

    assert result.exit_code == 1
    assert "docs/teams.md" in result.stderr


def test_a_test_of_a_retired_address(folder: Path) -> None:
    """An address of the retired connectors is refused, and is nowhere to be read."""
    result = run(folder, "--test", CONNECTORWATCH_TEAMS_WEBHOOK_URL="https://x.webhook.office.com/webhookb2/hush-hush")

    assert result.exit_code == 1
    assert "route default: failed" in result.stderr
    assert "hush-hush" not in result.output


def test_an_unknown_scan(folder: Path) -> None:
    """A scan that is not stored is refused."""
    assert run(folder, "--scan", "20200101T000000Z-00000000").exit_code == 1
