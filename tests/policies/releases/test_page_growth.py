"""A hostile version history page costs work in proportion to its length, and raises nothing but a refusal."""

from __future__ import annotations

import cProfile
import math
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import CatalogueError
from policies.releases.page import read_page
from policies.releases.page_blocks import Block, Kind, page_text
from policies.releases.page_html import tokens
from tests.policies.releases.history_pages import blocks_of, markdown
from tests.policies.releases.history_pages import html as html_of

TIMES = 4
LINEAR = 1.15
"""The exponent of calls that still counts as linear."""
MOST_SLOWER = 2.5
"""How many times as long a character of the longer page may take; the square of the length would be four times."""
HOSTILE = {
    "comments": "<!--",
    "nearly ended comments": "<!-- -",
    "declarations": "<!doctype ",
    "marked sections": "<![CDATA[",
    "instructions": "<?a",
    "ends": "</",
    "named ends": "</a ",
    "tags": "<a ",
    "tags in quotes": '<a "',
    "half values": "<a b='",
    "values": '<a b="c"',
    "equals": "<a =",
    "blanks": "<a" + " " * 40,
    "attributes": "<a " + "b " * 5,
    "dates": '<meta name=ms.date content="',
    "scripts": "<script></scrip",
    "styles": "<style>",
    "titles": "<title></titl",
    "less": "<",
    "more": ">",
    "references": "&#1",
    "long references": "&#" + "9" * 5000 + ";",
    "headings": "<h2>Unsupported versions</h2>",
    "headings of versions": "<h2>Version 1.5.1.1</h2><p>status",
    "paragraphs": "<p>a",
    "versions": "1.5.1.1 (",
    "versions and": "1.5.1.1 (a) or",
    "digits": "1",
    "numbers": "1.",
    "days": "January 1 ",
    "only downloads": "released only download ",
    "brackets": "[",
    "links": "[a](",
    "emphasis": "em **a*",
    "quotes": "> ",
    "items": "- ",
    "backticks": "`a``",
    "references of links": "[a]: b\n",
    "lines of headings": "# Unsupported\n",
}
PLACES: dict[str, tuple[Kind, str]] = {
    "html alone": ("html", "<html><body>"),
    "below an html page": ("html", html_of(blocks_of()) + "<h2>Unsupported versions</h2><p>"),
    "markdown alone": ("markdown", ""),
    "below a markdown page": ("markdown", markdown(blocks_of()) + "\n\n## Unsupported versions\n\n"),
}


def _page(place: str, unit: str, length: int) -> str:
    return PLACES[place][1] + unit * (length // len(unit))


def _read(place: str, text: str) -> None:
    with suppress(CatalogueError):
        read_page(text, PLACES[place][0])


def _calls(place: str, text: str) -> int:
    profile = cProfile.Profile()
    profile.enable()
    _read(place, text)
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


def _seconds(place: str, text: str) -> float:
    before = time.process_time()
    _read(place, text)
    return time.process_time() - before


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_cost_linear_work(name: str, place: str) -> None:
    """Of a page made to be expensive four times as much takes about four times the calls."""
    _read(place, PLACES[place][1])
    begun = _calls(place, PLACES[place][1])
    small, large = (_calls(place, _page(place, HOSTILE[name], length)) - begun for length in (4_000, 4_000 * TIMES))

    assert large < 1000 or math.log(large / max(small, 1)) / math.log(TIMES) < LINEAR


@pytest.mark.parametrize("place", ["html alone", "below an html page"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_cost_linear_time(name: str, place: str) -> None:
    """What regular expressions do is no call, so processor time is measured as well: far from the square's."""
    small, large = 15_000, 15_000 * TIMES
    seconds = min(_seconds(place, _page(place, HOSTILE[name], large)) for _ in range(2))

    if seconds > 0.05:
        before = min(_seconds(place, _page(place, HOSTILE[name], small)) for _ in range(3))
        assert seconds / before < TIMES * MOST_SLOWER


@pytest.mark.parametrize("name", ["tags", "comments", "references of links", "marked sections"])
def test_the_largest_page_that_is_read_takes_seconds(name: str) -> None:
    """Half a MiB of hostile HTML is refused in less than five seconds of processor time; it was most of an hour."""
    assert _seconds("html alone", _page("html alone", HOSTILE[name], 512 * 1024)) < 5


@given(st.text(st.sampled_from("<>/!-?'\"= abhpsctile&#;x19[]()\n")))
def test_no_page_makes_reading_fail(text: str) -> None:
    """Whatever the letters are, the page is blocks, and no letter of a text is lost or comes twice."""
    page_text(text, "html")
    assert sum(len(token.text) for token in tokens(text)) <= len(text)


@pytest.mark.parametrize(
    ("page", "blocks"),
    [
        ("<h2>A</h2>b", [(2, "A"), (0, "b")]),
        ("<H2 id='x>y' class=\"a'b\">A<span>B</span></H2 >c", [(2, "AB"), (0, "c")]),
        ("<p title=a>b>c", [(0, "b>c")]),
        ("a<!-- <h2>no</h2> -->b", [(0, "ab")]),
        ("a<!-->b<!--->c", [(0, "abc")]),
        ("a<!-- b", [(0, "a")]),
        ("a<!doctype html>b<?php c ?>d<![CDATA[e]]>f", [(0, "abdf")]),
        ("a</>b</ c>d", [(0, "abd")]),
        ("1 < 2 <3", [(0, "1 < 2 <3")]),
        ("a<p", [(0, "a")]),
        ("a<b title='c", [(0, "a")]),
        ("<script>if (a</b>) '<h2>'</script>c", [(0, "c")]),
        ("<SCRIPT>a</scripts></Script >c", [(0, "c")]),
        ("<style>a", []),
        ("<title>a<b>c</title>d", [(0, "a<b>c"), (0, "d")]),
        ("a&amp;b &lt;p&gt; &#65;&#x42; &nope; &#" + "9" * 5000 + ";", [(0, "a&b <p> AB &nope; \ufffd")]),
        ("<template>a<p>b</template>c</template>d", [(0, "cd")]),
        ("a<br>b<br/>c", [(0, "a b c")]),
        ("<a href=/x/>b</a>", [(0, "b")]),
    ],
)
def test_what_browsers_make_of_it(page: str, blocks: list[tuple[int, str]]) -> None:
    """Blocks are those of the HTML standard's tokenization, for pages that are well formed and for others."""
    assert page_text(page, "html").blocks == tuple(Block(level, text) for level, text in blocks)


@pytest.mark.parametrize(
    ("head", "dated"),
    [
        ('<meta name="ms.date" content="2026-06-08">', "2026-06-08"),
        ("<META content='2026-06-08' NAME=ms.date />", "2026-06-08"),
        ("<meta name=ms.date name=other content=a content=b>", "a"),
        ("<meta name=ms.date content>", ""),
        ("<meta name=ms.date>", None),
        ("<meta name='ms.date", None),
        ("<meta name='other' content='a'>", None),
    ],
)
def test_the_pages_own_date(head: str, dated: str | None) -> None:
    """The date stands in a tag of the head, however it is quoted."""
    assert page_text(head, "html").dated == dated
