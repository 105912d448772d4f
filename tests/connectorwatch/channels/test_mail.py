"""The digest as mail: by a mail server and by Graph; names stay names, and headers stay ours."""

from __future__ import annotations

import email
import socketserver
import ssl
import threading
from contextlib import suppress
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DeliveryError, UndeliverableError
from connectorwatch.channels.mail import GraphMailer, MailChannel, SmtpMailer
from connectorwatch.channels.mail_text import MOST_TENANTS, digest_mail
from connectorwatch.channels.port import Message
from connectorwatch.channels.posting import Pace, Poster
from connectorwatch.delivery.open_routes import mail_channel, routes_of
from connectorwatch.service.delivery import send_digest
from findings.cards import RouteFilter
from policies.policy_file.routes import SmtpRoute
from simulator import Simulator
from tests.connectorwatch.channels.smtp import MailServer
from tests.connectorwatch.delivery.world import announced, environment, service
from tests.connectorwatch.service.making import NOW
from tests.e2e.running import environment as graph_environment
from tests.e2e.running import tenant_file
from tests.inventory.certificates import server_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SENDER, BOSS = "connectors@contoso.example", "boss@contoso.example"
HOSTILE = "<script>alert(1)</script>\r\nBcc: evil@example.org\r\n\r\n=?utf-8?q?x?= \u202e **[x](https://evil.example)**"


def message(*names: str, **values: Any) -> Message:  # noqa: ANN401 - columns of a row
    """Return a digest of tenants with these names."""
    usual = {"scan": "s", "scanned_at": "2026-11-20T05:00:00Z", "complete": True, "all_assessed": True}
    rows = tuple({"tenant": f"tenant-{at}", "name": name, **usual, **values} for at, name in enumerate(names))
    return Message("digest", NOW, rows=rows, digest="digest-2026-W47")


def opened(content: bytes) -> EmailMessage:
    """Return a mail as a reader's program opens it."""
    return email.message_from_bytes(content, policy=default)


def texts(mail: EmailMessage) -> tuple[str, str]:
    """Return a mail's text and its HTML."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


def test_what_a_mail_says() -> None:
    """Subject and first line count the tenants by how they stand; each is listed with what fails and is not known."""
    mail = opened(digest_mail(message("Contoso", high=2, low=1), SENDER, [BOSS, "b@contoso.example"]).as_bytes())

    assert mail["Subject"] == "Entra private network connectors: 1 high"
    assert (mail["From"], mail["To"]) == (SENDER, f"{BOSS}, b@contoso.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = texts(mail)
    assert plain.replace("\r\n", "\n") == (
        "How 1 tenant stood on 2026-11-20 06:00 UTC: 1 high.\n\nTenant: Contoso (tenant-0)\nState: high\n"
        "Failing: 2 high, 1 low\nLast scan: 2026-11-20 05:00 UTC\n"
    )
    assert "<td" in html
    assert "Contoso (tenant-0)" in html


def test_a_mail_about_nobody() -> None:
    """An installation that scanned nothing yet says so."""
    assert opened(digest_mail(message(), SENDER, [BOSS]).as_bytes())["Subject"].endswith("no tenants")


def test_the_same_digest_is_the_same_mail() -> None:
    """Sent twice it has one id, so that mail programs show it once."""
    first, second = digest_mail(message("a"), SENDER, [BOSS]), digest_mail(message("b"), SENDER, [BOSS])
    other = digest_mail(replace(message("a"), digest="digest-2026-W48"), SENDER, [BOSS])

    assert first["Message-ID"] == second["Message-ID"] != other["Message-ID"]


def test_many_tenants_are_counted() -> None:
    """The worst are listed, the rest is counted."""
    plain, html = texts(digest_mail(message(*["x"] * (MOST_TENANTS + 2)), SENDER, [BOSS]))

    assert plain.count("Tenant: ") == html.count("(tenant-") == MOST_TENANTS
    assert "2 further tenants are not listed here." in plain
    assert "2 further tenants are not listed here." in html
    assert "1 further tenant is not" in texts(digest_mail(message(*["x"] * (MOST_TENANTS + 1)), SENDER, [BOSS]))[0]


@given(st.text(max_size=300) | st.just(HOSTILE))
def test_no_name_is_more_than_a_name(name: str) -> None:
    """Whatever a tenant is called, headers are ours, and its name makes neither a line nor a tag."""
    usual = opened(digest_mail(message("x"), SENDER, [BOSS]).as_bytes())
    mail = opened(digest_mail(message(name), SENDER, [BOSS]).as_bytes())

    def headers(one: EmailMessage) -> list[tuple[str, str]]:
        return [(key, value) for key, value in one.items() if key != "Content-Type"]

    assert headers(mail) == headers(usual)
    plain, html = texts(mail)
    assert len(plain.splitlines()) == len(texts(usual)[0].splitlines())
    assert html.count("<") == texts(usual)[1].count("<")


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[MailServer]:
    with MailServer(server_context(tmp_path)).running() as server:
        yield server


def mailer(server: MailServer, folder: Path, **parts: Any) -> SmtpMailer:  # noqa: ANN401 - fields of the mailer
    """Return what hands mail to a server, and trusts it."""
    trust = ssl.create_default_context(cafile=folder / "certificate.pem")
    return SmtpMailer(f"127.0.0.1:{server.port}", trust=trust, **parts)


def send(own: SmtpMailer | GraphMailer, name: str = HOSTILE) -> None:
    """Send a digest."""
    assert MailChannel(own, SENDER, [BOSS]).send(message(name), RouteFilter()) in ("delivered", "accepted")


def test_mail_by_a_server(server: MailServer, tmp_path: Path) -> None:
    """Mail goes over an encrypted connection, after signing in, from and to the route's addresses alone."""
    send(mailer(server, tmp_path, user="c", password="planted-password"))

    verbs = [command.split()[0] for command in server.commands]
    assert verbs.index("STARTTLS") < verbs.index("AUTH") < verbs.index("mail")
    assert [line for line in server.commands if line.lower().startswith("rcpt")] == [f"rcpt TO:<{BOSS}>"]
    (mail,) = map(opened, server.mails)
    assert (mail["To"], mail["Bcc"]) == (BOSS, None)
    assert max(map(len, server.mails[0].splitlines())) <= 998


