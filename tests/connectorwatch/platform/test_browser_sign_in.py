"""Signing in as a person in a browser: what opens, what comes back, and a person who does not answer."""

from __future__ import annotations

import asyncio
import threading
import time
import webbrowser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from common.errors import CredentialError, SettingsError
from connectorwatch.platform.credentials import credential_of, tenant_of
from connectorwatch.platform.personal_sign_in import Browser
from tests.connectorwatch.platform.login import Login, id_token, kept, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Window:
    """A browser in which a person signs in, or does not."""

    def __init__(self) -> None:
        self.login: Login | None = None
        self.answer: dict[str, str] | None = {"code": "the-code"}
        self.opened: list[str] = []
        self.shown = threading.Event()

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: FBT001, FBT002 - webbrowser's
        """Open an address, and send the answer of the login service where it says."""
        del new, autoraise
        if self.login is None:
            return False
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.opened.append(asked["redirect_uri"])
        self.shown.set()
        self.login.answers["token"] = {**self.login.answers["token"], "id_token": id_token(nonce=asked["nonce"])}
        if self.answer is not None:
            fields = urlencode({"state": asked["state"], **self.answer}).encode()
            threading.Thread(target=urlopen, args=(asked["redirect_uri"], fields), daemon=True).start()
        return True


WINDOW = Window()
webbrowser.register("connectorwatch-tests", None, WINDOW, preferred=True)  # type: ignore[arg-type]  # it opens


@pytest.fixture
def window() -> Iterator[Window]:
    """Yield the browser of this machine, in which the person signs in; afterwards there is none."""
    WINDOW.login, WINDOW.answer, WINDOW.opened = Login(), {"code": "the-code"}, []
    WINDOW.shown.clear()
    yield WINDOW
    WINDOW.login = None


def browser(tmp_path: Path, window: Window, **more: Any) -> Browser:  # noqa: ANN401 - azure-identity's own
    """Return a credential that signs in in this browser."""
    options: dict[str, Any] = {"transport": window.login, "disable_instance_discovery": True, **more}
    return Browser(settings(credential="browser"), tmp_path, **options)


async def test_the_person_signs_in_in_a_browser(
    window: Window, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One window opens, its answer comes back over a loopback address, a second token needs none; nothing is kept."""
    async with browser(tmp_path, window) as credential:
        tokens = [(await credential.get_token("https://graph.microsoft.com/.default")).token for _ in range(2)]

    shown = capsys.readouterr()
    assert tokens == ["the-token", "the-token"]
    assert [urlsplit(address).hostname for address in window.opened] == ["localhost"]
    assert shown.err.splitlines() == ["To sign in, use the browser window that opens on this machine."]
    assert (shown.out, kept(tmp_path)) == ("", [])


async def test_a_refusal_in_the_browser_is_an_error(window: Window, tmp_path: Path) -> None:
    """What the login service refuses in the window becomes the usual sentence, with its code."""
    window.answer = {"error": "access_denied", "error_description": "AADSTS53003: blocked by a policy"}

    with pytest.raises(CredentialError, match=r"AADSTS53003.*browser, device_code"):
        await tenant_of(browser(tmp_path, window), settings(credential="browser"))


async def test_a_window_that_nobody_uses_is_closed_in_time(window: Window, tmp_path: Path) -> None:
    """Where nobody signs in within the time, the sign-in fails instead of waiting for ever."""
    window.answer = None

    with pytest.raises(CredentialError, match="Timed out"):
        await tenant_of(browser(tmp_path, window, timeout=1), settings(credential="browser"))


async def test_interrupting_does_not_wait_for_the_browser(window: Window, tmp_path: Path) -> None:
    """Ctrl-C while a window is open ends the command at once."""
    window.answer = None
    asking = asyncio.create_task(browser(tmp_path, window, timeout=5).get_token("https://graph.microsoft.com/.default"))
    await asyncio.to_thread(window.shown.wait, 10)
    began = time.monotonic()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    await asyncio.get_running_loop().shutdown_default_executor()
    assert time.monotonic() - began < 2


def test_the_browser_is_chosen_by_the_setting_and_needs_a_client() -> None:
    """CONNECTORWATCH_CREDENTIAL=browser signs in in a browser, by the same public client as a code."""
    assert isinstance(credential_of(settings(credential="browser")), Browser)
    with pytest.raises(SettingsError, match=r"is browser, so CONNECTORWATCH_CLIENT_ID must name a public client"):
        credential_of(settings(credential="browser", client_id=None))
