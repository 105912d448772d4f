"""Text that strangers chose, made safe to show: the one place where reports and the terminal get it from.

Machine names, group names and people's names come from the tenant. Whoever registers a connector chooses its name, so
a name may try to hide, to reorder what stands around it, to steer a terminal or to become a formula.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

UNSEEN = re.compile(
    "["
    "\\x00-\\x1f\\x7f-\\x9f"  # control characters, escape among them
    "\\u2028\\u2029\\ufff9-\\ufffb\\ufffe\\uffff\\ud800-\\udfff"  # line separators, annotations, no characters at all
    "\\u2800"  # a Braille pattern without dots, which looks like a space
    # The rest is Default_Ignorable_Code_Point of Unicode 16.0 (DerivedCoreProperties.txt, 2024-09-10): bidirectional
    # marks, zero-width characters, fillers, variation selectors, tags.
    "\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164"
    "\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"
    "]"
)
"""One character that a reader cannot see, or that changes how its neighbours are seen."""

_FORMULA = re.compile(r"(^|;)(?=[\s\"'`´‘’‚“”„«»‹›＂＇]*[=+\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−\t\r])")  # noqa: RUF001 - look-alikes are the point
"""Where a spreadsheet may begin to read a formula.

After a semicolon too: a spreadsheet whose locale separates by semicolons splits our cells there (Windows' list
separator is one in much of Europe), and quoting does not help, since our cells are separated by commas.
"""

_MANY = 20
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)")


def visible(text: str) -> str:
    r"""Return the text with every unseen character written as an escape, such as `\u202e` or `\x1b`.

    Doing it twice changes nothing more. Names that need invisible characters to be spelt well (some Persian and Indic
    ones, some emoji) show escapes too: two names that look alike must not be the same picture.
    """
    if text.isascii() and text.isprintable():
        return text
    return UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


@lru_cache(maxsize=4096)  # columns repeat themselves
def cell(text: str) -> str:
    """Return the text for a cell of a spreadsheet: visible, on one line, and never the beginning of a formula.

    An apostrophe stands before whatever a spreadsheet could take for a formula. Source: OWASP, "CSV Injection"
    (read 2026-11-20).
    """
    if text[:1].isalnum() and ";" not in text and text.isascii() and text.isprintable():
        return text
    return visible(_FORMULA.sub(r"\1'", text)) if text else ""


def timestamp(at: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, such as `2026-11-20T06:00:00Z`; one without a time zone is taken as UTC."""
    return _utc(at).isoformat().replace("+00:00", "Z")


def minute(at: datetime) -> str:
    """Return a moment for people, to the minute, such as `2026-11-20 06:00 UTC`."""
    return f"{_utc(at).replace(tzinfo=None).isoformat(' ', 'minutes')} UTC"


def plain(value: JsonValue, names: Mapping[str, str]) -> str:
    """Return a value of a finding's evidence as people write it; long lists are cut and say by how much.

    Ids that `names` knows become names. The result still holds the tenant's characters as they are.
    """
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case list():
            more = f" and {len(value) - _MANY} more" if len(value) > _MANY else ""
            return (", ".join(plain(item, names) for item in value[:_MANY]) or "none") + more
        case dict():
            return "; ".join(f"{words(key)}: {plain(item, names)}" for key, item in value.items()) or "none"
        case str() if _MOMENT.fullmatch(value):
            return _minute_or(value)
        case str():
            return names.get(value, value) or "empty"
        case _:
            return str(value)


def facts(evidence: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the evidence that says something: an empty list, mapping or text is left out, 0, no and unknown stay."""
    return {key: value for key, value in evidence.items() if value not in ([], {}, "")}


def words(name: str) -> str:
    """Return a name of ours, such as `expected_version`, as words."""
    return name.replace("_", " ")


def spaced(kind: str) -> str:
    """Return a kind of Graph's, such as `servicePrincipal`, as words."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()


def counted(number: int, noun: str, many: str | None = None) -> str:
    """Return a number with its noun, such as `1 finding` or `3 findings`; `many` where an s would not do."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def sentences(*parts: str | None) -> str:
    """Return the parts that say something as sentences, each with a full stop where it has no end of its own."""
    return " ".join(part if part.endswith((".", "!", "?", "…", ":")) else f"{part}." for part in parts if part)


def unless_named(name: str | None, *texts: str | None) -> str:
    """Return the name, such as a permission's, or nothing where a text shown beside it names it already."""
    return name if name and not any(name in text for text in texts if text) else ""


def _minute_or(text: str) -> str:
    """Return a moment as people write it, or the text itself where it only looks like one."""
    try:
        return minute(datetime.fromisoformat(text))
    except ValueError:
        return text


def _utc(at: datetime) -> datetime:
    """Return the moment in UTC, whatever time zone the machine is in."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
