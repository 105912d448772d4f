"""The commands around a scan: what they print, which exit codes they leave with, and how they end when told to stop."""

from __future__ import annotations

import gzip
import json
import shlex
import signal
import time
from contextlib import ExitStack, redirect_stdout, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from connectorwatch.__main__ import main
from policies.rules import RULE_IDS
from simulator import Fault, FaultKind, Simulator
from tests.e2e.commands import Ran, end, run, scan, start, wait_for
from tests.e2e.running import POLICY, environment, stored, tenant_file

CLEAN = tenant_file("clean")
NAMED = Path(__file__).with_name("named.yaml")
SEVERITIES = ("info", "low", "medium", "high", "critical")
FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def contoso(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    """Scan Contoso, print its result as JSON, and return that and the store."""
    out = tmp_path_factory.mktemp("contoso")
    with Simulator(tenant_file("contoso")).in_thread() as simulator:
        return run(*scan(out, POLICY, "--json"), settings=environment(simulator)), out


def evidence_in(out: Path) -> str:
    """Return the path of the only evidence in a store."""
    (path,) = out.rglob("evidence.json.gz")
    return str(path)


def said(text: str) -> dict[str, tuple[str, str]]:
    """Return the outcome and the message of each verdict of a findings.json."""
    return {verdict["key"]: (verdict["outcome"], verdict["message"]) for verdict in json.loads(text)["verdicts"]}


def test_json_is_all_there_is_on_stdout(contoso: tuple[Ran, Path]) -> None:
    """It is the stored findings.json to the byte, and progress goes to stderr."""
    ran, out = contoso
    (path,) = out.rglob("scans/*/findings.json")
    assert ran.stdout.encode() == path.read_bytes()
    assert ran.stderr.splitlines()[0].endswith(": read")
    assert ran.code == 3


def test_evidence_judged_again_gives_its_scans_verdicts(contoso: tuple[Ran, Path]) -> None:
    """The same verdicts, the same exit code, and twice the same bytes."""
    ran, out = contoso
    first, second = [run("evaluate", evidence_in(out), "--json") for _ in range(2)]
    assert first == second
    assert first.code == 3
    assert said(first.stdout) == said(ran.stdout)


def test_evidence_judged_by_another_policy_gives_other_verdicts(contoso: tuple[Ran, Path]) -> None:
    """Who is expected is asked of the policy given, not of the one in the evidence."""
    ran, out = contoso
    other = run("evaluate", evidence_in(out), "--json", "--policy", str(NAMED))
    assert said(other.stdout) != said(ran.stdout)
    ada = f"REG001/{tenant_file('contoso').guid('user', 'ada')}"
    assert said(other.stdout)[ada][0] == "pass"
    assert ada not in said(ran.stdout)


def test_contoso_fails_at_any_severity_asked_for(contoso: tuple[Ran, Path]) -> None:
    """A group without any active connector is critical."""
    assert run("evaluate", evidence_in(contoso[1]), "--fail-on", "critical").code == 3


def test_a_milder_failure_than_asked_for_is_none(tmp_path: Path) -> None:
    """In the clean tenant the repository's policy names a group that is not there, which is low."""
    with Simulator(CLEAN).in_thread() as simulator:
        assert run(*scan(tmp_path, POLICY), settings=environment(simulator)).code == 3
    codes = {severity: run("evaluate", evidence_in(tmp_path), "--fail-on", severity).code for severity in SEVERITIES}
    assert codes == {"info": 3, "low": 3, "medium": 0, "high": 0, "critical": 0}


def test_rules_lists_them_all() -> None:
    """Each rule has a line with its id."""
    assert {line.split(" ")[0] for line in run("rules").stdout.splitlines()} >= RULE_IDS


def test_one_rule_is_explained() -> None:
    """Its title, what steers it and what to do."""
    ran = run("rules", "GRP001")
    assert ran.code == 0
    assert "Connector group has enough active connectors" in ran.stdout
    assert "min_active_connectors" in ran.stdout


def test_a_rule_that_does_not_exist_is_told() -> None:
    """The sentence says how to see those that do."""
    assert run("rules", "nonsense") == (1, "", "connectorwatch: There is no rule 'nonsense'. `rules` lists all.\n")


@pytest.mark.slow
def test_a_simulated_graph_is_served_until_interrupted(policy: Path, tmp_path: Path) -> None:
    """It prints the settings that scan it, and ends quietly on Ctrl-C."""
    with start("simulate", "--tenant", "simulator/tenants/clean.yaml") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        settings = dict(shlex.split(line)[1].split("=", 1) for line in lines[1:4])
        scanned = run(*scan(tmp_path, policy), settings=settings)
        administrator = dict([shlex.split(lines[5].removeprefix("# "))[1].split("=", 1)])
        unknown = run("grant", "--principal", "nobody", "--dry-run", settings=settings | administrator)
        process.send_signal(signal.SIGINT)
        assert scanned.code == 0
        assert "permission" not in unknown.stderr
        assert end(process) == (0, "", "stopped\n")


@pytest.mark.slow
def test_a_scan_that_is_stopped_ends_promptly_and_stores_nothing_by_halves(policy: Path, tmp_path: Path) -> None:
    """Ctrl-C and a termination both end a scan that Graph keeps waiting."""
    hanging = Fault(path="/onPremisesPublishingProfiles/applicationProxy/connectors", kind=FaultKind.HANG, seconds=60)
    with Simulator(CLEAN, faults=[hanging]).in_thread() as simulator, ExitStack() as stack:
        ways = {signal.SIGINT: tmp_path / "interrupted", signal.SIGTERM: tmp_path / "terminated"}
        started = {
            way: stack.enter_context(start(*scan(out, policy), settings=environment(simulator)))
            for way, out in ways.items()
        }
        wait_for(simulator, hung=len(started))
        at = time.monotonic()
        ended = {}
        for way, process in started.items():
            process.send_signal(way)
            ended[way] = end(process)
        assert time.monotonic() - at < 5
    assert ended[signal.SIGINT].code == 130
    assert ended[signal.SIGTERM].code == -signal.SIGTERM
    assert "connectorwatch: interrupted." in ended[signal.SIGINT].stderr
    assert [ran.stdout for ran in ended.values()] == ["", ""]
    assert ["Traceback" in ran.stderr for ran in ended.values()] == [False, False]
    assert [stored(out) for out in ways.values()] == [{}, {}]


@pytest.mark.slow
def test_the_token_is_shown_nowhere(policy: Path, tmp_path: Path) -> None:
    """Not in what is printed or logged, however much is logged, and not in anything that is stored."""
    with Simulator(CLEAN).in_thread() as simulator:
        settings = environment(simulator)
        with start("--log-level", "debug", *scan(tmp_path, policy), settings=settings) as process:
            ran = end(process)
    files = stored(tmp_path)
    whole = [gzip.decompress(content) if name.endswith(".gz") else content for name, content in files.items()]
    shown = b"\n".join([ran.stdout.encode(), ran.stderr.encode(), *whole])
    assert ran.code == 0
    assert b"graph request" in shown
    assert [part for part in simulator.token.split(".") if part and part.encode() in shown] == []


def test_a_terminal_that_lacks_letters_gets_others(contoso: tuple[Ran, Path]) -> None:
    """What cannot be written there is written as an escape, not left out and no reason to stop."""
    result = CliRunner(charset="ascii").invoke(main, ["evaluate", evidence_in(contoso[1])], catch_exceptions=False)
    assert result.exit_code == 3
    assert "2 \\xd7 1.5.4287.0" in result.stdout


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_full_disk_behind_stdout_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence says so, and the exit code is that of what could not be done."""
    with suppress(OSError), FULL.open("w") as full, redirect_stdout(full), pytest.raises(SystemExit) as ended:
        main(["rules"])
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("connectorwatch: the output cannot be written: No space left on device")
