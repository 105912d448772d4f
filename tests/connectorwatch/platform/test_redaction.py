"""What is logged holds no secrets, from us or from any library."""

from __future__ import annotations

import io
import logging
import time
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from connectorwatch.platform.logs import set_up_logs, set_up_service_logs
from connectorwatch.platform.redaction import HIDDEN, hide, redact, redact_records, redact_value

if TYPE_CHECKING:
    from collections.abc import Iterator

JWT = "eyJ0eXAiOiJKV1Qi.eyJhdWQiOiJodHRwczov.c2lnbmF0dXJl-_"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(autouse=True)
def _own_factory() -> Iterator[None]:
    """Leave Python's logging as it was."""
    usual = logging.getLogRecordFactory()
    levels = {name: logging.getLogger(name).level for name in ("azure", "httpx", "httpcore", "aiohttp")}
    yield
    logging.setLogRecordFactory(usual)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"token {JWT} was refused", f"token {HIDDEN} was refused"),
        ("Authorization: Bearer abc123.def-456_~+/=", f"Authorization: Bearer {HIDDEN}"),
        ("bearer 0123456789", f"bearer {HIDDEN}"),
        ("'Authorization': 'SharedKey account:a1B2+/='", f"'Authorization': 'SharedKey {HIDDEN}'"),
        ("GET /c/b?sv=2024&sig=a%2Bb%3D&se=1", f"GET /c/b?sv=2024&sig={HIDDEN}&se=1"),
        ("https://x.logic.azure.com/hook?api-version=1&sp=run&sig=abcDEF", f"https://x.logic.azure.com/hook?api-version=1&sp=run&sig={HIDDEN}"),
        ("/api/tenants?code=KEY==&limit=3", f"/api/tenants?code={HIDDEN}&limit=3"),
        ("/api/tenants?limit=3&code=KEY==", f"/api/tenants?limit=3&code={HIDDEN}"),
        (f"AccountName=a;AccountKey={KEY};EndpointSuffix=x", f"AccountName=a;AccountKey={HIDDEN};EndpointSuffix=x"),
        ("SharedAccessSignature=sv=1&sig=abc", f"SharedAccessSignature=sv=1&sig={HIDDEN}"),
        ("grant_type=x&client_secret=s3cr3t&scope=y", f"grant_type=x&client_secret={HIDDEN}&scope=y"),
        (f"client_assertion={JWT}", f"client_assertion={HIDDEN}"),
        ('{"access_token":"opaque","expires_in":1}', f'{{"access_token":"{HIDDEN}","expires_in":1}}'),
        ("next=%2Fx%3Fsig%3DabcDEF%26a%3D1", f"next=%2Fx%3Fsig%3D{HIDDEN}%26a%3D1"),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden(text: str, expected: str) -> None:
    """Tokens, signatures, function keys and connection strings go; what surrounds them stays."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "error code=404 for /x",
        "design=good, assign=1",
        "Bearer of bad news",
        "the tenant 3f9d0c1e-7a44-4b7e-9c55-0d1c2b3a4e5f was scanned",
        "20261120T060000Z-0123abcd",
        "eyJ is how they begin",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    """What only resembles a secret is told."""
    assert redact(text) == text


def test_a_known_secret_is_hidden_wherever_it_stands() -> None:
    """A token that looks like nothing is hidden since we know it; one too short to be one is not taken."""
    hide("opaque-token-1", "short", None, "")

    assert redact("x opaque-token-1y short") == f"x {HIDDEN}y short"


PLAIN = st.text() | st.integers() | st.none() | st.booleans()
DATA = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@given(DATA)
def test_data_keeps_its_shape(value: object) -> None:
    """Whatever is logged comes out as data, and once redacted it does not change again."""
    once = redact_value(value)

    assert redact_value(once) == once


def test_values_under_telling_keys_are_hidden() -> None:
    """A key that says secret hides its value, however the value looks; other types become text."""
    told = redact_value({"Authorization": "x", "nested": [{"password": 7}], "path": frozenset({JWT}), "size": 3.5})

    assert told == {"Authorization": HIDDEN, "nested": [{"password": HIDDEN}], "path": [HIDDEN], "size": 3.5}


def test_our_log_lines_are_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    """An event's words, its values and its traceback are clean on stderr."""
    set_up_logs("debug")
    try:
        int(f"no {JWT}")
    except ValueError:
        structlog.get_logger("x").exception(f"sent {JWT}", header=f"Bearer {JWT}", deep={"a": [f"?sig={KEY}"]})

    told = capsys.readouterr().err
    assert ("Traceback" in told, JWT in told, KEY in told) == (True, False, False)


