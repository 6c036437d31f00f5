"""The command itself: what makes it impossible is a sentence and status 2, never a traceback."""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from comptoir import booth
from comptoir.processes import PROCESSES
from comptoir.scenarios import SCENARIOS
from comptoir.state import State

COMMAND = (sys.executable, "-c", "from comptoir.cli import main; main()")


def test_a_failure_is_one_sentence_with_status_2(tmp_path: Path) -> None:
    run = subprocess.run(
        [*COMMAND, "topics", "check", "--state", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"comptoir: no platform runs on {tmp_path}: start one with `comptoir up`\n"
    )


def test_a_password_is_not_taken_from_the_command_line(tmp_path: Path) -> None:
    run = subprocess.run(
        [*COMMAND, "topics", "check", "--bootstrap", "127.0.0.1:1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "--password-env" in run.stderr


def test_a_demo_of_no_preset_there_is_says_which_there_are() -> None:
    run = subprocess.run([*COMMAND, "demo", "bid-55"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert "'bid-55' is not one of" in run.stderr
    assert all(preset in run.stderr for preset in SCENARIOS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bid-54", "--all"), "one of PRESET and --all says what to hold"),
        (("--json",), "--json goes with a PRESET, or with --all"),
    ],
)
def test_a_demo_is_of_one_preset_or_of_all_and_says_so(words: tuple[str, ...], said: str) -> None:
    run = subprocess.run([*COMMAND, "demo", *words], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr


def test_a_demo_of_all_says_of_each_why_it_broke_off(place: Path) -> None:
    """A platform that answers nobody: each preset is tried, in its order, and none is verified."""
    state = State(place)
    state.lock()
    state.make_ports(f"{process.name}.1" for process in PROCESSES)
    state.remember({"replicas": [f"{process.name}.1" for process in PROCESSES]})
    run = subprocess.run(
        [*COMMAND, "demo", "--all", "--json", "--state", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    state.unlock()
    said = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 1
    assert [(each["preset"], each["verified"]) for each in said] == [
        (preset, False) for preset in SCENARIOS
    ]
    for preset in SCENARIOS:
        assert f"{preset}: Cannot connect" in run.stderr


@pytest.mark.slow
def test_up_starts_everything_and_sigterm_stops_it(place: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "up", "--quiet", "--state", str(place / "state")],
        stdout=subprocess.PIPE,
        text=True,
    ) as launcher:
        assert launcher.stdout is not None
        lines: list[str] = []
        while not lines or "passwords, logs" not in lines[-1]:
            lines.append(launcher.stdout.readline())
            assert lines[-1], lines
        found = dict(re.findall(r"^  (\S+)\.1 +(http://\S+)$", "".join(lines), re.MULTILINE))
        assert sorted(found) == sorted([*(process.name for process in PROCESSES), booth.NAME])
        for url in found.values():
            with urllib.request.urlopen(f"{url}/health/ready") as answer:
                assert answer.status == 200
        launcher.terminate()
        assert launcher.stdout.read() == "stopping\n"
    assert launcher.returncode == 0
