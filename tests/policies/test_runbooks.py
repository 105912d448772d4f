"""Runbooks: steps for anybody, steps for one subject, and names that can do no harm in either."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.evaluate import evaluate
from policies.rules.waivers import POL001
from policies.runbooks import GENERIC, NEW_NAMES, OLD_NAMES, Runbook, harmless, names_of, quoted
from tests.examples import examples
from tests.making import TENANT, application, connector, evidence, group, holds, snapshot, without
from tests.people import grant, user
from tests.people import role as role_of
from tests.policies.judging import verdicts
from tests.policies.policy_file.waiving import entry
from tests.policies.registration.directory import tenant
from tests.policies.snapshots import seen_on, verdicts_of
from tests.policies.test_evaluate import rule

HOSTILE = [
    "PAR01'; Remove-Item C:\\ -Recurse #",
    "PAR01\u2019; calc; \u2018",
    "PAR01`$(calc)",
    "$(calc)",
    "-ComputerName",
    "PAR01\nStart-Process calc",
    "PAR01\r",
    "PAR01|calc",
    "PAR01 & calc",
    "{machine}",
    "{0.__class__}",
    "<script>",
    "[a](https://evil.example)",
    "PAR\u202e10",
    "PAR01\u200b",
    "PAR\u3164",
    "\u05d0\u05d1\u05d2",
    "PAR01\x1b[2J",
    "PAR01\x00",
    "https://evil.example/",
    "evil.example\\share",
    "%COMSPEC%",
    " PAR01",
    "PAR01 ",
    "PAR  01",
    "*",
    "",
    "A" * 256,
    None,
]
PLAIN = ["PAR01", "par01.contoso.example", "Zürich-1", "東京01", "O'Brien", "Paris (old), 2", "1", "A" * 255]


@pytest.mark.parametrize("name", PLAIN)
def test_plain_names(name: str) -> None:
    """Names as people give them are filled in as they are, and stand in a command as one argument."""
    assert harmless(name) == name
    assert quoted(name) == "'" + name.replace("'", "''") + "'"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str | None) -> None:
    """A name that a shell, Markdown, HTML or the eye could take for more than a name is not filled in."""
    assert harmless(name) is None
    assert quoted(name) is None


@settings(deadline=None, max_examples=examples(300))
@given(st.text(max_size=12) | st.text("PAR01'`$;|&\n-. \u2019\u202e", max_size=8))
def test_a_quoted_name_is_one_argument(name: str) -> None:
    """Whatever the name, what stands in a command is a single-quoted text that ends where it should, or nothing."""
    argument = quoted(name)

    assert argument is None or re.fullmatch(r"'([^'\u2018-\u201b`$<>|&;\s]|''| )+'", argument)
    assert argument is None or not any(
        unicodedata.category(character)[0] in "CZ" for character in name if character != " "
    )


def test_steps_with_words() -> None:
    """A step takes the words that are known, and says the rest in general; a text in a word stays a text."""
    book = Runbook("Mend it.", ("On {machine}, read {channel}.", "Wait."))

    assert book.filled({"machine": "{group}"}) == (f"On {{group}}, read {GENERIC['channel']}.", "Wait.")
    assert book.generic == (f"On the connector's server, read {GENERIC['channel']}.", "Wait.")


def test_an_unknown_word_is_a_defect() -> None:
    """A step with a word that nobody fills in cannot be told."""
    with pytest.raises(KeyError, match="nobody"):
        _ = Runbook("Mend it.", ("Ask {nobody}.",)).generic


@pytest.mark.parametrize(
    ("version", "names"),
    [((1, 5, 3828, 9), OLD_NAMES), ((1, 5, 3829, 0), NEW_NAMES), ((9, 0, 0, 0), NEW_NAMES), (None, NEW_NAMES)],
)
def test_names_by_version(version: tuple[int, ...] | None, names: dict[str, str]) -> None:
    """Services, channels and commands have their new names from 1.5.3829.0 on, and where no version is known."""
    assert names_of(version) == names
    assert OLD_NAMES.keys() == NEW_NAMES.keys()


def down(name: str | None = "PAR02", version: str | None = "1.5.3437.0", place: str = "Paris") -> tuple[str, ...]:
    """Return the steps for an inactive connector."""
    seen = snapshot({group(place): holds(connector(name, key="c", version=version, status="inactive"))})
    return verdicts("CON001", evidence(seen))["c"].steps


def test_an_inactive_connector() -> None:
    """Its steps name its machine, its group, the day of its removal and the names that its version uses."""
    steps = down()

    assert steps[0].startswith("On PAR02, see whether both services run: `Get-Service WAPCSvc, WAPCUpdaterSvc`.")
    assert "`Get-WinEvent -LogName 'Microsoft-AadApplicationProxy-Connector/Admin' -MaxEvents 20`" in steps[1]
    assert "`Import-Module AppProxyPSModule; Register-AppProxyConnector`" in steps[2]
    assert "move it into the group Paris" in steps[3]
    assert steps[4].endswith("It leaves the list 10 days after it fell silent, by 30 November 2026 at the latest.")
    assert down(version="1.5.4522.0")[1] == down(version=None)[1] != steps[1]


def test_a_name_that_could_do_harm() -> None:
    """A hostile machine or group is told in general, as is a machine without a name; the rest is filled in."""
    assert down("PAR02`; calc", place="<b>Paris") == down(None, place="{machine}")
    assert down("PAR02`; calc")[0].startswith("On the connector's server, ")
    assert "PAR02" not in "".join(down("PAR02`; calc"))


def test_a_vanished_connector() -> None:
    """What is remembered of a connector that is gone stands in its steps, with a command about its past."""
    anna = connector("O'Brien", key="gone", version="1.5.3437.0")
    both, one = snapshot({group(): holds(anna, connector())}), snapshot({group(): holds(connector())})
    steps = verdicts_of("CON002", seen_on(both, one))["gone"].steps

    assert steps[0] == "Look at what is remembered of it: `connectorwatch history --connector 'O''Brien'`."
    assert steps[1].startswith("Ask whoever runs O'Brien ")
    assert "Register-AppProxyConnector" in steps[2]
    assert steps[4].startswith("Move the new entry into the group Paris")


def test_a_connector_on_the_move() -> None:
    """Where a connector stands in two groups' lists, or nobody could read them, its steps name the last group known."""
    moving = connector(status="inactive")
    here, both = snapshot({group(): holds(moving)}), snapshot({group(): holds(moving), group("Lyon"): holds(moving)})
    unsure = without(here, f"connector_groups/{group().id}/members")

    assert "the group Paris" in verdicts_of("CON001", seen_on(here, both))[moving.id].steps[3]
    assert "the group Paris" in verdicts_of("CON001", seen_on(here, unsure))[moving.id].steps[3]
    assert "the connector group" in verdicts("CON001", evidence(unsure))[moving.id].steps[3]


