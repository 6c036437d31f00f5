"""The doctor: what a machine has and lacks, in sentences."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from comptoir import machine
from comptoir.cli import comptoir
from comptoir.engine import KAFKA_IMAGE, POSTGRES_IMAGE
from comptoir.jars import locked_jars
from comptoir.places import closed_directory, default_state, make_passable


def test_a_machine_that_runs_these_tests_lacks_nothing(place: Path) -> None:
    result = CliRunner().invoke(comptoir, ["doctor", "--state", str(place / "state")])
    assert (result.exit_code, "LACKING" in result.output) == (0, False), result.output
    for word in ("Python", "disk", "memory", "files", "clock", "PostgreSQL", "jars", "openjdk"):
        assert word in result.output


def test_what_only_the_long_tests_need_does_not_count(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(place))
    result = CliRunner().invoke(comptoir, ["doctor", "--state", str(place / "state")])
    assert result.exit_code == 0, result.output
    assert "wanting for test-all: Chromium is not installed" in result.output
    assert "wanting for test-all: no Docker engine answers" in result.output
    assert "wanting for test-all: networks of namespaces lack ip and nft" in result.output
    assert "install.sh" in result.output


def test_a_browser_is_found_on_the_path(tmp_path: Path) -> None:
    assert not machine.browser(str(tmp_path)).well
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).touch(mode=0o755)
        assert machine.browser(str(tmp_path)).well
        assert machine.chromium(str(tmp_path)) == str(tmp_path / name)


def test_networks_of_namespaces_need_two_commands_and_root(tmp_path: Path) -> None:
    lacking = machine.namespaces(str(tmp_path), 1000)
    assert lacking == machine.Finding(False, "networks of namespaces lack ip and nft and root")
    for name in ("ip", "nft"):
        (tmp_path / name).touch(mode=0o755)
    assert machine.namespaces(str(tmp_path), 0).well
    assert not machine.namespaces(str(tmp_path), 1000).well


@pytest.mark.parametrize(
    ("found", "startable", "well", "sentence"),
    [
        (None, False, False, "no Docker engine answers"),
        (None, True, True, "no Docker engine answers, but one can be started"),
        ({POSTGRES_IMAGE}, True, False, f"the Docker engine has no image {KAFKA_IMAGE}"),
        (
            {POSTGRES_IMAGE, KAFKA_IMAGE},
            False,
            True,
            f"Docker has {KAFKA_IMAGE} and {POSTGRES_IMAGE}",
        ),
    ],
)
def test_an_engine_needs_both_images(
    found: set[str] | None, startable: bool, well: bool, sentence: str
) -> None:
    finding = machine.docker(None if found is None else frozenset(found), startable)
    assert finding == machine.Finding(well, sentence)


def test_another_python_is_lacking() -> None:
    assert not machine.python((3, 12, 7)).well
    assert machine.python((3, 13, 0)).well


def test_too_little_memory_is_said_with_both_figures(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 2000000 kB\nMemAvailable: 1000000 kB\n")
    finding = machine.memory(meminfo)
    assert not finding.well
    assert finding.sentence == "1.0 GB of memory are available, 2 are needed"


def test_a_clock_before_the_software_was_made_is_lacking() -> None:
    assert not machine.clock(datetime(2020, 1, 1, tzinfo=UTC)).well


def test_a_state_directory_that_is_not_made_yet_is_judged_by_its_parent(tmp_path: Path) -> None:
    assert machine.writable("state", tmp_path / "a" / "b").well
    assert not machine.writable("state", Path("/proc/a/b")).well


def test_bad_jars_are_lacking_and_the_other_findings_go_on(place: Path) -> None:
    cache = place / "cache"
    (cache / "jars" / "jars").mkdir(parents=True)
    for name in locked_jars():
        (cache / "jars" / "jars" / name).touch()
    *before, jars = machine.findings(place / "state", cache)
    assert all(finding.well for finding in before)
    assert not jars.well
    assert "kafka_2.13-4.3.1.jar" in jars.sentence


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL is another user's")
def test_a_directory_that_nobody_can_enter_is_lacking_by_name(tmp_path: Path) -> None:
    closed = closed_directory(tmp_path)
    assert closed is not None  # pytest's own
    finding = machine.passable(tmp_path / "state")
    assert not finding.well
    assert str(closed) in finding.sentence


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL is another user's")
def test_root_keeps_its_state_elsewhere_when_nobody_cannot_enter_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not default_state().is_relative_to(tmp_path)


def test_the_state_is_kept_here_where_everybody_can_enter(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    assert default_state() == place / ".comptoir" / "state"


def test_directories_that_are_made_can_be_passed_through(place: Path) -> None:
    make_passable(place / "a" / "b")
    assert closed_directory(place / "a" / "b") is None or os.geteuid() != 0
