"""Mail, for the digest alone: by a mail server (SMTP with STARTTLS), or by Microsoft Graph."""

from __future__ import annotations

import base64
import smtplib
import ssl
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Protocol
from urllib.parse import quote

from common import http_client
from common.errors import DeliveryError, UndeliverableError
from connectorwatch.channels.mail_text import digest_mail
from connectorwatch.channels.port import Preview
from connectorwatch.channels.posting import Poster
from findings.cards import RouteFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import JsonValue

    from connectorwatch.channels.port import Message, SendResult

SMTP_PORT = 587
"""Where mail is submitted (RFC 6409)."""
TIMEOUT = 20.0
"""Seconds to wait for a mail server's next bytes, and for the whole of one reply."""
MOST_LINES = 100
"""Lines of one reply; a server that offers much has some thirty."""
_FINAL = 500


class Mailer(Protocol):
    """Hands mails to a mail system."""

    def post(self, mail: EmailMessage) -> SendResult:
        """Hand a mail over.

        Raises:
            UndeliverableError: It was refused for good.
            DeliveryError: It was not taken this time.
        """
        ...


@dataclass(frozen=True)
class MailChannel:
    """Sends digests as mail, and nothing else."""

    kind: ClassVar[str] = "mail"
    mailer: Mailer
    sender: str
    to: Sequence[str]

    def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
        """Send a digest; see `port.Channel`."""
        del route_filter
        return self.mailer.post(digest_mail(message, self.sender, self.to)) if message.kind == "digest" else "nothing"

    @staticmethod
    def preview(message: Message, sender: str, to: Sequence[str]) -> Preview:
        """Return the mail of a digest as its parts."""
        mail = digest_mail(message, sender, to)
        plain = mail.get_body(("plain",))
        text = plain.get_content() if isinstance(plain, EmailMessage) else ""
        content: dict[str, JsonValue] = {"subject": str(mail["Subject"]), "from": sender, "to": list(to), "text": text}
        return Preview(content, size=len(mail.as_bytes()))

    def test(self, route_id: str, digest: Callable[[], Message]) -> SendResult:
        """Send a digest of now; see `port.Channel`."""
        del route_id
        return self.send(digest(), RouteFilter())


class BoundedSmtp(smtplib.SMTP):
    """A connection to a mail server whose replies end: `smtplib` itself reads lines for as long as there are any."""

    def getreply(self) -> tuple[int, bytes]:
        """See smtplib.SMTP; raises SMTPServerDisconnected where a reply has too many lines or takes too long."""
        if self.file is None and self.sock is not None:
            self.file = _BoundedReply(self.sock.makefile("rb"))
        if isinstance(self.file, _BoundedReply):
            self.file.begin()
        return super().getreply()


class _BoundedReply:
    """The lines that a mail server sends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.begin()

    def begin(self) -> None:
        """Begin to count for a new reply."""
        self._lines, self._until = 0, time.monotonic() + TIMEOUT

    def readline(self, most: int = -1) -> bytes:
        """Return the next line."""
        self._lines += 1
        if self._lines > MOST_LINES or time.monotonic() > self._until:
            raise smtplib.SMTPServerDisconnected("the reply does not end")
        return self._file.readline(most)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True)
class SmtpMailer:
    """Hands mail to a server over an encrypted connection, or not at all.

    Attributes:
        server: `host` or `host:port`.
        user: Who signs in; None where nobody does.
        password: That user's password.
        trust: Who is trusted to vouch for the server's name.
    """

    server: str
    user: str | None = None
    password: str = field(default="", repr=False)
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def post(self, mail: EmailMessage) -> SendResult:
        """Hand a mail over; see `Mailer`."""
        host, _, port = self.server.partition(":")
        try:
            with BoundedSmtp(host, int(port or SMTP_PORT), timeout=TIMEOUT) as server:
                server.starttls(context=self.trust)
                if self.user is not None:
                    server.login(self.user, self.password)
                refused = server.send_message(mail)
        except smtplib.SMTPNotSupportedError:
            raise UndeliverableError(f"{host} offers no STARTTLS or no way to sign in: use another server.") from None
        except smtplib.SMTPRecipientsRefused as error:
            later = any(code < _FINAL for code, _ in error.recipients.values())
            kind = DeliveryError if later else UndeliverableError
            raise kind(f"{host} takes no mail for the addresses of the route: correct them.") from None
        except smtplib.SMTPResponseException as error:
            kind = UndeliverableError if error.smtp_code >= _FINAL else DeliveryError
            what = ": correct user and password" if isinstance(error, smtplib.SMTPAuthenticationError) else ""
            raise kind(f"{host} answered {error.smtp_code}{what}") from None
        except (OSError, UnicodeError, OverflowError, smtplib.SMTPException) as error:
            raise DeliveryError(f"{host} was not reached or broke off ({type(error).__name__})") from None
        if refused:
            raise UndeliverableError(f"{host} took the mail for some addresses only: correct the others.")
        return "delivered"


@dataclass(frozen=True)
class GraphMailer:
    """Hands mail to Microsoft Graph (`user: sendMail`, application permission Mail.Send; Graph v1.0, 2026-11).

    Attributes:
        root: Graph's root.
        sender: Whose mailbox sends it.
        token: Returns a token for Graph.
        make: Makes what posts to an address.
    """

    root: str
    sender: str
    token: Callable[[], str]
    make: Callable[[http_client.URL], Poster] = Poster

    def post(self, mail: EmailMessage) -> SendResult:
        """Hand a mail over; see `Mailer`."""
        poster = self.make(http_client.URL(f"{self.root}/v1.0/users/{quote(self.sender, safe='@')}/sendMail"))
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "text/plain"}
        poster.post(base64.b64encode(mail.as_bytes()), headers)
        return "accepted"