def test_a_subject_that_was_never_remembered() -> None:
    """A rule may name a connector that nobody saw; its steps then say no more than its name."""
    (verdict,) = evaluate(evidence(), [replace(rule("f"), runbook=Runbook("Mend it.", ("See {machine} in {group}.",)))])

    assert verdict.steps == ("See F in the connector group.",)


def test_versions_of_the_finding() -> None:
    """The lowest version that will do comes from the finding's evidence, the old one from the connector."""
    quick = application(kind="quickaccessapp")
    steps = verdicts("VER002", evidence(snapshot({group(): holds(connector(version="1.5.1.0"), apps=[quick])})))

    assert "Otherwise update it; any version from 1.5.3417.0 on will do." in steps["id-PAR01"].steps
    assert "On PAR01, run the installer over version 1.5.1.0." in steps["id-PAR01"].steps


def test_groups_people_roles_and_waivers() -> None:
    """Other subjects stand in their steps by name, too."""
    ann, custom = user("Ann"), role_of("Operators", built_in=False)
    seen = tenant(ann, active=[grant(ann, custom)], roles=[custom])
    policy = {"waivers": [entry(until=None)], "groups": {"Lab": {}}}
    judged, paris = evidence(seen, policy=policy), evidence(snapshot({group(): holds(), group("Not empty"): holds()}))

    assert "Ask its owner what the group Paris was made for." in verdicts("GRP004", paris)["id-Paris"].steps
    assert "assignment of the same role for Ann." in verdicts("REG005", judged)["id-Ann"].steps[0]
    assert "Ask who made the role Operators and what for." in verdicts("REG009", judged)[custom.id].steps
    (waived,) = evaluate(judged, [POL001])
    assert waived.steps[0].startswith("Look at the failure that the waiver w1 covers")
    assert verdicts("POL003", judged)["groups:Lab"].steps[0] == "Compare Lab with the report's tables."


def test_only_failures_have_steps_of_their_own() -> None:
    """What passes, does not apply or could not be judged has none, nor has a failure in which nothing differs."""
    seen = snapshot({group(): holds(connector())})

    assert verdicts("CON001", evidence(seen))["id-PAR01"].steps == ()
    assert verdicts("CON001", evidence(without(seen, "connectors")))[TENANT].steps == ()
    assert verdicts("REG002", evidence(seen))[TENANT].steps == ()


def test_the_remedy_is_the_same_for_all() -> None:
    """However the subjects differ, their remediation is one, so that reports can tell it once."""
    seen = snapshot({group(): holds(*(connector(name, status="off") for name in ("PAR01", "PAR02")))})
    one, two = verdicts("CON001", evidence(seen)).values()

    assert one.remediation == two.remediation
    assert one.steps != two.steps
