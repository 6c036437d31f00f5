"""Every principal tries every topic: the broker refuses what is not declared, and only that."""

import base64
from collections.abc import Callable

import pytest

from comptoir.kafka import Account
from comptoir.processes import PROCESSES, principals
from comptoir.topics import Topic, declared_acls
from comptoir.topics import principals as named_principals
from tests.deploy.probes import readable, writable

MIB = 1024 * 1024
As = Callable[[str], Account]
Declared = dict[str, Topic]


@pytest.fixture(scope="module")
def written(as_principal: As, declared: Declared) -> Account:
    """A broker where each topic has a record to be read."""
    admin = as_principal("admin")
    assert writable(admin, declared) == declared.keys()
    return admin


@pytest.mark.parametrize("principal", principals())
def test_the_broker_takes_a_principals_records_on_its_own_topics_and_on_no_other(
    principal: str, as_principal: As, declared: Declared
) -> None:
    permitted = {name for name, topic in declared.items() if principal in topic.writes}
    assert writable(as_principal(principal), declared) == permitted


@pytest.mark.parametrize("principal", principals())
async def test_the_broker_gives_a_principal_the_topics_it_reads_and_no_other(
    principal: str, as_principal: As, declared: Declared, written: Account
) -> None:
    permitted = {name for name, topic in declared.items() if principal in topic.reads}
    assert await readable(as_principal(principal), declared) == permitted


def test_a_dead_letter_holds_a_record_of_the_largest_size_in_base64(
    as_principal: As, declared: Declared
) -> None:
    largest = base64.b64encode(bytes(MIB))
    producer = as_principal("ledger")
    assert writable(producer, ["voting.ballots.dead"], largest) == {"voting.ballots.dead"}


# What follows says of the table what no mistake in it may change.


def test_the_table_names_every_principal_and_nobody_else(declared: Declared) -> None:
    assert named_principals(declared) == set(principals())


def test_no_principal_may_join_a_consumer_group(declared: Declared) -> None:
    assert {acl.kind for acl in declared_acls(declared)} == {"TOPIC", "BROKER"}


def test_the_ledger_reads_what_is_ledgered_and_the_words_behind_it(declared: Declared) -> None:
    for name, topic in declared.items():
        ledgered = topic.ledgered is True
        assert ("ledger" in topic.reads) == (ledgered or name == "submission.texts"), name


def test_a_ledgered_topic_keeps_everything(declared: Declared) -> None:
    for topic in declared.values():
        if topic.ledgered is True:
            config = topic.config()
            assert (config["cleanup.policy"], config["retention.ms"]) == ("delete", "-1")


def test_each_topic_is_written_by_its_own_service_alone(declared: Declared) -> None:
    for name, topic in declared.items():
        service = name.partition(".")[0]
        if not name.endswith(".dead") and service != "private":
            assert {writer.partition(".")[0] for writer in topic.writes} == {service}, name


def test_only_the_box_writes_ballots_and_it_writes_nothing_else(declared: Declared) -> None:
    assert declared["voting.ballots"].writes == ("voting.box",)
    assert {n for n, t in declared.items() if "voting.box" in t.writes} == {
        "voting.ballots",
        "voting.rounds.dead",
        "voting.administration.dead",
        "ledger.checkpoints.dead",
    }


def test_neither_roll_nor_notification_sees_what_was_voted(declared: Declared) -> None:
    for name in ("voting.ballots", "voting.openings", "voting.paper"):
        assert not {"voting.roll", "notification", "submission"} & set(declared[name].reads)


def test_only_notification_reads_contacts_and_they_are_gone_after_a_day(
    declared: Declared,
) -> None:
    contacts, dead = declared["private.contacts"], declared["private.contacts.dead"]
    assert contacts.reads == dead.writes == ("notification",)
    assert contacts.config()["retention.ms"] == dead.config()["retention.ms"] == "86400000"


def test_dead_letters_are_written_by_the_readers_and_read_by_the_operator(
    declared: Declared,
) -> None:
    for name, topic in declared.items():
        readers = set(topic.reads) - {"dashboard"}
        if readers and not name.endswith(".dead"):
            dead = declared[f"{name}.dead"]
            assert (set(dead.writes), dead.reads) == (readers, ("operator",))


def test_dashboard_and_operator_write_nothing(declared: Declared) -> None:
    assert not any({"dashboard", "operator"} & set(topic.writes) for topic in declared.values())


def test_every_process_with_a_principal_publishes_or_consumes(declared: Declared) -> None:
    busy = named_principals(declared)
    assert all(process.name in busy for process in PROCESSES if process.has_principal)
