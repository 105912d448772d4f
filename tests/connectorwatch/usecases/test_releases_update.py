"""`releases --from` brings the catalogue up to date from a saved page or an allowed address, and writes it whole."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from common import http_client
from common.errors import CatalogueError
from connectorwatch.__main__ import main
from connectorwatch.usecases.releases_update import PAGE_LIMIT, fetch, page_content, update_from, write_catalogue
from policies.releases.catalogue import load_catalogue
from tests.policies.releases.history_pages import BUILT_IN, LISTED, blocks_of, html, markdown, newer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LEARN = "https://learn.microsoft.com/en-us/entra/history"
NEW = newer(released=LISTED[0].released, channel="auto_upgrade")
PAGE = markdown(blocks_of([NEW, *LISTED]))


class Network(http_client.BaseTransport):
    """A network that answers by a function, and remembers who was asked."""

    def __init__(self, answer: Callable[[http_client.Request], http_client.Response]) -> None:
        """Take the function."""
        self.answer = answer
        self.asked: list[http_client.Request] = []

    def handle_request(self, request: http_client.Request) -> http_client.Response:
        """See http_client.BaseTransport."""
        self.asked.append(request)
        return self.answer(request)


class Slow(http_client.SyncByteStream):
    """A body that comes byte by byte, late."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield a byte now and then."""
        for _ in range(3):
            time.sleep(0.02)
            yield b"x"


def answering(status: int = 200, content: bytes = b"", **headers: str) -> Network:
    """Return a network that always answers the same."""
    return Network(lambda _: http_client.Response(status, content=content, headers=headers))


def moving(**moves: str) -> Network:
    """Return a network that redirects by the last part of the path, and else answers with it."""

    def answer(request: http_client.Request) -> http_client.Response:
        name = request.url.path.rpartition("/")[2]
        if name in moves:
            return http_client.Response(301, headers={"Location": moves[name]})
        return http_client.Response(200, text=name)

    return Network(answer)


def refused(address: str, network: Network, timeout: float = 5) -> str:
    """Return why an address is refused."""
    with pytest.raises(CatalogueError) as caught:
        fetch(address, transport=network, timeout=timeout)
    return str(caught.value)


def run(*options: str) -> Result:
    """Run the command, with no policy in the environment."""
    return CliRunner(env={"CONNECTORWATCH_POLICY": None}).invoke(main, ["releases", *options])


@pytest.mark.parametrize("page", [PAGE, html(blocks_of([NEW, *LISTED]))], ids=["Markdown", "HTML"])
def test_to_stdout(tmp_path: Path, page: str) -> None:
    """Without --to the catalogue alone is on stdout, and what changes is on stderr."""
    (tmp_path / "page").write_text("\ufeff" + page, encoding="utf-8")
    result = run("--from", str(tmp_path / "page"))

    assert result.exit_code == 0
    assert load_catalogue(result.stdout, "stdout").releases == (NEW, *BUILT_IN.releases)
    assert result.stderr.startswith("1.5.5000.0 is new: released 2026-06-08, channel auto_upgrade.")


def test_to_a_file(tmp_path: Path) -> None:
    """With --to the catalogue is in the file, and a file that is there stays unless --force says otherwise."""
    page, target = tmp_path / "page.md", tmp_path / "mine.yaml"
    page.write_text(PAGE, encoding="utf-8")
    options = ("--from", str(page), "--to", str(target))
    first = run(*options)
    target.write_bytes(before := target.read_bytes() + b"# mine\n")
    second = run(*options)

    assert (first.exit_code, first.stdout) == (0, "")
    assert f"Written to {target}." in first.stderr
    assert load_catalogue(before, "file").newest() == NEW
    assert (second.exit_code, target.read_bytes()) == (1, before)
    assert "exists and is left as it is: name another file, or add --force." in second.stderr
    assert run(*options, "--force").exit_code == 0
    assert b"# mine" not in target.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.yaml", "page.md"]


def test_nothing_new_and_warnings(tmp_path: Path) -> None:
    """A page with nothing new says so, and warnings stand beside what changes."""
    (tmp_path / "same.md").write_text(markdown(blocks_of()), encoding="utf-8")
    (tmp_path / "undated.md").write_text(markdown(blocks_of(), None), encoding="utf-8")

    assert run("--from", str(tmp_path / "same.md")).stderr == "Nothing new but the date.\n"
    assert run("--from", str(tmp_path / "undated.md")).stderr == (
        "Check: The page does not say when it was last revised (ms.date).\n"
    )


def test_refused_page_writes_nothing(tmp_path: Path) -> None:
    """A page that is not recognised leaves no file and no output."""
    (tmp_path / "page.md").write_text("# Another page\n", encoding="utf-8")
    result = run("--from", str(tmp_path / "page.md"), "--to", str(tmp_path / "mine.yaml"))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "connectorwatch: The version history page is refused: it has 0 headings" in result.stderr
    assert not (tmp_path / "mine.yaml").exists()


