"""Topics and ACLs as code, on a real broker."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it does export them
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)

from comptoir.acls import Acl
from comptoir.cli import comptoir
from comptoir.errors import LauncherError, TopicsDiffer
from comptoir.kafka import Account
from comptoir.topics import (
    Topic,
    apply,
    declared_topics,
    difference,
    milliseconds,
)

Declared = dict[str, Topic]


def test_applying_twice_changes_nothing(applied: AdminClient, declared: Declared) -> None:
    assert apply(applied, declared) == []


def test_drift_is_shown_in_sentences_and_repaired(applied: AdminClient, declared: Declared) -> None:
    change(applied, "voting.ballots", "retention.ms", "1000")
    change(applied, "voting.rounds", "min.insync.replicas", "1")
    lost = Acl("TOPIC", "voting.roll", "ledger", "READ")
    foreign = Acl("TOPIC", "voting.", "notification", "READ", pattern="PREFIXED")
    denied = Acl("TOPIC", "voting.ballots", "voting.box", "WRITE", permission="DENY")
    applied.delete_acls([lost.filter()])[lost.filter()].result(10)
    for future in applied.create_acls([foreign.binding(), denied.binding()]).values():
        future.result(10)
    shown = settled(applied, declared, lines=5)
    assert shown == [
        "topic voting.ballots: retention.ms should be -1",
        "topic voting.rounds: min.insync.replicas should be unset",
        "missing: ledger may READ on topic voting.roll",
        "not declared: notification may READ on topic voting. (prefixed)",
        "not declared: voting.box may not WRITE on topic voting.ballots",
    ]
    assert apply(applied, declared) == shown
    assert difference(applied, declared).lines() == []


def test_another_number_of_partitions_is_refused_before_anything_changes(
    applied: AdminClient, declared: Declared
) -> None:
    wider = declared["voting.ballots"].model_copy(update={"partitions": 2, "retention": "1d"})
    with pytest.raises(TopicsDiffer, match=r"voting\.ballots has 1 partitions, declared are 2"):
        apply(applied, declared | {"voting.ballots": wider})
    assert difference(applied, declared).lines() == []


def test_the_command_checks_with_status_1_and_applies(applied: AdminClient, kafka: Account) -> None:
    broker = [
        *("--bootstrap", kafka.bootstrap, "--username", kafka.username),
        *("--password-env", "SECRET"),
    ]
    runner = CliRunner(env={**os.environ, "SECRET": kafka.password})
    assert runner.invoke(comptoir, ["topics", "check", *broker]).output == "as declared\n"
    change(applied, "voting.tallies", "retention.ms", "1000")
    settled(applied, declared_topics(), lines=1)
    checked = runner.invoke(comptoir, ["topics", "check", *broker])
    expected = "topic voting.tallies: retention.ms should be 2592000000\n"
    assert (checked.exit_code, checked.output) == (1, expected)
    assert runner.invoke(comptoir, ["topics", "apply", *broker]).output == f"changed: {expected}"
    again = runner.invoke(comptoir, ["topics", "apply", *broker])
    assert (again.exit_code, again.output) == (0, "nothing to change\n")


@pytest.mark.parametrize("text", ["topics: [", "nothing: {}", "topics: {a: {partitions: 0}}", ""])
def test_a_file_that_declares_nonsense_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "topics.yaml"
    file.write_text(text)
    with pytest.raises(LauncherError, match=r"topics\.yaml"):
        declared_topics(file)


@pytest.mark.parametrize(
    ("duration", "expected"), [("forever", -1), ("1h", 3_600_000), ("14d", 1_209_600_000)]
)
def test_durations_are_read_with_their_unit(duration: str, expected: int) -> None:
    assert milliseconds(duration) == expected


@pytest.mark.parametrize("duration", ["", "h", "-1h", "1w", "1.5h"])
def test_a_duration_without_number_or_unit_is_refused(duration: str) -> None:
    with pytest.raises(LauncherError, match="neither"):
        milliseconds(duration)


def change(admin: AdminClient, topic: str, key: str, value: str) -> None:
    """Set what is not declared."""
    entry = ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(10)


def settled(admin: AdminClient, declared: Declared, lines: int) -> list[str]:
    """The difference, once the broker's copy of the metadata has caught up with the changes."""
    for _ in range(1000):
        if len(found := difference(admin, declared).lines()) == lines:
            return found
    raise AssertionError(found)