def test_nothing_but_a_digest_is_mailed(server: MailServer, tmp_path: Path) -> None:
    """Other news are nothing to a mail route."""
    assert (
        MailChannel(mailer(server, tmp_path), SENDER, [BOSS]).send(Message("changes", NOW), RouteFilter()) == "nothing"
    )
    assert server.commands == []


def test_a_server_without_encryption_gets_nothing(tmp_path: Path) -> None:
    """Where there is no STARTTLS, neither password nor mail leaves."""
    server_context(tmp_path)
    with MailServer(None).running() as server:
        with pytest.raises(UndeliverableError, match="offers no STARTTLS"):
            send(mailer(server, tmp_path, user="c", password="planted-password"))
        assert not [line for line in server.commands if line.upper().startswith(("AUTH", "MAIL"))]


def test_a_server_that_nobody_vouches_for_gets_nothing(server: MailServer) -> None:
    """A certificate that is not trusted ends it."""
    with pytest.raises(DeliveryError, match="SSLCertVerificationError"):
        send(SmtpMailer(f"127.0.0.1:{server.port}"))
    assert server.mails == []


@pytest.mark.parametrize(
    ("says", "said", "final"),
    [
        ({"AUTH": "535 who are you"}, "127.0.0.1 answered 535: correct user and password", True),
        ({"AUTH": "454 later"}, "127.0.0.1 answered 454: correct", False),
        ({"RCPT": "550 no such user"}, "takes no mail for the addresses of the route", True),
        ({"RCPT": "450 greylisted"}, "takes no mail for the addresses", False),
        ({"DATA": "554 no"}, "127.0.0.1 answered 554", True),
        ({"DATA": "451 later"}, "127.0.0.1 answered 451", False),
        ({"EHLO": "421 busy", "HELO": "421 busy"}, "127.0.0.1 answered 421", False),
        ({"STARTTLS": "454 not now"}, "127.0.0.1 answered 454", False),
        ({"DATA": "nonsense"}, "127.0.0.1 ", False),
    ],
)
def test_a_server_that_refuses(
    server: MailServer, tmp_path: Path, says: dict[str, str], said: str, *, final: bool
) -> None:
    """A refusal for good is told as such; others are tried again; no message repeats what the server says."""
    server.says |= says

    with pytest.raises(DeliveryError) as caught:
        send(mailer(server, tmp_path, user="c", password="planted-password"))
    assert said in str(caught.value)
    assert isinstance(caught.value, UndeliverableError) is final
    assert "planted" not in str(caught.value)


