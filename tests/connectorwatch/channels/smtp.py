"""A mail server on loopback in a few lines: STARTTLS, one user, and answers as it is told."""

from __future__ import annotations

import socketserver
import ssl
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator


@dataclass
class MailServer:
    """Takes mail.

    Attributes:
        context: Its certificate; None for a server that cannot speak TLS.
        says: What it answers to a command in place of the usual.
        mails: What it took, as it came.
        commands: What it was told.
        port: Where it listens.
    """

    context: ssl.SSLContext | None
    says: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def running(self) -> Iterator[MailServer]:
        """Serve on an unused port, in a thread of its own."""
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.talk(self.request)

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()

    def talk(self, connection: socket.socket) -> None:
        """Answer one client until it leaves."""
        with ExitStack() as ends:
            lines = ends.enter_context(connection.makefile("rb"))
            connection.sendall(b"220 ready\r\n")
            while line := lines.readline():
                verb = line.split()[0].decode().upper()
                self.commands.append(line.decode().strip())
                answer = self._answer(verb)
                connection.sendall(answer.encode() + b"\r\n")
                if verb == "STARTTLS" and answer.startswith("220") and self.context is not None:
                    try:
                        connection = ends.enter_context(self.context.wrap_socket(connection, server_side=True))
                    except (ssl.SSLError, OSError):  # the client does not trust us
                        return
                    lines = ends.enter_context(connection.makefile("rb"))
                if verb == "DATA" and answer.startswith("354"):
                    self.mails.append(_mail(lines))
                    connection.sendall(b"250 taken\r\n")
                if verb == "QUIT":
                    return

    def _answer(self, verb: str) -> str:
        tls = "250-STARTTLS\r\n" if self.context is not None else ""
        usual = {
            "EHLO": f"250-here\r\n{tls}250 AUTH PLAIN",
            "STARTTLS": "220 go on",
            "AUTH": "235 welcome",
            "DATA": "354 go on",
            "QUIT": "221 bye",
        }
        return self.says.get(verb, usual.get(verb, "250 fine"))


def _mail(lines: IO[bytes]) -> bytes:
    mail = b""
    while (line := lines.readline()) != b".\r\n":
        mail += line.removeprefix(b".") if line.startswith(b"..") else line
    return mail
