"""Signing in as a person with a code: what is shown, what is asked, what is kept."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from common.errors import CredentialError, SettingsError
from connectorwatch.platform.credentials import credential_of, tenant_of
from connectorwatch.platform.personal_sign_in import DeviceCode
from tests.connectorwatch.platform.login import ANSWERS, CLIENT, TENANT, Login, kept, settings

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_person_is_shown_the_address_and_the_code(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Address and code stand on stderr, the token comes back, a second one needs nobody, and nothing is kept."""
    login = Login()
    async with DeviceCode(settings(), home=tmp_path, transport=login, disable_instance_discovery=True) as credential:
        tokens = [(await credential.get_token("https://graph.microsoft.com/.default")).token for _ in range(2)]

    said = capsys.readouterr()
    assert tokens == ["the-token", "the-token"]
    assert said.err.splitlines() == [
        "To sign in, open https://microsoft.com/devicelogin in any browser and enter the code ABC-123."
    ]
    assert (said.out, kept(tmp_path), login.asked.count("devicecode")) == ("", [], 1)


def test_a_public_client_has_to_be_named() -> None:
    """This project has no registration of its own, and says where it is told how to make one."""
    with pytest.raises(SettingsError, match=r"CONNECTORWATCH_CLIENT_ID must name a public client .*permissions\.md"):
        credential_of(settings(client_id=None))


def test_the_setting_chooses_it() -> None:
    """CONNECTORWATCH_CREDENTIAL=device_code signs in by code."""
    assert isinstance(credential_of(settings()), DeviceCode)


KEY_STORE = sys.platform != "linux" or find_spec("gi") is not None


@pytest.mark.skipif(KEY_STORE, reason="this machine may have a key store, which a test must not write to")
async def test_tokens_are_never_kept_unencrypted(tmp_path: Path) -> None:
    """Where the operating system cannot encrypt, keeping is refused in words, and nothing is left behind."""
    credential = DeviceCode(settings(token_cache=True), home=tmp_path, transport=Login())

    with pytest.raises(SettingsError, match="CONNECTORWATCH_TOKEN_CACHE"):
        await tenant_of(credential, settings(token_cache=True))
    assert kept(tmp_path) == []


async def test_whose_sign_in_it_was_is_kept(tmp_path: Path) -> None:
    """After the first sign-in it is written down who signed in, and no token is."""
    login = Login()
    options: dict[str, Any] = {
        "transport": login,
        "disable_instance_discovery": True,
        "cache_persistence_options": None,
    }
    credential = DeviceCode(settings(token_cache=True), home=tmp_path / "home", **options)
    await credential.get_token("https://graph.microsoft.com/.default")

    (written,) = kept(tmp_path / "home")
    text = written.read_text(encoding="utf-8")
    assert (credential.remembers, json.loads(text)["username"]) == (True, "ada@contoso.com")
    assert "the-token" not in text
    assert "the-refresh-token" not in text


async def test_a_sign_in_that_fails_is_told(tmp_path: Path) -> None:
    """A refusal of the login service is no matter of encryption, and becomes the usual sentence."""
    login = Login({"token": {"error": "authorization_declined", "error_description": "declined"}})
    options: dict[str, Any] = {"transport": login, "disable_instance_discovery": True}
    credential = DeviceCode(settings(), home=tmp_path, **options)

    with pytest.raises(CredentialError, match="declined"):
        await tenant_of(credential, settings())


def record(client: str = CLIENT) -> str:
    """Return whose sign-in it was, as azure-identity writes it."""
    own = {"authority": "login.microsoftonline.com", "clientId": client, "homeAccountId": f"ada.{TENANT}"}
    return json.dumps({**own, "tenantId": TENANT, "username": "ada@contoso.com", "version": "1.0"})


@pytest.mark.parametrize("written", [record(), record("another"), "no record", "[]", "{}", "1", "[" * 100_000, None])
def test_whose_sign_in_it_was_is_read_again(written: str | None, tmp_path: Path) -> None:
    """A record of this tenant and client is used; another one, a damaged one and none mean a new sign-in."""
    if written is not None:
        (tmp_path / "signed-in.json").write_text(written, encoding="utf-8")

    credential = DeviceCode(settings(token_cache=True), home=tmp_path, transport=Login())

    assert credential.remembers == (written == record())


async def test_whose_sign_in_it_was_is_its_owners_alone(tmp_path: Path) -> None:
    """The record and its folder are closed to others, whatever the umask is."""
    options: dict[str, Any] = {"transport": Login(), "disable_instance_discovery": True}
    home = tmp_path / "home"
    asked = DeviceCode(settings(token_cache=True), lambda *_: None, home, cache_persistence_options=None, **options)
    before = os.umask(0)
    try:
        await asked.get_token("https://graph.microsoft.com/.default")
    finally:
        os.umask(before)

    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, home / "signed-in.json")] == [0o700, 0o600]


async def dropped_by(tmp_path: Path, answers: dict[str, dict[str, object]]) -> tuple[DeviceCode, Login]:
    """Return a credential that somebody asked for a token and stopped waiting for, once the code was shown."""
    login, shown = Login(answers), threading.Event()
    options: dict[str, Any] = {"transport": login, "disable_instance_discovery": True}
    credential = DeviceCode(settings(), lambda *_: shown.set(), tmp_path, **options)
    asking = asyncio.create_task(credential.get_token("https://graph.microsoft.com/.default"))
    await asyncio.to_thread(shown.wait, 10)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    return credential, login


@pytest.mark.slow
async def test_whoever_stops_waiting_is_not_kept_waiting(tmp_path: Path) -> None:
    """Ctrl-C ends the asking for a token within one pause, not when the code is over, and keeps no program running."""
    _, login = await dropped_by(
        tmp_path,
        {
            "devicecode": {**ANSWERS["devicecode"], "expires_in": 6},
            "token": {"error": "authorization_pending"},
        },
    )

    (asking,) = (thread for thread in threading.enumerate() if "_answer" in thread.name)
    await asyncio.to_thread(asking.join, 3)
    assert (asking.daemon, asking.is_alive()) == (True, False)
    assert login.asked.count("token") <= 2


@pytest.mark.slow
async def test_a_call_that_was_stopped_stops_no_later_one(tmp_path: Path) -> None:
    """Whoever gave up once may sign in afterwards with the same credential."""
    credential, login = await dropped_by(tmp_path, {"token": {"error": "authorization_pending"}})
    login.answers = ANSWERS

    assert (await credential.get_token("https://graph.microsoft.com/.default")).token == "the-token"


async def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    """Where whose sign-in it was cannot be kept, that is said, and which setting asked for it."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    options: dict[str, Any] = {
        "transport": Login(),
        "disable_instance_discovery": True,
        "cache_persistence_options": None,
    }
    credential = DeviceCode(settings(token_cache=True), home=tmp_path / "file", **options)

    with pytest.raises(SettingsError, match=r"signed-in\.json .*CONNECTORWATCH_TOKEN_CACHE"):
        await credential.get_token("https://graph.microsoft.com/.default")
