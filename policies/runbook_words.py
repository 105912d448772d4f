"""The words that fill a runbook's steps for one subject: machine, group, and the names used by its version."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from common.errors import NotReadError
from inventory.models import ConnectorId
from policies.releases.catalogue import parse_version
from policies.runbooks import day, harmless, names_of, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.history_records import ConnectorRecord, VersionChange
    from policies.evidence import Evidence
    from policies.rule import Judgement
    from policies.vocabulary import Subject

_NAMED_AS = {"group": "group", "principal": "who", "role": "role", "waiver": "waiver"}
"""The runbook word that a subject's name fills, by the subject's type; a connector's name fills `machine`."""
_ARTICLES = {"group": "the group ", "role": "the role ", "waiver": "the waiver "}


def words_for(evidence: Evidence, subject: Subject, judgement: Judgement) -> dict[str, str]:
    """Return the words for one subject; unknown names and names that are not harmless are left out."""
    facts = {**judgement.evidence, **judgement.volatile}
    words = {"minimum": harmless(str(facts["minimum"]))} if "minimum" in facts else {}
    if "removal_expected" in facts:
        words["removal_expected"] = f"by {day(datetime.fromisoformat(str(facts['removal_expected'])))} at the latest"
    if subject.type == "connector":
        words |= _connector(evidence, subject)
    elif subject.type in _NAMED_AS:
        words |= _named(_NAMED_AS[subject.type], subject.name)
    elif "setting" in facts:
        words |= {"entry": harmless(subject.name)}
    return {key: word for key, word in words.items() if word}


def _named(word: str, name: str | None) -> dict[str, str | None]:
    plain = harmless(name)
    return {word: plain and f"{_ARTICLES.get(word, '')}{plain}"}


def _connector(evidence: Evidence, subject: Subject) -> dict[str, str | None]:
    """Return the words for a connector, from its current or its last known data."""
    name = None if subject.name == subject.id else subject.name
    argument = quoted(name)
    words: dict[str, str | None] = {
        "machine": harmless(name),
        "history": argument and f"connectorwatch history --connector {argument}",
    }
    record = evidence.lives.connectors.get(subject.id)
    if record is None:
        return words
    version, group = (
        parse_version(_last(record.versions)),
        evidence.lives.groups.get(_group_of(evidence, subject, record)),
    )
    if version is not None:
        words |= {**names_of(version), "version": f"version {'.'.join(map(str, version))}"}
    return words | _named("group", group.name if group else None)


def _group_of(evidence: Evidence, connector: Subject, record: ConnectorRecord) -> str:
    """Return the id of the only group that lists a connector, else its last known group, else an empty string."""
    try:
        holding = set(evidence.snapshot.groups_holding(ConnectorId(connector.id)))
    except NotReadError:
        holding = set()
    return holding.pop() if len(holding) == 1 else _last(record.groups) or ""


def _last(steps: Sequence[VersionChange]) -> str | None:
    return steps[-1].value if steps else None