def test_a_server_that_takes_half(server: MailServer, tmp_path: Path) -> None:
    """A mail that went to some addresses only is not sent to them again, and the route counts as failing."""

    class Half(dict[str, str]):
        """Refuses the first address alone."""

        def get(self, key: str, usual: str | None = None) -> str | None:  # type: ignore[override] # of no other type
            """Return what to say."""
            return "550 no" if key == "RCPT" and sum("rcpt" in line for line in server.commands) == 1 else usual

    server.says = Half()
    with pytest.raises(UndeliverableError, match="for some addresses only"):
        MailChannel(mailer(server, tmp_path), SENDER, [BOSS, "b@contoso.example"]).send(message("x"), RouteFilter())
    assert len(server.mails) == 1


def test_nobody_listens() -> None:
    """A server that is not there is tried again later."""
    with pytest.raises(DeliveryError, match=r"was not reached or broke off \(ConnectionRefusedError\)"):
        send(SmtpMailer("127.0.0.1:9"))


def test_mail_by_graph(tmp_path: Path) -> None:
    """The whole mail arrives through the mailbox that the route names, with the tenant's own credential."""
    policy = "routes: [{id: boss, kind: mail, to: [boss@contoso.example], sender: lena@clean.example}]"
    with Simulator(tenant_file("clean")).in_thread() as graph:
        own = service(environment(tmp_path, policy, **graph_environment(graph)))
        announced(own.store, name=HOSTILE)

        assert send_digest(own).sent == 1

        (mail,) = map(opened, graph.mails)
    assert (mail["From"], mail["To"]) == ("lena@clean.example", BOSS)
    assert mail["Bcc"] is None


def test_a_mailbox_that_is_not_there() -> None:
    """Graph's refusal is final, and shows no token."""
    with Simulator(tenant_file("clean")).in_thread() as graph:
        own = GraphMailer(
            graph.root, "nobody/../x@clean.example", lambda: graph.token, lambda url: Poster(url, Pace(0))
        )
        with pytest.raises(UndeliverableError, match=r"it answered 40[04]") as caught:
            send(own)
    assert graph.token not in str(caught.value)


def test_a_mail_routes_password_comes_from_the_environment(tmp_path: Path) -> None:
    """The policy names the variable, whose value may end as a file does; without a user nobody signs in."""
    keys = "id: boss, kind: mail, to: [boss@contoso.example], sender: c@contoso.example, smtp: mail.example"
    variables = environment(
        tmp_path,
        f"routes: [{{{keys}, user: c, password: env:P}}, {{{keys.replace('boss,', 'b,')}}}]",
        P="planted-pass \n",
    )
    own = service(variables)
    routes = [route for route in routes_of(own.settings) if isinstance(route, SmtpRoute)]
    first, second = (mail_channel(route, own.settings, variables).mailer for route in routes)

    assert isinstance(first, SmtpMailer)
    assert isinstance(second, SmtpMailer)
    assert (first.user, first.password, second.user, second.password) == ("c", "planted-pass ", None, "")
    assert "planted" not in repr(first)


@pytest.mark.parametrize("lines", [b"220-more\r\n", b"220-" + b"x" * 8000 + b"\r\n"])
def test_a_greeting_without_end_is_left(lines: bytes) -> None:
    """A server whose greeting never ends is left after a bounded number of lines, and the mail is tried again later."""

    class Endless(socketserver.BaseRequestHandler):
        """Greets for ever."""

        def handle(self) -> None:
            """Send lines until the client leaves."""
            with suppress(OSError):
                while True:
                    self.request.sendall(lines)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Endless) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        with pytest.raises(DeliveryError, match="was not reached or broke off"):
            SmtpMailer(f"127.0.0.1:{server.server_address[1]}").post(EmailMessage())
        server.shutdown()
