"""The use case: bring the release catalogue up to date from Microsoft's version history page."""

from __future__ import annotations

import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from common import http_client
from common.errors import CatalogueError
from common.files import write_whole
from common.text import visible
from policies.releases.page import read_page
from policies.releases.page_blocks import kind_of
from policies.releases.update import Update, catalogue_text, updated

if TYPE_CHECKING:
    from datetime import date

    from policies.releases.catalogue import Catalogue

HOSTS = frozenset({"learn.microsoft.com", "raw.githubusercontent.com"})
"""Where the page may be fetched from: Microsoft Learn, and its sources (MicrosoftDocs/entra-docs)."""
PAGE_LIMIT = 512 * 1024
TIMEOUT = 15.0
_REDIRECTS = 5


def update_from(catalogue: Catalogue, content: bytes, today: date) -> Update:
    """Return the catalogue brought up to date from a page, Markdown or HTML by its content.

    Raises:
        CatalogueError: The page is not UTF-8, not recognised, or contradicts what is known; see `releases_page` and
            `releases_update`.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueError("The page is not UTF-8 text: save it anew as Markdown or as HTML in UTF-8.") from error
    return updated(catalogue, read_page(text, kind_of(text)), today)


def page_content(page: str, *, allow_fetch: bool, transport: http_client.BaseTransport | None = None) -> bytes:
    """Return the bytes of a page: a local file, or an address on one of `HOSTS` where fetching is allowed.

    Raises:
        CatalogueError: It cannot be read or fetched, or is larger than 512 KiB.
    """
    if "://" not in page:
        return _file(Path(page))
    if not allow_fetch:
        raise CatalogueError(f"{page} is not fetched unless --allow-fetch says so: add it, or give a saved file.")
    return fetch(page, transport=transport)


def fetch(address: str, *, transport: http_client.BaseTransport | None = None, timeout: float = TIMEOUT) -> bytes:
    """Return what an address answers, by https from `HOSTS` only, redirects included, without any credential.

    Args:
        address: Where the page is.
        transport: Another network, for tests.
        timeout: Seconds for a connection or the next bytes, and for the whole answer.

    Raises:
        CatalogueError: The address is not one of those, or its answer is late, larger than 512 KiB or not 200.
    """
    url, ends = _allowed(address), time.monotonic() + timeout
    try:
        # Nothing packed, so that what is counted is what comes.
        with http_client.Client(
            transport=transport, timeout=timeout, headers={"Accept-Encoding": "identity"}
        ) as client:
            for _ in range(_REDIRECTS + 1):
                with client.stream("GET", url) as answer:
                    if answer.next_request is None:
                        return _whole(answer, ends)
                    url = _allowed(str(answer.next_request.url))
    except http_client.HTTPError as error:
        raise CatalogueError(
            f"{url} could not be fetched ({type(error).__name__}): try again, or save the page and give the file."
        ) from error
    raise CatalogueError(f"{address} redirects more than {_REDIRECTS} times: save the page and give the file.")


def print_update(update: Update, target: Path | None, *, force: bool) -> None:
    """Write the catalogue to a file, or else to stdout, and print on stderr what changes and what to check.

    Raises:
        CatalogueError: It cannot be written.
    """
    sentences = (*update.changes, *(f"Check: {warning}" for warning in update.warnings))
    sys.stderr.write("".join(f"{visible(sentence)}\n" for sentence in sentences or ("Nothing new but the date.",)))
    if target is None:
        sys.stdout.write(catalogue_text(update.catalogue))
        return
    write_catalogue(target, catalogue_text(update.catalogue), force=force)
    sys.stderr.write(f"Written to {target}. A policy uses it by its key `releases`.\n")


def write_catalogue(path: Path, text: str, *, force: bool) -> None:
    """Write a catalogue whole or not at all; over a file that is there only with `force`.

    Raises:
        CatalogueError: A file is there, or the folder refuses.
    """
    try:
        write_whole(path.resolve() if force else path, text.encode(), overwrite=force)
    except FileExistsError:
        raise CatalogueError(f"{path} exists and is left as it is: name another file, or add --force.") from None
    except OSError as error:
        raise CatalogueError(f"{path} cannot be written: {error.strerror}. Name another file with --to.") from error


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(PAGE_LIMIT + 1)
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}. Give the saved page or its address.") from error
    _check_size(len(content))
    return content


def _allowed(address: str) -> http_client.URL:
    try:
        url = http_client.URL(address)
    except http_client.InvalidURL:
        url = http_client.URL()
    if url.scheme != "https" or url.host not in HOSTS or url.port is not None or url.userinfo:
        raise CatalogueError(
            f"{address[:200]!r} is not fetched: only https on {' and '.join(sorted(HOSTS))} is. Save the page and give "
            "the file."
        )
    return url


def _whole(answer: http_client.Response, ends: float) -> bytes:
    if answer.status_code != HTTPStatus.OK:
        raise CatalogueError(f"{answer.url} answers {answer.status_code}: check the address.")
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        _check_size(len(content))
        if time.monotonic() > ends:
            raise CatalogueError(f"{answer.url} answers too slowly: try again, or save the page and give the file.")
    return bytes(content)


def _check_size(size: int) -> None:
    if size > PAGE_LIMIT:
        raise CatalogueError(f"The page is larger than {PAGE_LIMIT} bytes, which the version history never is.")
