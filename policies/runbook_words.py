"""The words that a runbook's steps take for one subject: its machine, its group, the names that its version uses."""

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
"""Which word the name of a subject is, by the subject's type; a connector's is its machine."""
_ARTICLES = {"group": "the group ", "role": "the role ", "waiver": "the waiver "}


def words_for(evidence: Evidence, subject: Subject, judgement: Judgement) -> dict[str, str]:
    """Return the words for one subject; what is not known, or not harmless, is left out."""
    facts = {**judgement.evidence, **judgement.volatile}
    words = {"minimum": harmless(str(facts["minimum"]))} if "minimum" in facts else {}
    if "removal_expected" in facts:
        words["removal_expected"] = f"on {day(datetime.fromisoformat(str(facts['removal_expected'])))}"
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
    """Return the words for a connector, as it is or as it was when it was last seen."""
    name = None if subject.name == subject.id else subject.name
    argument = quoted(name)
    words: dict[str, str | None] = {
        "machine": harmless(name),
        "history": argument and f"connectorwatch history --connector {argument}",
    }
    life = evidence.lives.connectors.get(subject.id)
    if life is None:
        return words
    version, group = parse_version(_last(life.versions)), evidence.lives.groups.get(_group_of(evidence, subject, life))
    if version is not None:
        words |= {**names_of(version), "version": f"version {'.'.join(map(str, version))}"}
    return words | _named("group", group.name if group else None)


def _group_of(evidence: Evidence, connector: Subject, life: ConnectorRecord) -> str:
    """Return the id of the one group whose list holds a connector, else of the last that was known to, else nothing."""
    try:
        holding = set(evidence.snapshot.groups_holding(ConnectorId(connector.id)))
    except NotReadError:
        holding = set()
    return holding.pop() if len(holding) == 1 else _last(life.groups) or ""


def _last(steps: Sequence[VersionChange]) -> str | None:
    return steps[-1].value if steps else None