@pytest.mark.parametrize(
    "options",
    [("--to", "x"), ("--allow-fetch",), ("--force",), ("--from", "x", "--json")],
    ids=["--to alone", "--allow-fetch alone", "--force alone", "--json with --from"],
)
def test_wrong_usage(options: tuple[str, ...]) -> None:
    """Options that mean nothing together are wrong usage."""
    assert run(*options).exit_code == 2


def test_page_in_another_encoding() -> None:
    """A page that is not UTF-8 is refused."""
    with pytest.raises(CatalogueError, match="The page is not UTF-8 text"):
        update_from(BUILT_IN, PAGE.encode("utf-16"), BUILT_IN.revised)


def test_page_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is not there, or too large, is refused."""
    (tmp_path / "large").write_bytes(b" " * (PAGE_LIMIT + 1))

    with pytest.raises(CatalogueError, match=r"No such file or directory\. Give the saved page or its address"):
        page_content(str(tmp_path / "none"), allow_fetch=False)
    with pytest.raises(CatalogueError, match="larger than 524288 bytes"):
        page_content(str(tmp_path / "large"), allow_fetch=False)


def test_fetching_has_to_be_allowed() -> None:
    """An address is asked only with --allow-fetch."""
    network = answering(content=b"page")

    with pytest.raises(CatalogueError, match="is not fetched unless --allow-fetch says so"):
        page_content(LEARN, allow_fetch=False, transport=network)
    assert network.asked == []
    assert page_content(LEARN, allow_fetch=True, transport=network) == b"page"


@pytest.mark.parametrize(
    "address",
    [
        "http://learn.microsoft.com/x",
        "https://learn.microsoft.com.example/x",
        "https://learn.microsoft.com:8443/x",
        "https://me@learn.microsoft.com/x",
        "https://me@127.0.0.1/x",
        "file:///etc/passwd",
        "https://[x",
        "https://learn.microsoft.com:x/",
        "://",
    ],
)
def test_other_addresses(address: str) -> None:
    """Nobody is asked but Microsoft Learn and GitHub's files, by https, without a name or a port."""
    network = answering()

    assert "is not fetched: only https on learn.microsoft.com and raw.githubusercontent.com is." in refused(
        address, network
    )
    assert network.asked == []


def test_redirects() -> None:
    """A redirect among the allowed hosts is followed, at most five times."""
    moves = {"a": "/b", "b": "https://raw.githubusercontent.com/c", "circle": "/circle"}

    assert fetch("https://learn.microsoft.com/a", transport=moving(**moves)) == b"c"
    assert "redirects more than 5 times" in refused("https://learn.microsoft.com/circle", network := moving(**moves))
    assert len(network.asked) == 6


def test_redirect_to_another_host() -> None:
    """A redirect to another host, or to http, is not followed."""
    network = moving(a="https://example.com/b", c="http://learn.microsoft.com/d")

    assert "'https://example.com/b' is not fetched" in refused("https://learn.microsoft.com/a", network)
    assert "'http://learn.microsoft.com/d' is not fetched" in refused("https://learn.microsoft.com/c", network)
    assert [request.url.host for request in network.asked] == ["learn.microsoft.com"] * 2


def test_answers_that_are_no_page() -> None:
    """An error, a body that is too large or too slow, and no answer at all are refused."""

    def down(request: http_client.Request) -> http_client.Response:
        raise http_client.ConnectError("down", request=request)

    slow = Network(lambda _: http_client.Response(200, stream=Slow()))

    assert refused(LEARN, answering(404)) == f"{LEARN} answers 404: check the address."
    assert "larger than 524288 bytes" in refused(LEARN, answering(content=b" " * (PAGE_LIMIT + 1)))
    assert "answers too slowly" in refused(LEARN, slow, timeout=0.01)
    assert "could not be fetched (ConnectError): try again" in refused(LEARN, Network(down))


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    """A catalogue that cannot be written is told, with or without --force."""
    for force in (False, True):
        with pytest.raises(CatalogueError, match="cannot be written: No such file or directory"):
            write_catalogue(tmp_path / "none" / "mine.yaml", "", force=force)


def test_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """A folder is not overwritten, and nothing is left beside it."""
    (tmp_path / "mine.yaml").mkdir()
    with pytest.raises(CatalogueError, match="cannot be written"):
        write_catalogue(tmp_path / "mine.yaml", "", force=True)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_link_to_a_catalogue_stays_a_link(tmp_path: Path) -> None:
    """With `force` the file that a link points to is replaced, with its permissions, and the link stays."""
    target, link = tmp_path / "catalogue.json", tmp_path / "link.json"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_catalogue(link, "new", force=True)
    assert (link.is_symlink(), target.read_text(), target.stat().st_mode & 0o777) == (True, "new", 0o640)
