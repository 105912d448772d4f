"""Whatever one route does, the others are told, and the failure is that route's."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from connectorwatch.channels.mail import SmtpMailer
from connectorwatch.delivery.batch import FAILING_AFTER
from connectorwatch.delivery.deliver import DeliveryContext, deliver
from connectorwatch.delivery.results import DeliveryResult
from connectorwatch.delivery.subscriptions import Routing
from findings.stores.folder import FolderStore
from tests.connectorwatch.delivery.delivering import BOTH, MINUTE, Heard, T, entry, fill, route, work

if TYPE_CHECKING:
    from pathlib import Path

    from connectorwatch.channels.port import Channel, Message, SendResult
    from connectorwatch.delivery.subscriptions import AnyRoute
    from findings.cards import RouteFilter

FAILURES = (
    OverflowError("date value out of range"),
    UnicodeError("label empty or too long"),
    ValueError("a secret"),
    TypeError("a secret"),
    KeyError("a secret"),
    RecursionError("a secret"),
    OSError("a secret"),
    MemoryError(),
)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> FolderStore:
    store = FolderStore(tmp_path)
    fill(store, T, entry(1), entry(2))
    return store


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_channel_that_breaks_is_alone(store: FolderStore, failure: Exception) -> None:
    """A channel that fails in a way nobody foresaw is tried again later, counts as failing, and holds nobody up."""

    def breaks() -> None:
        raise failure

    broken, done = Heard(breaks), DeliveryResult()
    for attempt in range(FAILING_AFTER):
        other = Heard()
        done = deliver(work(store, MINUTE * 60 * 5 * attempt, broken=broken, other=other))
        assert other.entries == ([BOTH] if attempt == 0 else [])
    assert len(broken.messages) == FAILING_AFTER
    told = done.routes["broken"]
    assert told is not None
    assert type(failure).__name__ in told.why
    assert "secret" not in told.why


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_route_that_cannot_be_set_up_is_alone(store: FolderStore, failure: Exception) -> None:
    """A route that cannot be opened, for whatever reason, is unusable, and the others are told."""
    other = Heard()

    def opened(one: AnyRoute) -> Channel:
        if one.id == "broken":
            raise failure
        return other

    done = deliver(DeliveryContext(store, work(store).now, Routing((route("broken"), route("other"))), opened))

    assert other.entries == [BOTH]
    told = done.routes["broken"]
    assert told is not None
    assert (told.kind, "secret" in told.why) == ("unusable", False)


@pytest.mark.parametrize("server", ["a..b", f"{'x' * 64}.example", "127.0.0.1:99999"])
def test_a_mail_server_without_a_name_is_alone(store: FolderStore, server: str) -> None:
    """A mail server that no resolver can ask for, from a policy of an earlier version, fails as a delivery does."""
    mails: list[EmailMessage] = []

    class ByMail(Heard):
        """A channel that hands mail to a server."""

        def send(self, message: Message, route_filter: RouteFilter) -> SendResult:
            """Hand a mail over."""
            del message, route_filter
            mails.append(EmailMessage())
            return SmtpMailer(server).post(mails[-1])

    other = Heard()
    done = deliver(work(store, mail=ByMail(), other=other))

    assert (done.failed, other.entries, len(mails)) == (2, [BOTH], 1)