def test_libraries_log_lines_are_redacted() -> None:
    """Messages, arguments and tracebacks of Python's own logging are clean, whichever handler writes them."""
    stream = io.StringIO()
    handler, log = logging.StreamHandler(stream), logging.getLogger("azure.core.pipeline")
    redact_records()
    redact_records()  # again, as when a process sets its logs up twice
    log.addHandler(handler)
    try:
        log.warning("Request URL: %r, headers %s", "https://a/b?sig=abc123", {"Authorization": f"Bearer {JWT}"})
        log.warning("%d arguments that do not fit", f"Bearer {JWT}")
        try:
            int(f"AccountKey={KEY};")
        except ValueError:
            log.exception("failed")
    finally:
        log.removeHandler(handler)

    told = stream.getvalue()
    assert ("abc123" in told, JWT in told, KEY in told) == (False, False, False)
    assert "literal for int() with base 10: 'AccountKey=[hidden];'" in told


def test_the_services_logs_go_where_the_host_collects_them(caplog: pytest.LogCaptureFixture) -> None:
    """In the cloud our lines are records of Python's logging; libraries that log every request are quiet."""
    set_up_service_logs()

    with caplog.at_level(logging.INFO):
        structlog.get_logger("connectorwatch.x").info("scan stored", token="x" * 9)
        logging.getLogger("azure.core").info("Request")

    assert [record.name for record in caplog.records] == ["connectorwatch.x"]
    assert ('"event": "scan stored"' in caplog.text, "x" * 9 in caplog.text) == (True, False)


SHAPES = (
    "refresh_token={}&scope=x",
    '{{"refresh_token": "{}", "scope": "x"}}',
    '{{"id_token":"{}"}}',
    '{{"client_secret" : "{}"}}',
    "{{'client_secret': '{}'}}",
    '{{\\"client_secret\\":\\"{}\\"}}',
    "client_secret={}",
    "assertion={}&x=y",
    "Authorization: Basic {}",
    "authorization=basic {}",
    "it sent Basic {} and was refused",
    "https://user:{}@host.example/x",
    "https://{}@host.example/x",
    "smtp://someone:{}@mail.example",
    "x-functions-key: {}",
    "x-functions-key={}",
    "{{'x-functions-key': '{}'}}",
    "X-IDENTITY-HEADER: {}",
    "IDENTITY_HEADER={}",
    "MSI_SECRET={}",
    "x-ms-client-principal: {}",
    "X-MS-TOKEN-AAD-REFRESH-TOKEN: {}",
    'Cookie: AppServiceAuthSession="{}"',
    "Cookie: {}",
    '{{"password": "{}"}}',
)
"""Where secrets stand in what libraries log."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("secret", ["Pl4ntedS3cretValue", "c2VjcmV0OnBsYW50ZWQ=", "0.AXplanted-Value_1~x.y"])
def test_secrets_in_every_shape(shape: str, secret: str) -> None:
    """Whatever names a secret, the secret is gone and its name is left."""
    if "Basic" in shape and "~" in secret:
        secret = "c2VjcmV0OnBsYW50ZWQ="
    shown = redact(shape.format(secret))
    assert secret.rstrip("=") not in shown
    assert shape.partition("{}")[0].replace("{{", "{")[:4] in shown


@pytest.mark.parametrize(
    "text",
    [
        "Basic authentication is refused.",
        "the password is wrong: correct it",
        "https://host.example/a@b:c",
        "mail to ada@contoso.example",
        "no access_token came",
        "a secret of 24 bytes",
    ],
)
def test_plain_words_stay(text: str) -> None:
    """Words about secrets are no secrets."""
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Basic " * 40000,
        "://" + "a:" * 120000,
        "authorization" * 20000,
        '"id_token":"' + "\\a" * 100000,
        "client_secret=" * 20000,
        "eyJ" * 80000,
        "eyJabcd." * 30000,
        "cookie:" + " " * 200000,
        "x-ms-token-" * 20000,
    ],
    ids=lambda text: text[:12],
)
def test_long_lines_take_no_long_time(text: str) -> None:
    """Text of a quarter of a megabyte that nearly looks like a secret is done in well under the time of a scan."""
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 2
